// How slow a machine is said to be, by how long the same piece of work took it.
import { expect, test } from '@jest/globals';
import { slowestStretch } from './lab/inside/yardstick.ts';

/** The usual time of a piece outside of the guest is 5 ms. */
const pieces = (...took: readonly number[]) => took.map((ms, index) => ({ at: index * 500, took: ms }));

test('a machine that works as usual is one time as slow as usual', () => {
  expect(slowestStretch(pieces(5, 5, 5, 5, 5, 5, 5, 5))).toBe(1);
});

test('the slowest three seconds count', () => {
  expect(slowestStretch(pieces(5, 5, 5, 20, 20, 20, 20, 20, 20, 5, 5, 5))).toBe(4);
});

test('one slow piece makes no slow stretch', () => {
  expect(slowestStretch(pieces(5, 5, 5, 5, 35, 5, 5, 5, 5))).toBe(2);
});

test('of less than a stretch nothing is said', () => {
  expect(slowestStretch(pieces(50, 50))).toBe(0);
});
