import { expect, test } from '@jest/globals';
import { columns, counted, lengthOf } from './words.ts';

test.each([
  [0, '0s'],
  [449, '0.4s'],
  [9_999, '9.9s'],
  [10_000, '10s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [192_000, '3m 12s'],
  [3_600_000, '1h'],
  [3_601_000, '1h'],
  [3_661_000, '1h 1m'],
  [187_200_000, '2d 4h'],
])('%d ms are %s', (length, words) => {
  expect(lengthOf(length)).toBe(words);
});

test('one has no plural s', () => {
  expect([0, 1, 2].map((count) => counted(count, 'error'))).toEqual(['0 errors', '1 error', '2 errors']);
});

test('columns are as wide as their widest cell, and no blanks stand at an end', () => {
  expect(columns([['a', 'long', 'x'], ['bbb'], ['', 'c', '']])).toEqual(['a    long  x', 'bbb', '     c']);
  expect(columns([])).toEqual([]);
});
