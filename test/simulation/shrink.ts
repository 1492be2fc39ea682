// A schedule that breaks a rule is made as small as it can be while it still does.
import type { Violation } from './stretches.ts';
import type { Fault, Schedule } from './schedule.ts';

type Judge = (schedule: Schedule) => readonly Violation[];

/** So many tries at most. */
const patience = 400;

/** Drops faults, then shortens them, as long as a violation of the same rule is left. */
export function shrink(schedule: Schedule, judge: Judge): Schedule {
  const wanted = new Set(judge(schedule).map(({ rule }) => rule));
  let tries = 0;
  const fails = (candidate: Schedule): boolean =>
    tries++ < patience && judge(candidate).some(({ rule }) => wanted.has(rule));
  let smallest = schedule;
  for (let before: Schedule | undefined; before !== smallest && tries < patience;) {
    before = smallest;
    for (const candidate of candidates(smallest)) {
      if (!fails(candidate)) continue;
      smallest = candidate;
      break;
    }
  }
  return smallest;
}

/** Smaller schedules, the boldest first. */
function* candidates(schedule: Schedule): Generator<Schedule> {
  const { faults } = schedule;
  const half = Math.ceil(faults.length / 2);
  if (faults.length > 3) {
    yield { ...schedule, faults: faults.slice(half) };
    yield { ...schedule, faults: faults.slice(0, half) };
  }
  for (const dropped of faults) yield { ...schedule, faults: faults.filter((each) => each !== dropped) };
  for (const long of faults) {
    const shorter = shorten(long);
    if (shorter !== undefined) yield { ...schedule, faults: faults.map((each) => (each === long ? shorter : each)) };
  }
}

/** Half as long; undefined where it is short already. */
function shorten(fault: Fault): Fault | undefined {
  const length = fault.until - fault.from;
  return length < 200 ? undefined : { ...fault, until: fault.from + length / 2 };
}
