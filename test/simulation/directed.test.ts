import { describe, expect, test } from '@jest/globals';
import type { Directed } from './directed.ts';
import { directed } from './directed.ts';
import { violationsOf } from './invariants.ts';
import { removals } from './removed-rules.ts';
import type { Rules } from './rules.ts';
import { wholeRules } from './rules.ts';
import { simulate } from './simulation.ts';
import { timelineOf } from './timeline.ts';

/** Everything that is wrong, and the course of it where anything is. */
function complaints({ schedule, check }: Directed, rules: Rules): readonly string[] {
  const history = simulate(schedule, rules, true);
  const violations = violationsOf(history);
  const found = [...check(history), ...violations.map(({ rule, why }) => `${rule}: ${why}`)];
  return found.length === 0 ? [] : [...found, ...timelineOf(history, violations)];
}

describe('the rules hold when', () => {
  test.each(directed)('$what ($name)', (course) => {
    expect(complaints(course, wholeRules)).toEqual([]);
  });
});

describe('each rule is needed:', () => {
  test.each(removals)('without $rule $schedule goes wrong', ({ schedule, rules }) => {
    const [course] = directed.filter(({ name }) => name === schedule);
    const found = course === undefined ? [] : complaints(course, rules);
    expect(found).not.toEqual([]);
  });
});
