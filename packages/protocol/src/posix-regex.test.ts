import { expect, test } from '@jest/globals';
import { asRe2, looksAtTheEnd, namesBytes } from './posix-regex.ts';

test.each([
  [String.raw`\<OK\>`, String.raw`\bOK\b`],
  [String.raw`a{,5}`, 'a{0,5}'],
  [String.raw`a{2,5}b{3}c{4,}`, 'a{2,5}b{3}c{4,}'],
  // Escaped, or inside of brackets, they are plain characters.
  [String.raw`\\<\{,5}`, String.raw`\\<\{,5}`],
  [String.raw`[\<{,5}][^]\>][[:digit:]\>]`, String.raw`[\<{,5}][^]\>][[:digit:]\>]`],
  [String.raw`[]{,5}]\>`, String.raw`[]{,5}]\b`],
  [String.raw`^\d+\.[[:alpha:]]*$`, String.raw`^\d+\.[[:alpha:]]*$`],
  ['[', '['],
  ['a\\', 'a\\'],
])('%j is %j there', (posix, re2) => {
  expect(asRe2(posix)).toBe(re2);
});

test.each([
  ['OK$', true],
  [String.raw`\bOK\b`, true],
  [String.raw`OK\>`, true],
  [String.raw`OK\z`, true],
  ['^OK', false],
  [String.raw`5\$ [[:alpha:]]\.\\b`, false],
])('%j looks at the end of what it matches: %j', (pattern, answer) => {
  expect(looksAtTheEnd(pattern)).toBe(answer);
});

test.each([
  [String.raw`^\xff`, true],
  [String.raw`[\x80-\x9F]`, true],
  [String.raw`\\\xA0`, true],
  [String.raw`\x7f`, false],
  [String.raw`\\xff`, false],
  [String.raw`\x{ff}`, false],
])('%j names bytes that are no characters: %j', (pattern, answer) => {
  expect(namesBytes(pattern)).toBe(answer);
});
