import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeEscapes, keepBackslashes } from './escapes.ts';

const anyText = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom('\\', 'r', 'n', '"', '.', 'd', '\n', '💡')).map((characters) => characters.join('')),
);

test.each([
  [String.raw`GET / HTTP/1.0\r\n\r\n`, 'GET / HTTP/1.0\r\n\r\n'],
  [String.raw`\\ \t \' \"`, `\\ \t ' "`],
  [String.raw`200 \d+ a\.b`, String.raw`200 \d+ a\.b`],
  [String.raw`200 \\d+ a\\.b`, String.raw`200 \d+ a\.b`],
  [String.raw`\\n`, String.raw`\n`],
  [String.raw`\\\n`, '\\\n'],
  ['\\', '\\'],
  ['end\\', 'end\\'],
  ['\\\n', '\\\n'],
  ['', ''],
])('%j means %j', (written, meant) => {
  expect(decodeEscapes(written)).toBe(meant);
});

test('text never grows, and without a backslash it stays as it is', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(decodeEscapes(text).length).toBeLessThanOrEqual(text.length);
      expect(text.includes('\\') || decodeEscapes(text) === text).toBe(true);
    }),
  );
});

test('kept backslashes come out as they went in', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(decodeEscapes(keepBackslashes(text))).toBe(text);
    }),
  );
});
