// A machine's own monotonic clock: it drifts, and stands still where the machine is suspended with it.
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Agenda } from './agenda.ts';

export type DriftingClock = {
  readonly now: () => Instant;
  /** When this clock will show that moment, in the simulation's time. */
  readonly whenItShows: (moment: Instant) => number;
  /** Takes back so many milliseconds in which it stood still. */
  readonly setBack: (length: number) => void;
};

/** Two machines were never switched on at the same moment: `origin` is what it shows at first. */
export function driftingClock(agenda: Agenda, millionths: number, origin: number): DriftingClock {
  const rate = 1 + millionths / 1e6;
  let first = origin;
  return {
    now: () => instant(first + agenda.now() * rate),
    whenItShows: (moment) => (moment - first) / rate,
    setBack: (length) => {
      first -= length * rate;
    },
  };
}
