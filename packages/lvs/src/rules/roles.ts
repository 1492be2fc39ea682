// What lvs is: another role, other services and other nannies.
import type { Instant } from '@piranha/domain';
import { after, chain, never, seconds } from '@piranha/domain';
import { arrangeNannies } from './nannies.ts';
import { allJudged, standing, standingVirtuals } from './standing.ts';
import type { Keeper } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import { warnOfShortage } from './troubles.ts';
import type { Transition } from './transition.ts';
import { go, tellNews } from './transition.ts';

/** From now on lvs is this; pulse has not been told yet that the role's work is done. */
export const takeRole = (before: LvsState, role: 'standby' | 'active' | 'fenced', at: Instant): Transition =>
  rearrange(before, { ...before, role, told: 'nothing', keeper: keeperFor(before, role, at) }, at);

/** From a takeover with a ready table until what it does not need (ms): the machine is to move addresses meanwhile. */
const calm = seconds(1);

function keeperFor(before: LvsState, role: LvsState['role'], at: Instant): Keeper {
  const keeper = withoutFailures(before.keeper);
  const wasReady = role === 'active' && standing(before) !== undefined && allJudged(before);
  return wasReady && keeper.found !== undefined ? { ...keeper, restUntil: after(at, calm) } : keeper;
}

/** A table that could not be read is tried at once for a new role or a new pulse, and if that fails pulse is told again. */
export const readSoon = (keeper: Keeper): Keeper => (keeper.unreadable > 1 ? { ...keeper, unreadable: 1 } : keeper);

/** Lines that failed were another role's. */
const withoutFailures = (keeper: Keeper): Keeper => ({
  ...readSoon(keeper),
  failed: new Map<never, never>(),
  failures: 0,
  retryAt: never,
});

/** Nannies follow what stands now, and the log says which services come and go. */
export function rearrange(before: LvsState, now: LvsState, at: Instant): Transition {
  const [old, current] = [standingVirtuals(before), standingVirtuals(now)];
  const started = [...current].filter(([key]) => !old.has(key)).map(([, virtual]) => virtual);
  const ended = [...old].filter(([key]) => !current.has(key)).map(([, virtual]) => virtual);
  const because =
    now.role === before.role ? ({ type: 'configured' } as const) : ({ type: 'role', role: now.role } as const);
  const news = [
    ...ended.map(({ name }) => tellNews({ type: 'service-ended', virtual: name, because })),
    ...started.map(({ name, port }) => tellNews({ type: 'service-started', virtual: name, port, because })),
  ];
  return chain(
    now,
    (state) => go(state, ...news),
    (state) => arrangeNannies(state, at),
    (state) => warnOfShortage(before, state),
  );
}

/** Our services go out of the table; where nothing was ordered yet, none was put there by us. */
export function end(before: LvsState, at: Instant): Transition {
  const owned = before.role === 'waiting' ? new Set<never>() : before.keeper.owned;
  const keeper = { ...readSoon(before.keeper), owned, failed: new Map<never, never>(), failures: 0 };
  return rearrange(before, { ...before, role: 'ending', keeper }, at);
}
