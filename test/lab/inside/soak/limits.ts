// What counts as flat, and why.
import type { Trend } from './series.ts';

const minute = 60_000;

/**
 * A process needs a while to load, compile and open what it keeps anyway: no figure of that time counts. A life that is
 * shorter, that aside, has too few samples to tell a trend from chance.
 */
const usualLife = { warmUp: minute, shortestLife: 3 * minute };

/** What a process keeps anyway, and what V8 keeps about its code, is complete only after many minutes at this pace. */
const lifeOfHeap = { warmUp: 10 * minute, shortestLife: 5 * minute };

/** From here on a slope says more about the process than about the moments of its garbage collections. */
const longEnoughForSlope = 20 * minute;

/** How far the last fifth may stand above the first, and how fast a figure may rise in a long life. */
export type Limit = {
  readonly figure: string;
  readonly unit: string;
  readonly rise: number;
  /** As a part of the first fifth; the larger of both counts. */
  readonly part: number;
  readonly perHour: number;
  /** How much of a life does not count, and how long the rest has to be (ms). */
  readonly warmUp: number;
  readonly shortestLife: number;
  readonly reason: string;
};

export const limitOf = {
  memory: {
    ...{ figure: 'memory', unit: 'KB', rise: 4096, part: 0.1, perHour: Infinity },
    ...lifeOfHeap,
    reason: 'what V8 and the C library hold free comes and goes in steps of up to 3 MB; heap tells what lives',
  },
  heap: {
    ...{ figure: 'heap', unit: 'KB', rise: 1024, part: 0.1, perHour: 2048 },
    ...lifeOfHeap,
    reason: 'what is left after a collection each half minute, without compiled code',
  },
  descriptors: {
    ...{ figure: 'descriptors', unit: '', rise: 2, part: 0, perHour: 3 },
    ...usualLife,
    reason: 'a check or a short command may be under way when it is looked at',
  },
  threads: {
    ...{ figure: 'threads', unit: '', rise: 4, part: 0, perHour: 4 },
    ...usualLife,
    reason: 'the four of the pool come with the first file or name that Node looks up, once',
  },
  processes: {
    ...{ figure: 'processes', unit: '', rise: 0, part: 0, perHour: 1 },
    ...usualLife,
    reason: 'whoever was killed has one successor',
  },
  entries: {
    ...{ figure: 'entries', unit: '', rise: 0, part: 0, perHour: 1 },
    ...usualLife,
    reason: 'the file says how many there are',
  },
  sockets: {
    ...{ figure: 'sockets', unit: '', rise: 4, part: 0, perHour: 6 },
    ...usualLife,
    reason: 'both checks of both servers may be under way',
  },
} as const satisfies Record<string, Limit>;

/** Bytes an hour of each router's log in quiet stretches: a pair that is left alone has nothing to tell. */
export const quietLogPerHour = 100_000;

/** Why a trend is not flat; undefined where it is. */
export function riseOf(limit: Limit, trend: Trend, length: number): string | undefined {
  const rise = trend.late - trend.early;
  if (rise > Math.max(limit.rise, trend.early * limit.part)) return `rose by ${Math.round(rise)}`;
  if (length >= longEnoughForSlope && trend.slopePerHour > limit.perHour && rise > limit.rise / 4)
    return `rises by ${Math.round(trend.slopePerHour)} an hour`;
  return undefined;
}
