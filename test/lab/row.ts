/* eslint-disable jest/no-export, jest/expect-expect, jest/valid-title -- this makes tests, it is none */
// A row of the lab's tests. Everything in the lab has its time, and on a machine that has none to give a row that fails says
// nothing: it is skipped, with what was measured, and scripts/test counts it so. More than three in one run fail it.
import { appendFileSync, mkdirSync } from 'node:fs';
import { test as jestTest } from '@jest/globals';

/** So many times slower than an idle one is a machine too slow for the timings of the lab. */
const tooSlow = 4;

/** Where scripts/test finds them. */
const list = 'build/slow-rows';

/** How slow it was in each scenario that was played for this file. */
const slowness = new Map<string, number>();
/** The scenarios that the present row has looked at. */
const lookedAt = new Set<string>();

/** Takes in how slow the machine was, by scenario. */
export function noteSlowness(times: Readonly<Record<string, number>>): void {
  for (const [scenario, measured] of Object.entries(times)) slowness.set(scenario, measured);
}

/** The present row is about this scenario: how slow the machine was in another one does not excuse it. */
export function noteLook(scenario: string): void {
  lookedAt.add(scenario);
}

/** How slow it was in what a row has looked at; in all that was played, where it has looked before it began. */
function slownessOfRow(): number {
  const about = lookedAt.size === 0 ? [...slowness.keys()] : [...lookedAt];
  return Math.max(0, ...about.map((scenario) => slowness.get(scenario) ?? 0));
}

/** The same check; where it fails and the machine was too slow for any timing the row is skipped. */
const excused =
  <Args extends readonly unknown[]>(name: string, check: (...args: Args) => unknown) =>
  async (...args: Args): Promise<void> => {
    lookedAt.clear();
    try {
      await check(...args);
    } catch (error) {
      const measured = slownessOfRow();
      if (measured < tooSlow) throw error;
      skip(name, measured, error);
    }
  };

const row = (name: string, check: () => unknown): void => {
  jestTest(name, excused(name, check));
};

const each = (cases: readonly unknown[]) => (name: string, check: (...args: readonly unknown[]) => unknown) => {
  for (const one of cases) {
    const args: readonly unknown[] = Array.isArray(one) ? one : [one];
    row(name.replace('%s', String(args[0])), () => check(...args));
  }
};

/** As jest's. */
export const test = Object.assign(row, { each: each as unknown as typeof jestTest.each });

function skip(name: string, measured: number, error: unknown): void {
  const [problem = ''] = String(error).split('\n');
  const line = `${name}: skipped: machine too slow (measured ${measured.toFixed(1)} times as slow as an idle one): ${problem}`;
  mkdirSync('build', { recursive: true });
  appendFileSync(list, `${line}\n`);
  process.stderr.write(`${line}\n`);
}
