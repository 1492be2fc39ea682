// When checks begin: the first at once, the following at a fixed rate, spread so that many do not begin together.
import type { Instant, Millis } from '@piranha/domain';
import { after, milliseconds } from '@piranha/domain';

/** A number from 0 up to 1 that depends on the text alone: the same server keeps its place. */
export function fractionOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return (hash >>> 0) / 2 ** 32;
}

/** When a server's second check is due: half an interval to a whole one after the first. */
export const secondCheckAt = (first: Instant, interval: Millis, server: string): Instant =>
  after(first, milliseconds(interval * (0.5 + fractionOf(server) / 2)));

/** The first moment after `at` that is a whole number of intervals after `due`: what was missed is left out. */
export function nextAtRate(due: Instant, interval: Millis, at: Instant): Instant {
  const missed = Math.max(0, Math.floor((at - due) / interval));
  return after(due, milliseconds((missed + 1) * interval));
}
