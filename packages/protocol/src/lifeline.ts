// How long an active lvs goes on without a tick of pulse. Both ends of the pipe go by it.
import type { Millis } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';

type Timers = { readonly keepalive: Millis; readonly deadtime: Millis };

const shortest = 20;

/**
 * Without a tick for so long lvs takes the addresses down. The partner may have heard the last heartbeat one keepalive
 * before the last tick, and takes over deadtime after that; what is left is for taking them down.
 */
export const lifelineLimit = ({ keepalive, deadtime }: Timers): Millis =>
  milliseconds(Math.max(shortest, deadtime - keepalive - Math.max(shortest, deadtime / 10)));

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
