// What weight a server that is up has: it starts low, doubles, and follows the server's load (reference lvs-and-nanny §4).
import type { RealServer, VirtualServer } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { after, milliseconds, never, seconds } from '@piranha/domain';
import type { Millis } from '@piranha/domain';

/** A server's weight between two changes. */
export type Ramp = {
  readonly weight: number;
  /** When it doubles; `never` once the file's weight was reached. */
  readonly doubleAt: Instant;
};

/** What a weight depends on in the file. */
export type Weighing = Pick<VirtualServer, 'slowStart' | 'loadMonitor'> & {
  readonly weight: number;
  /** From one check to the next. */
  readonly interval: Millis;
};

/** The part of the file that a server's weight depends on. */
export const weighingOf = ({ slowStart, loadMonitor, check }: VirtualServer, { weight }: RealServer): Weighing => ({
  ...{ slowStart, loadMonitor, weight },
  interval: check.timeout,
});

/** A server starts with this part of its weight. */
const firstPart = 32;
/** A load can raise the weight up to so many times the file's. */
const mostTimes = 10;
/** ipvsadm takes no more. */
const heaviest = 65_535;
/** As the original: about so long between two looks at a weight. */
const usualPause = seconds(20);

/** The time between two looks at a weight: one check where checks come seldom, else as many as fit into 20 s. */
export const pauseBetweenLooks = (interval: Millis): Millis =>
  milliseconds(interval * Math.max(1, Math.floor(usualPause / interval)));

const doubling = ({ slowStart, interval }: Weighing): Millis =>
  typeof slowStart === 'number' ? slowStart : pauseBetweenLooks(interval);

/** A weight that is given now; it goes on to double until the file's is reached. */
const rampFrom = (weight: number, weighing: Weighing, at: Instant): Ramp => ({
  weight,
  doubleAt: weight < weighing.weight ? after(at, doubling(weighing)) : never,
});

/** The weight of a server that has just come up. */
export function firstRamp(weighing: Weighing, at: Instant): Ramp {
  const { weight, slowStart } = weighing;
  if (slowStart === 'off' || weight === 0) return { weight, doubleAt: never };
  return rampFrom(Math.max(1, Math.floor(weight / firstPart)), weighing, at);
}

/** The weight of a server that was in service already when we came: it keeps what it has, as far as the file allows. */
export const adoptedRamp = (found: number, weighing: Weighing, at: Instant): Ramp =>
  weighing.slowStart === 'off' || found >= weighing.weight
    ? { weight: bounded(found, weighing), doubleAt: never }
    : rampFrom(found, weighing, at);

/** Twice the weight, once it is time. */
export const doubled = ({ weight }: Ramp, weighing: Weighing, at: Instant): Ramp =>
  rampFrom(Math.min(weighing.weight, weight * 2), weighing, at);

/** The same under another file: one that has reached the old weight has the new one at once. */
export function reweighed(ramp: Ramp, weighing: Weighing, at: Instant): Ramp {
  if (ramp.doubleAt === never || weighing.slowStart === 'off')
    return { weight: bounded(ramp.weight, weighing), doubleAt: never };
  const weight = Math.min(ramp.weight, weighing.weight);
  return weight < weighing.weight ? { weight, doubleAt: ramp.doubleAt } : rampFrom(weight, weighing, at);
}

/** Between the file's weight and ten times that; where no load is looked at, the file's. */
function bounded(weight: number, { weight: least, loadMonitor }: Weighing): number {
  return loadMonitor === undefined ? least : Math.min(Math.max(weight, least), least * mostTimes, heaviest);
}

/**
 * The weight after a look at the server's load (its mean number of busy processes): an idle server's grows up to ten
 * times the file's, a busy one's shrinks down to the file's. Small changes are not made. A server on its way up has
 * no time for this.
 */
export function afterLoad(ramp: Ramp, load: number, weighing: Weighing): Ramp {
  if (ramp.doubleAt !== never || weighing.weight === 0) return ramp;
  const { weight: least } = weighing;
  const change = (least / 2) * Math.cbrt(1 - load);
  const weight = bounded(Math.trunc(ramp.weight + change), weighing);
  return Math.abs(weight - ramp.weight) >= least / 4 ? { ...ramp, weight } : ramp;
}
