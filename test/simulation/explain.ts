// A seed that breaks a rule, made small and told in words.
import { violationsOf } from './invariants.ts';
import { judge } from './many.ts';
import { randomSchedule } from './random.ts';
import { wholeRules } from './rules.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulation.ts';
import { describeFault, describePair, timelineOf } from './timeline.ts';

/** The smallest schedule that still breaks the rule. */
export function explain(seed: number): readonly string[] {
  const smallest = shrink(randomSchedule(seed), judge);
  const violations = violationsOf(simulate(smallest));
  return [
    describePair(smallest),
    ...smallest.faults.map((fault) => `  ${describeFault(fault)}`),
    ...violations.map(({ rule, from, why }) => `  ! ${(from / 1000).toFixed(3)} s ${rule}: ${why}`),
    `  the whole course: scripts/simulate --seed ${seed} --timeline`,
  ];
}

/** The whole course of a seed, and whether it keeps the rules. */
export function courseOf(seed: number): { readonly lines: readonly string[]; readonly good: boolean } {
  const history = simulate(randomSchedule(seed), wholeRules, true);
  const violations = violationsOf(history);
  return { lines: timelineOf(history, violations), good: violations.length === 0 };
}
