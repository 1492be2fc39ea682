// Watches the machine, not the suite: how long each of its processors ran no process at all.
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { start } from './command.ts';

/** Beside the program that runs. */
const metronome = join(dirname(process.argv[1] ?? '.'), 'metronome.cjs');

/** A processor ran no process until `at`: the machine below had no time for it, or the kernel itself took it all; in ms. */
export type Stall = { readonly at: number; readonly stood: number; readonly processor: number };

export type StallWatch = {
  readonly stalls: () => readonly Stall[];
  /** Those that went on at some time between these two moments. */
  readonly between: (from: number, to: number) => readonly Stall[];
  readonly stop: () => Promise<void>;
};

export const longestStall = (stalls: readonly Stall[]): number => Math.max(0, ...stalls.map(({ stood }) => stood));

/** Until stopped. Times are those of `nowMs`. */
export function watchStalls(): StallWatch {
  const stalls: Stall[] = [];
  const watches = Array.from({ length: availableParallelism() }, (_none, processor) =>
    start(wordsFor(processor), (line) => {
      if (line.startsWith('{')) stalls.push({ ...(JSON.parse(line) as { at: number; stood: number }), processor });
    }),
  );
  return {
    stalls: () => stalls,
    between: (from, to) => stalls.filter(({ at, stood }) => at >= from && at - stood <= to),
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
    },
  };
}

/** Without a compiler, which would take long pauses of its own. */
const wordsFor = (processor: number): readonly string[] => [
  ...['taskset', '--cpu-list', String(processor), 'chrt', '--fifo', '90'],
  ...[process.execPath, '--jitless', '--single-threaded', metronome],
];
