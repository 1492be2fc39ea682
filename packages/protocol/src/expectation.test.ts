import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readExpectation } from './expectation.ts';

/** What an expectation says about an answer, or why it is none. */
async function judge(expected: string, answer: string, changes: { useRegex?: boolean; program?: string[] } = {}) {
  const plain = changes.program === undefined ? 'beginning' : 'whole';
  const expectation = await readExpectation({ expect: expected, useRegex: false, ...changes }, plain);
  return expectation.ok
    ? expectation.value?.find(Buffer.from(answer), changes.program !== undefined)
    : expectation.error;
}

const regex = { useRegex: true };
const program = { program: ['check'] };

test('nothing is expected where expect is missing or empty', async () => {
  expect(await readExpectation({ expect: null, useRegex: true }, 'beginning')).toEqual({ ok: true });
  expect(await readExpectation({ expect: '', useRegex: true }, 'beginning')).toEqual({ ok: true });
});

test.each([
  ['HTTP', 'HTTP/1.1 200 OK', 'met'],
  ['HTTP', 'HTT', 'open'],
  ['HTTP', '', 'open'],
  ['HTTP', 'HTX', 'unmet'],
  ['HTTP', ' HTTP', 'unmet'],
  ['a\\r\\n', 'a\r\nb', 'met'],
  ['Grüße', 'Grüße!', 'met'],
  ['*', 'x', 'met'],
  ['*', '', 'open'],
])('a literal %j and the answer %j: %s', async (expected, answer, finding) => {
  expect(await judge(expected, answer)).toBe(finding);
});

test('a literal is met by every answer that begins with it, and open while the answer is its beginning', async () => {
  const bytes = fc.string({ unit: 'binary-ascii', minLength: 1 }).map((text) => text.replaceAll(/[\\*]/g, 'x'));
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (wanted, more) => {
      expect(await judge(wanted, wanted + more)).toBe('met');
      expect(await judge(wanted, wanted.slice(0, -1))).toBe('open');
    }),
  );
});

test.each([
  ['200 OK', 'HTTP/1.1 200 OK', 'met'],
  ['^HTTP/1\\.[01] 2[0-9]{2}', 'HTTP/1.1 204 none', 'met'],
  ['^HTTP/1\\\\.1', 'HTTP/1x1', 'open'],
  ['^HTTP.*ready', 'HTTP/1.0 200\r\n\r\nready', 'met'],
  ['[[:digit:]]+ users', 'are 17 users', 'met'],
  ['after', 'before\0after', 'met'],
  ['[äö]l', 'Heizöl', 'met'],
  ['ready$', 'ready\n', 'open'],
  ['ready$', 'ready', 'met-so-far'],
  ['\\<ready\\>', 'not ready', 'met-so-far'],
  ['\\<ready\\>', 'already', 'open'],
  ['(a|aa)*c', 'a'.repeat(60), 'open'],
  ['*', 'x', 'met'],
  ['*', '', 'open'],
])('the regular expression %j and the answer %j: %s', async (expected, answer, finding) => {
  expect(await judge(expected, answer, regex)).toBe(finding);
});

test('a regular expression that would make others hang is answered at once', async () => {
  expect(await judge('(a|aa)*(a|aaa)*c', 'a'.repeat(64 * 1024), regex)).toBe('unmet');
});

test('how much of an answer is looked at depends on the expression', async () => {
  const most = async (expected: string): Promise<unknown> => {
    const read = await readExpectation({ expect: expected, useRegex: true }, 'beginning');
    return read.ok ? read.value?.mostBytes : read.error;
  };
  expect(await most('200 OK')).toBe(65_536);
  // A long text without an operator is as good as a short one.
  expect(await most('a page of 60 letters, all of which stand for themselves\\.<p>'.repeat(3))).toBe(65_536);
  expect(await most('^HTTP/1\\.[01] 2[0-9]{2}')).toBe(65_536);
  expect(await most('(a|b)*a[ab]{100}c')).toBe(9709);
  expect(await most('(a|b)*a.{900}c')).toBe(1154);
  expect(await most('a{1000}'.repeat(4))).toBe(262);
  expect(await most('a{1000}'.repeat(5))).toMatch(/it is too large, 5\d{3} instructions: at most 4096/);
});

test('what stands behind that is not there: the answer is complete, and unmet without a match before', async () => {
  const read = await readExpectation({ expect: '(a|b)*a.{900}c', useRegex: true }, 'beginning');
  const find = read.ok ? read.value?.find : undefined;
  const answer = (length: number): Buffer => Buffer.from(`${'b'.repeat(length)}a${'x'.repeat(900)}c`);
  expect(find?.(answer(252), false)).toBe('met');
  expect(find?.(answer(253), false)).toBe('unmet');
  expect(find?.(answer(253), true)).toBe('unmet');
  expect(find?.(answer(253).subarray(0, 1153), false)).toBe('open');
});

test('no expression and no answer takes long', async () => {
  const answer = Buffer.from(
    `c${'ab'.repeat(40)}${[...randomBytes(65_000)].map((byte) => (byte & 1 ? 'a' : 'b')).join('')}`,
  );
  for (const expected of [
    '(a|b)*a[ab]{100}c',
    '(a|b)*a.{900}c',
    '(.{1,30}a){30}c',
    '(a|b|ab|ba)*a.{500}c',
    '[ab]*a[ab]{14}cc',
  ]) {
    const read = await readExpectation({ expect: expected, useRegex: true }, 'beginning');
    const began = process.cpuUsage();
    if (read.ok) read.value?.find(answer, true);
    // A tenth of a second on an idle machine; without the bound up to one and a half.
    expect({ expected, tooLong: process.cpuUsage(began).user > 700_000 }).toEqual({ expected, tooLong: false });
  }
});

test.each([
  // In a literal it is that one byte, whatever it would be as UTF-8.
  ['\\x00\\xff', [0, 0xff, 1], {}, 'met'],
  ['\\x00\\xff', [0], {}, 'open'],
  ['\\x00\\xff', [0, 0xc3, 0xbf], {}, 'unmet'],
  ['\\x2a', [0x41], {}, 'met'],
  ['^\\x00\\x41', [0, 0x41], regex, 'met'],
  ['^a\\x2ec', [...Buffer.from('abc')], regex, 'open'],
  ['^\\x12..[\\x80-\\x8f]$', [0x12, 0xff, 0, 0x81], regex, 'met-so-far'],
  ['^\\x12..[\\x80-\\x8f]$', [0x12, 0xff, 0, 0x91], regex, 'open'],
  ['^\\\\x80', [0x80], regex, 'met'],
])('%j and the bytes %j (%j): %s', async (expected, answer, changes, finding) => {
  const expectation = await readExpectation({ expect: expected, useRegex: false, ...changes }, 'beginning');
  expect(expectation.ok && expectation.value?.find(Buffer.from(answer), false)).toBe(finding);
});

test.each([
  ['a'.repeat(1001), 'it is longer than 1000 characters'],
  ['ä\\xff', 'cannot stand in one expression'],
  ['('.repeat(900) + ')'.repeat(90), 'missing closing'],
])('%j is no expression', async (expected, words) => {
  expect(await judge(expected, 'answer', regex)).toContain(words);
});

test.each(['(', '[z-a]', 'a\\', '+', '\\1', 'a(?!b)', '\\q'])(
  'the regular expression %j is called invalid',
  async (expected) => {
    expect(await judge(expected, 'answer', regex)).toMatch(/^expect is not a valid regular expression: [a-z]/);
  },
);

test.each([
  ['OK', 'OK\n', 'met'],
  ['OK', 'OK', 'met'],
  ['OK', 'OK\n\n', 'unmet'],
  ['OK', 'OKx', 'unmet'],
  ['OK', 'O', 'unmet'],
  ['*', 'x', 'met'],
])('of a program, %j is expected as the whole output; %j: %s', async (expected, output, finding) => {
  expect(await judge(expected, output, program)).toBe(finding);
  expect(await judge('^O+K?$', 'OK', { ...program, ...regex })).toBe('met');
});
