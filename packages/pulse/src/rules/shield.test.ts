import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Shield } from './shield.ts';
import { isNewFlood, lowered, mostInSecond, onArrival, onTime } from './shield.ts';

const second = 1000;

/** So many datagrams, evenly over so long. */
function arriving(shield: Shield, count: number, from: number, length: number): Shield {
  const moments = Array.from({ length: count }, (_none, index) => instant(from + (index * length) / count));
  return moments.reduce((now, at) => onArrival(onTime(now, at), at), shield);
}

test('what two routers say at their shortest timers does not raise the shield', () => {
  expect(arriving(lowered, 60 * mostInSecond, 0, 60 * second).raised).toBe(false);
});

test('more than that does, within a second', () => {
  expect(arriving(lowered, mostInSecond, 0, second / 2).raised).toBe(false);
  expect(arriving(lowered, mostInSecond + 1, 0, second / 2).raised).toBe(true);
});

test('it goes down after ten seconds, and stays up as long as too much still comes through', () => {
  const raised = arriving(lowered, 5000, 0, second);
  expect(onTime(raised, instant(10.9 * second)).raised).toBe(true);
  expect(onTime(raised, instant(11 * second)).raised).toBe(false);
  expect(onTime(arriving(raised, 50_000, second, 10 * second), instant(12 * second)).raised).toBe(true);
});

test('a flood that goes on is told of once', () => {
  const at = (seconds: number): Instant => instant(seconds * second);
  expect(isNewFlood(lowered, at(1))).toBe(true);
  const over = onTime(arriving(lowered, 5000, 0, second), at(12));
  expect(isNewFlood(over, at(12))).toBe(false);
  expect(isNewFlood(over, at(90))).toBe(true);
});
