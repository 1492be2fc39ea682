import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import fc from 'fast-check';
import { addressLease } from './address-lease.ts';

const lease = (keepalive: number, deadtime: number, backupActive = true) =>
  addressLease({ keepalive: milliseconds(keepalive), deadtime: milliseconds(deadtime) }, backupActive);

test.each([
  [6000, 18_000, 14],
  [2000, 10_000, 7],
  [1000, 5000, 3],
  [2000, 6000, 4],
  [500, 4000, 2],
])('with a keepalive of %d ms and a deadtime of %d ms an address stands for %d s', (keepalive, deadtime, seconds) => {
  expect(lease(keepalive, deadtime)).toBe(seconds);
});

test('timers that are too short for whole seconds leave addresses for good', () => {
  const timers = [
    [1000, 3000],
    [500, 3000],
    [100, 300],
    [3000, 6000],
  ] as const;
  expect(timers.filter(([keepalive, deadtime]) => lease(keepalive, deadtime) !== undefined)).toEqual([]);
});

test('without a partner addresses are for good', () => {
  expect(lease(6000, 18_000, false)).toBeUndefined();
});

test('the latest end is before the partner takes over, and one late heartbeat does no harm', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 10_000 }), fc.integer({ min: 40, max: 120_000 }), (keepalive, deadtime) => {
      fc.pre(deadtime > 2 * keepalive);
      const seconds = lease(keepalive, deadtime);
      if (seconds === undefined) return;
      expect(1000 * seconds + 1250).toBeLessThan(deadtime);
      expect(1000 * seconds).toBeGreaterThanOrEqual(2 * keepalive);
    }),
  );
});
