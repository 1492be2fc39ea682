import { expect, test } from '@jest/globals';
import { ownersOf } from './history.ts';
import { randomSchedule } from './random.ts';
import type { Schedule } from './schedule.ts';
import { simulate } from './simulation.ts';

/** Who had the addresses, one after the other. */
function ownersIn(schedule: Schedule): readonly string[] {
  const owners = simulate(schedule).scenes.map(({ scene }) => ownersOf(scene).join(' and '));
  return owners.filter((each, index) => each !== owners[index - 1]);
}

const isForged = (type: string): boolean => type === 'forged';

test('under require nothing without a valid key changes anything', () => {
  const schedules = Array.from({ length: 1500 }, (_, seed) => ({ ...randomSchedule(seed), lateness: 0 })).filter(
    ({ auth, faults }) => faults.some((fault) => fault.type === 'forged' && auth[fault.to] === 'require'),
  );
  expect(schedules.length).toBeGreaterThan(50);
  for (const schedule of schedules.slice(0, 120)) {
    const quiet = { ...schedule, faults: schedule.faults.filter(({ type }) => !isForged(type)) };
    expect([schedule.seed, ...ownersIn(schedule)]).toEqual([schedule.seed, ...ownersIn(quiet)]);
  }
});
