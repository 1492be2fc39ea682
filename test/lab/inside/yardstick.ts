// How slow the machine is for a program of usual priority, against one with two processors that have nothing else to do.
import { dirname, join } from 'node:path';
import { start } from './command.ts';

export type Yardstick = {
  /** The slowest stretch since `from` (ms, as nowMs() has it): so many times longer than usual did the same work take. */
  readonly slownessSince: (from: number) => number;
  readonly stop: () => Promise<void>;
};

type Piece = { readonly at: number; readonly took: number };

/** How long the piece of work takes on an idle machine (ms). */
const usual = 5;

/** A stretch is as long as the deadtime of most scenarios: 3 s. */
const piecesOfStretch = 6;

/**
 * Measures from where the scenarios run. In the guest nothing can be said: the lab itself fills its two emulated processors,
 * so there it is measured outside.
 */
export const watchSlowness = (): Yardstick | undefined =>
  process.env['ON_IPVS'] === 'guest' ? undefined : measureSlowness(join(dirname(process.argv[1] ?? '.'), 'pace.cjs'));

/** Measures until stopped. The work is interpreted, so that it takes the same time from the first piece on. */
export function measureSlowness(program: string): Yardstick {
  const pieces: Piece[] = [];
  const watch = start([process.execPath, '--jitless', '--single-threaded', program], (line) => {
    if (line.startsWith('{')) pieces.push(JSON.parse(line) as Piece);
  });
  return {
    slownessSince: (from) => slowestStretch(pieces.filter(({ at }) => at >= from)),
    stop: () => watch.stop(),
  };
}

/** The mean of the slowest pieces in a row, against the usual. */
export function slowestStretch(pieces: readonly Piece[]): number {
  const means = pieces.slice(piecesOfStretch - 1).map((_last, index) => {
    const stretch = pieces.slice(index, index + piecesOfStretch);
    return stretch.reduce((sum, { took }) => sum + took, 0) / stretch.length;
  });
  return Math.max(0, ...means) / usual;
}
