import { expect, test } from '@jest/globals';
import { milliseconds, seconds } from '@piranha/domain';
import fc from 'fast-check';
import { lifelineLimit, tickInterval } from './lifeline.ts';

const timers = (keepalive: number, deadtime: number) => ({
  keepalive: milliseconds(keepalive),
  deadtime: milliseconds(deadtime),
});

test.each([
  [6000, 18_000, 10_200],
  [250, 1000, 650],
  [100, 1000, 800],
  [20, 100, 60],
])('keepalive %d ms, deadtime %d ms: lvs goes on for %d ms', (keepalive, deadtime, limit) => {
  expect(lifelineLimit(timers(keepalive, deadtime))).toBe(limit);
});

test.each([
  [1000, 1000],
  [1000, 1010],
  [6000, 1000],
])('a deadtime that leaves no room still leaves 20 ms (%d, %d)', (keepalive, deadtime) => {
  expect(lifelineLimit(timers(keepalive, deadtime))).toBe(20);
});

test('the addresses are on their way down before a partner that heard one heartbeat less takes over', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 60_000 }), fc.integer({ min: 40, max: 600_000 }), (keepalive, more) => {
      const deadtime = keepalive + more;
      const left = deadtime - keepalive - lifelineLimit(timers(keepalive, deadtime));
      expect(left).toBeGreaterThanOrEqual(20 - 1e-6);
    }),
  );
});

test('ticks come at least four times a keepalive, and four times before the limit', () => {
  expect(tickInterval(timers(1000, 3000))).toBe(250);
  expect(tickInterval(timers(1000, 1500))).toBe(87.5);
  expect(tickInterval({ keepalive: seconds(1), deadtime: seconds(1.01) })).toBe(5);
});
