// How many real servers are known to be good: by that the routers of a pair see which of them is the fitter.
import type { Instant } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import { emptyTable, underOrders } from '@piranha/ipvs';
import type { LivingCount } from '../state-parts.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** Only none, some and unknown decide anything; a thousand verdicts need no thousand lines. */
const tellEvery = seconds(1);

/** Tells another count: at once where it is of another kind. */
export function tellLiving(before: LvsState, now: LvsState, at: Instant): Transition {
  // The end of our own checks says nothing of the servers.
  if (now.role === 'ending') return stay(now);
  const count = sameGround(before, now) ? now.living.count : countLiving(now);
  const { told, toldAt } = now.living;
  if (count === told || (kindOf(count) === kindOf(told) && at < after(toldAt, tellEvery))) {
    return stay(count === now.living.count ? now : { ...now, living: { ...now.living, count } });
  }
  return go({ ...now, living: { count, told: count, toldAt: at } }, tell({ type: 'living', count }));
}

/** When a count that has changed is told. */
export const nextLiving = ({ role, living: { count, told, toldAt } }: LvsState): Instant =>
  count === told || role === 'ending' ? never : after(toldAt, tellEvery);

const sameGround = (before: LvsState, now: LvsState): boolean =>
  before.servers === now.servers && before.health === now.health && before.orders === now.orders;

/** Servers that serve because they are good, or because an administrator says so. */
function countLiving({ servers, health, orders }: LvsState): LivingCount {
  const known = underOrders({ health, weights: new Map(), found: emptyTable }, orders);
  const standings = [...servers.keys()].map((server) => known.health.get(server) ?? 'unknown');
  if (standings.length === 0 || standings.includes('unknown')) return null;
  return standings.filter((each) => each === 'up').length;
}

const kindOf = (count: LivingCount): string => (count === null ? 'unknown' : count === 0 ? 'none' : 'some');
