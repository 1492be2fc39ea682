import { expect, test } from '@jest/globals';
import { troubledTime } from './many.ts';
import { randomSchedule } from './random.ts';
import type { Fault } from './schedule.ts';

const schedules = Array.from({ length: 500 }, (_, seed) => randomSchedule(seed));
const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);
const share = (count: number): number => count / schedules.length;

test('most of the time something is wrong', () => {
  expect(sum(schedules.map(troubledTime)) / sum(schedules.map(({ endAt }) => endAt))).toBeGreaterThanOrEqual(0.6);
});

test('some pairs have an original on either side, with timers that it can have', () => {
  const beside = schedules.filter(({ original }) => original !== undefined);
  expect(share(beside.length)).toBeGreaterThan(0.1);
  expect(new Set(beside.map(({ original }) => original))).toEqual(new Set(['primary', 'backup']));
  expect(beside.filter(({ keepalive, deadtime }) => keepalive % 1000 > 0 || deadtime % 1000 > 0)).toEqual([]);
  expect(beside.filter(({ auth }) => Object.values(auth).includes('require'))).toEqual([]);
});

test('nothing happens to an original that means nothing to it', () => {
  const strange: readonly Fault['type'][] = [
    'pulse-killed',
    'lvs-hangs',
    'ip-slow',
    'servers-dead',
    'switch',
    'replay',
  ];
  const found = schedules.flatMap(({ original, faults }) =>
    faults.filter((fault) => 'side' in fault && fault.side === original && strange.includes(fault.type)),
  );
  expect(found).toEqual([]);
});

test('some pairs are on the way from one heartbeat_auth to the next, and none skips one', () => {
  const words = schedules.map(({ auth }) => [auth.primary, auth.backup].join());
  const mixed = ['off,accept', 'accept,off', 'accept,require', 'require,accept'];
  for (const each of mixed) expect(words).toContain(each);
  expect(words.filter((word) => ['off,require', 'require,off'].includes(word))).toEqual([]);
});

test('only those who require signatures are attacked', () => {
  const attacked = schedules.flatMap(({ auth, faults }) =>
    faults.flatMap((fault) => (fault.type === 'forged' || fault.type === 'replay' ? [auth[fault.to]] : [])),
  );
  expect(new Set(attacked)).toEqual(new Set(['require']));
});
