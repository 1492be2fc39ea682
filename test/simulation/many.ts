// Many random schedules one after the other, and what they add up to.
import type { Violation } from './stretches.ts';
import { measure, violationsOf } from './invariants.ts';
import { randomSchedule } from './random.ts';
import type { Schedule } from './schedule.ts';
import { simulate } from './simulation.ts';

/** The rules that a schedule breaks. */
export const judge = (schedule: Schedule): readonly Violation[] => violationsOf(simulate(schedule));

/** Every `stride`th seed from `seed` on, until the simulated hours or the number of schedules are reached. */
export type Much = {
  readonly hours: number;
  readonly count: number;
  readonly seed: number;
  readonly stride: number;
};

/** What many schedules add up to. */
export type Sum = {
  readonly played: number;
  readonly time: number;
  /** For how much of it any fault lasted. */
  readonly troubled: number;
  readonly changes: number;
  readonly longest: { readonly length: number; readonly seed: number };
  readonly failed: readonly number[];
  readonly broken: Readonly<Record<string, number>>;
};

export const nothing: Sum = {
  ...{ played: 0, time: 0, troubled: 0, changes: 0, longest: { length: 0, seed: 0 }, failed: [], broken: {} },
};

const hour = 3_600_000;

/** Plays them; `tell` hears of each. */
export function playMany({ hours, count, seed, stride }: Much, tell: (sum: Sum) => void = () => undefined): Sum {
  let sum = nothing;
  for (let number = seed; sum.played < count && sum.time < hours * hour; number += stride) {
    sum = add(sum, play(number));
    tell(sum);
  }
  return sum;
}

function play(seed: number): Sum {
  const schedule = randomSchedule(seed);
  const history = simulate(schedule);
  const violations = violationsOf(history);
  const { changes, longestDouble } = measure(history);
  return {
    ...{ played: 1, time: schedule.endAt, troubled: troubledTime(schedule), changes },
    longest: { length: longestDouble, seed },
    failed: violations.length > 0 ? [seed] : [],
    broken: Object.fromEntries(violations.map(({ rule }) => [rule, 1])),
  };
}

/** For how long at least one fault lasts. */
export function troubledTime({ faults }: Schedule): number {
  let [time, end] = [0, 0];
  for (const { from, until } of faults) {
    time += Math.max(0, until - Math.max(from, end));
    end = Math.max(end, until);
  }
  return time;
}

/** Both together. */
export function add(one: Sum, other: Sum): Sum {
  const names = new Set([...Object.keys(one.broken), ...Object.keys(other.broken)]);
  return {
    played: one.played + other.played,
    time: one.time + other.time,
    troubled: one.troubled + other.troubled,
    changes: one.changes + other.changes,
    longest: one.longest.length >= other.longest.length ? one.longest : other.longest,
    failed: other.failed.length === 0 ? one.failed : [...one.failed, ...other.failed],
    broken: Object.fromEntries([...names].map((name) => [name, (one.broken[name] ?? 0) + (other.broken[name] ?? 0)])),
  };
}

/** One line of numbers. */
export function describeSum({ played, time, troubled, changes, longest, failed, broken }: Sum): string {
  const rules = Object.entries(broken).map(([rule, times]) => `${rule} ${times}`);
  return [
    `${played} schedules, ${(time / hour).toFixed(1)} simulated hours, ${Math.round((100 * troubled) / time)} % under fault`,
    `${changes} changes of owner`,
    `longest double ownership ${(longest.length / 1000).toFixed(1)} s (seed ${longest.seed})`,
    `${failed.length} failed${rules.length === 0 ? '' : ` (${rules.join(', ')}; seeds ${failed.slice(-5).join(' ')})`}`,
  ].join(', ');
}
