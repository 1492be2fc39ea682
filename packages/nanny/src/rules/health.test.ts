import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Health, Verdict } from './health.ts';
import { afterResult, startingHealth } from './health.ts';

const results = fc.array(fc.constantFrom<Verdict>('up', 'down'), { minLength: 1, maxLength: 60 });
const thresholds = fc.record({ fall: fc.integer({ min: 1, max: 5 }), rise: fc.integer({ min: 1, max: 5 }) });
const known = fc.constantFrom<Health['verdict']>('unknown', 'up', 'down');

/** The verdict before the first result, and after each. */
function verdicts(from: Health['verdict'], given: readonly Verdict[], limits: { fall: number; rise: number }) {
  let health = startingHealth(from);
  return [from, ...given.map((result) => (health = afterResult(health, result, limits)).verdict)];
}

const allAre = (verdict: Verdict, some: readonly Verdict[]): boolean => some.every((result) => result === verdict);

test('the first result decides about an unknown server, whatever fall and rise are', () => {
  fc.assert(
    fc.property(results, thresholds, (given, limits) => {
      expect(verdicts('unknown', given, limits)[1]).toBe(given[0]);
    }),
  );
});

test('an up server goes down exactly when its last results were `fall` failures in a row', () => {
  fc.assert(
    fc.property(known, results, thresholds, (from, given, limits) => {
      verdicts(from, given, limits).forEach((before, index, all) => {
        if (before !== 'up' || index === given.length) return;
        const last = given.slice(Math.max(0, index + 1 - limits.fall), index + 1);
        expect(all[index + 1] === 'down').toBe(last.length === limits.fall && allAre('down', last));
      });
    }),
  );
});

test('a down server comes back exactly when its last results were `rise` successes in a row', () => {
  fc.assert(
    fc.property(known, results, thresholds, (from, given, limits) => {
      verdicts(from, given, limits).forEach((before, index, all) => {
        if (before !== 'down' || index === given.length) return;
        const last = given.slice(Math.max(0, index + 1 - limits.rise), index + 1);
        expect(all[index + 1] === 'up').toBe(last.length === limits.rise && allAre('up', last));
      });
    }),
  );
});
