// Tries that take time: against sockets, streams and processes, several at once.
import type { Random } from '@piranha/testing';
import { seededRandom } from '@piranha/testing';
import type { Result, Run } from './fuzz.ts';
import { summary } from './fuzz.ts';

/** What is under test, ready to be tried. */
type Bench = {
  /** What is wrong; undefined where all is well. */
  readonly judge: (random: Random) => Promise<string | undefined>;
  /** Ends it all, and tells what has come of it. */
  readonly close: () => Promise<{ readonly problem: string | undefined; readonly figures: string }>;
};

export type Trials = {
  readonly name: string;
  readonly open: () => Promise<Bench>;
  readonly atOnce: number;
};

/** Stops at the first that fails. */
export const trials =
  ({ name, open, atOnce }: Trials): Run =>
  async (cases, seed) => {
    const began = performance.now();
    const bench = await open();
    let [tried, slowestMs] = [0, 0];
    let failure: Result['failure'];
    const work = async (): Promise<void> => {
      while (tried < cases && failure === undefined) {
        const number = seed + tried;
        tried += 1;
        const start = performance.now();
        const problem = await bench.judge(seededRandom(number)).catch(String);
        slowestMs = Math.max(slowestMs, performance.now() - start);
        if (problem !== undefined) failure ??= { seed: number, problem, smallest: 'all that the seed says' };
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const { problem, figures } = await bench.close();
    if (problem !== undefined) failure ??= { seed, problem, smallest: 'all of them' };
    return { ...summary(name, seed, tried, began), slowestMs, figures, failure };
  };

/** The value, or undefined after so many milliseconds. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, ms);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}

/** What memory this process has come to need since a moment, in MB. */
export function memoryGrowth(): () => number {
  const before = process.memoryUsage().rss;
  let peak = before;
  return () => {
    peak = Math.max(peak, process.memoryUsage().rss);
    return Math.round((peak - before) / 2 ** 20);
  };
}
