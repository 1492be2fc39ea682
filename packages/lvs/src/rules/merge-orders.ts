// Which of two words about one server counts: the same on both routers, in whatever order and how often they come. Pure.
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Order, Release } from '../order-book.ts';
import { routerOf } from '../order-book.ts';

/** The last word about a server. */
export type Register = Order | Release;

/**
 * The later word. Equal stamps were given on both routers at once: then the one that does more counts, so that both take
 * the same.
 */
export function later(one: Register, other: Register): Register {
  if (one.stamp !== other.stamp) return one.stamp > other.stamp ? one : other;
  const [mine, theirs] = [strength(one), strength(other)];
  if (mine !== theirs) return mine > theirs ? one : other;
  return together(one, other);
}

/** How much it does: out at once, out some time, in, nothing; of two drains the longer one. */
function strength(register: Register): number {
  switch (register.type) {
    case 'force':
      return register.to === 'down' ? Infinity : -1;
    case 'drain':
      return register.timeoutMs ?? Number.MAX_VALUE;
    case 'release':
      return -2;
  }
}

/** The same order, heard twice: moments that came over a wire are a little late. */
function together(one: Register, other: Register): Register {
  const since = first(one.since, other.since);
  const from = one.from === 'here' ? one.from : routerOf(other);
  const given = { since, from };
  if (one.type !== 'drain' || other.type !== 'drain')
    return since === one.since && from === one.from ? one : { ...one, ...given };
  const deadline = first(one.deadline, other.deadline);
  const drained = one.drained || other.drained;
  const same = since === one.since && from === one.from && deadline === one.deadline && drained === one.drained;
  return same ? one : { ...one, ...given, deadline, drained };
}

const first = (one: Instant, other: Instant): Instant => instant(Math.min(one, other));
