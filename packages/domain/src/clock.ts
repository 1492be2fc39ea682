// Instants on the monotonic clock. The clock itself lives in runtime; pure code is handed instants.
import type { Brand } from './brand.ts';
import type { Millis } from './duration.ts';

/** A moment on this process's monotonic clock, in milliseconds since an arbitrary start. Never wall time. */
export type Instant = Brand<number, 'Instant'>;

/** Tells the monotonic time. */
export type Clock = { readonly now: () => Instant };

/** No deadline at all: later than every instant. */
export const never = Infinity as Instant;

/** Makes an instant from a reading of a monotonic clock in milliseconds. */
export const instant = (reading: number): Instant => reading as Instant;

/** The moment `length` after `start`. */
export const after = (start: Instant, length: Millis): Instant => (start + length) as Instant;

/** How long it is from `start` to `end`; negative when `end` comes first. */
export const between = (start: Instant, end: Instant): Millis => (end - start) as Millis;

/** The first of some moments; `never` when there is none. */
export const earliest = (...instants: readonly Instant[]): Instant => Math.min(Infinity, ...instants) as Instant;
