import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBytes, decodeExpression, escapeProblem, keepBackslashes } from './escapes.ts';

const anyText = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom('\\', 'r', 'n', '"', '.', 'd', 'x', '4', 'f', '\n', '💡')).map((all) => all.join('')),
);
const decoded = (text: string): string => decodeBytes(text).toString();

test.each([
  [String.raw`GET / HTTP/1.0\r\n\r\n`, 'GET / HTTP/1.0\r\n\r\n'],
  [String.raw`\\ \t \' \"`, `\\ \t ' "`],
  [String.raw`200 \\d+ a\\.b`, String.raw`200 \d+ a\.b`],
  [String.raw`\\n`, String.raw`\n`],
  [String.raw`\\\n`, '\\\n'],
  [String.raw`\\x41`, String.raw`\x41`],
  ['Grüße 💡', 'Grüße 💡'],
  ['', ''],
])('%j means %j, as text and as an expression, and nothing is wrong with it', (written, meant) => {
  expect(decoded(written)).toBe(meant);
  expect(decodeExpression(written)).toBe(meant);
  expect(escapeProblem(written)).toBeUndefined();
});

test.each([
  [String.raw`\x41b`, [0x41, 0x62]],
  [String.raw`\x00\xFF\xfe`, [0, 0xff, 0xfe]],
  [String.raw`ü\xfc`, [0xc3, 0xbc, 0xfc]],
  [String.raw`\x000`, [0, 0x30]],
])('%j is those bytes: %j', (written, bytes) => {
  expect([...decodeBytes(written)]).toEqual(bytes);
  expect(escapeProblem(written)).toBeUndefined();
  // The expression's own engine reads it.
  expect(decodeExpression(written)).toBe(written);
});

test.each([
  [String.raw`200 \d`, 4, String.raw`unknown escape \d`],
  [String.raw`\X41`, 0, String.raw`unknown escape \X`],
  [String.raw`a\x4`, 1, String.raw`\x needs two hexadecimal digits`],
  [String.raw`\\\xg0`, 2, String.raw`\x needs two hexadecimal digits`],
  ['end\\', 3, 'a backslash at the end of the text stands for nothing'],
  ['💡\\é', 2, 'unknown escape: a backslash and no letter after it'],
  ['\\\n', 0, 'unknown escape: a backslash and no letter after it'],
])('%j: what is wrong, and where; a check that runs keeps it as it is', (written, at, problem) => {
  expect(escapeProblem(written)).toEqual({ at, problem });
  expect(decoded(written).endsWith(written.slice(at))).toBe(true);
});

test('text never grows, and without a backslash it stays as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(decodeBytes(text).length).toBeLessThanOrEqual(Buffer.byteLength(text));
      expect(text.includes('\\') || decoded(text) === text).toBe(true);
    }),
  );
});

test('kept backslashes come out as they went in', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const kept = keepBackslashes(text);
      expect(decodeBytes(kept)).toEqual(Buffer.from(text));
      expect(decodeExpression(kept)).toBe(text);
      expect(escapeProblem(kept)).toBeUndefined();
    }),
  );
});

test('whatever the bytes, they can be written', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const written = Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
      expect([...decodeBytes(written)]).toEqual([...bytes]);
    }),
  );
});
