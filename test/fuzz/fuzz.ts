// Tries a target on cases by chance, and makes the first that fails as small as it can be while it still does.
import type { Random } from '@piranha/testing';
import { seededRandom } from '@piranha/testing';

/** What is tried: cases by chance, and what has to hold of each. */
export type Target<Case> = {
  readonly name: string;
  readonly make: (random: Random) => Case;
  /** What is wrong with it; undefined where all is well. That it throws is wrong, too. */
  readonly judge: (one: Case) => string | undefined | Promise<string | undefined>;
  /** Smaller ones, the boldest first. */
  readonly smaller: (one: Case) => Iterable<Case>;
  /** For people: all that it takes to try it again. */
  readonly show: (one: Case) => string;
  /** No case may take longer (ms of processor time: the machine may do something else meanwhile). */
  readonly mostMs: number;
};

/** What came of a run. */
export type Result = {
  readonly target: string;
  readonly seed: number;
  readonly cases: number;
  readonly perSecond: number;
  readonly slowestMs: number;
  /** Other figures, in words. */
  readonly figures: string;
  /** The seed that makes the failing case the first one, what is wrong with it, and the case made small. */
  readonly failure: { readonly seed: number; readonly problem: string; readonly smallest: string } | undefined;
};

/** Runs a target. The case with number N of seed S is the first one of seed S + N. */
export type Run = (cases: number, seed: number) => Promise<Result>;

/** So many smaller cases are tried at most. */
const patience = 3000;
/** A case that took too long is tried again: memory may have been cleared up meanwhile. */
const secondChances = 3;

/** Runs a target that is nothing but arithmetic. */
export const fuzz =
  <Case>(target: Target<Case>): Run =>
  async (cases, seed) => {
    const began = performance.now();
    let slowestMs = 0;
    let tried = 0;
    let failure: Result['failure'];
    while (tried < cases && failure === undefined) {
      const one = target.make(seededRandom(seed + tried));
      const { problem, ms } = await tryOne(target, one);
      slowestMs = Math.max(slowestMs, ms);
      if (problem !== undefined) {
        failure = { seed: seed + tried, problem, smallest: target.show(await shrink(target, one)) };
      }
      tried += 1;
    }
    return { ...summary(target.name, seed, tried, began), slowestMs, figures: '', failure };
  };

/** The parts of a result that every target has. */
export const summary = (target: string, seed: number, cases: number, began: number) => ({
  ...{ target, seed, cases },
  perSecond: Math.round((cases * 1000) / (performance.now() - began)),
});

type Tried = { readonly problem: string | undefined; readonly ms: number };

/** What is wrong with one case, and how long it took. */
async function tryOne<Case>(target: Target<Case>, one: Case): Promise<Tried> {
  let ms = Infinity;
  for (let left = secondChances; left > 0; left -= 1) {
    const began = processorMs();
    const problem = await judgeOf(target, one);
    ms = Math.min(ms, processorMs() - began);
    if (problem !== undefined || ms <= target.mostMs) return { problem, ms };
  }
  return { problem: `took ${Math.round(ms)} ms`, ms };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function judgeOf<Case>(target: Target<Case>, one: Case): Promise<string | undefined> {
  try {
    return await target.judge(one);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

async function shrink<Case>(target: Target<Case>, failing: Case): Promise<Case> {
  let smallest = failing;
  let left = patience;
  const stillFails = async (candidate: Case): Promise<boolean> =>
    left-- > 0 && (await tryOne(target, candidate)).problem !== undefined;
  for (let before: Case | undefined; before !== smallest && left > 0;) {
    before = smallest;
    for (const candidate of target.smaller(smallest)) {
      if (left <= 0) break;
      if (!(await stillFails(candidate))) continue;
      smallest = candidate;
      break;
    }
  }
  return smallest;
}

/** A list with ever smaller parts of it left out. */
export function* withoutParts<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = Math.ceil(list.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < list.length; from += size) yield [...list.slice(0, from), ...list.slice(from + size)];
  }
}

/** Bytes with parts left out. */
export function* smallerBytes(bytes: Buffer): Generator<Buffer> {
  for (let size = Math.ceil(bytes.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < bytes.length; from += size) {
      yield Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + size)]);
    }
  }
}
