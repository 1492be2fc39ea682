// What the tests of random schedules have in common: a seed, and how much is played.
import { expect } from '@jest/globals';
import { explain } from './explain.ts';
import { describeSum, playMany } from './many.ts';

/** Every run plays the same, so that it judges the change and not the draw; scripts/simulate draws new ones. */
const seed = Number(process.env['PIRANHA_SEED'] ?? 0);
/** Of two test files that run side by side. */
const each = 1000;

/** Plays every other schedule: `share` is 0 or 1. */
export function expectKeptRules(share: 0 | 1): void {
  const even = 2 * Math.floor(seed / 2);
  const sum = playMany({ seed: even + share, stride: 2, count: each, hours: Infinity });
  process.stderr.write(`PIRANHA_SEED=${even}, share ${share + 1} of 2: ${describeSum(sum)}\n`);
  expect(sum.failed.slice(0, 3).flatMap(explain)).toEqual([]);
  expect(sum.played).toBe(each);
}
