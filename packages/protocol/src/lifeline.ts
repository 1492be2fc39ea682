// How long an active lvs goes on without a tick of pulse. Both ends of the pipe go by it.
import type { Millis } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';

/** The two times by which the pair goes. */
export type Timers = { readonly keepalive: Millis; readonly deadtime: Millis };

const shortest = 20;

/**
 * So long after the last heartbeat to the partner lvs takes the addresses down, unless a tick tells of another one. The
 * partner takes over deadtime after it has heard it; what is left is for taking them down.
 */
export const silenceLimit = ({ keepalive, deadtime }: Timers): Millis =>
  milliseconds(Math.max(keepalive + shortest, deadtime - Math.max(shortest, deadtime / 10)));

/** The same after the last tick: the partner may have heard the last heartbeat one keepalive before that. */
export const lifelineLimit = (timers: Timers): Millis => milliseconds(silenceLimit(timers) - timers.keepalive);

/** A tick is answered when so much time has passed since the last answer. */
export const aliveInterval = ({ keepalive }: Pick<Timers, 'keepalive'>): Millis =>
  milliseconds(Math.min(keepalive, 1000));

/**
 * An lvs that is silent for so long hangs. Its longest work, a new configuration of a thousand servers, takes a fraction
 * of it.
 */
export const lvsSilenceLimit = ({ deadtime }: Pick<Timers, 'deadtime'>): Millis =>
  milliseconds(Math.max(deadtime, 5000));

/** From one tick to the next at most: some may be late. */
export const tickInterval = (timers: Timers): Millis =>
  milliseconds(Math.min(timers.keepalive, lifelineLimit(timers)) / 4);
