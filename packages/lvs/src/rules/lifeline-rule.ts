// The lifeline: pulse ticks all the time. An active lvs that hears no tick for too long takes the addresses down, then
// its services: the partner is about to raise them.
import { floatingAddresses } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { after, between, chain, instant, never } from '@piranha/domain';
import { aliveInterval, lifelineLimit, silenceLimit } from '@piranha/protocol';
import { end, readSoon, takeRole } from './roles.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { TableNews } from '../news.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell, tellNews } from './transition.ts';

/** When an active lvs fences itself unless there is a tick before. */
export function fenceAt({ role, configuration, lifeline }: LvsState): Instant {
  if (role !== 'active' || configuration === undefined || lifeline.tickedAt === undefined) return never;
  // Without a partner nobody else raises the addresses: only the end of pulse counts.
  const counts = lifeline.orphaned || configuration.backupActive;
  if (!counts) return never;
  const timers = lifeline.timers ?? configuration;
  return lifeline.spokenAt === undefined
    ? after(lifeline.tickedAt, lifelineLimit(timers))
    : after(lifeline.spokenAt, silenceLimit(timers));
}

/**
 * Goes before what tells how long pulse was silent: a tick, whose sender counts, for we may have been slow to read it; the
 * clock, which is looked at when all that waited in the pipe is read; another pulse. A tick that comes too late has to
 * fence, too: we cannot know who has the addresses by now.
 */
export function fenceInTime(state: LvsState, event: LvsEvent): Transition {
  if (event.type !== 'tick' && event.type !== 'clock' && event.type !== 'adopted') return stay(state);
  return fenceIfDue(state, event.type === 'tick' ? event.sentAt : event.at);
}

/** Both silences are told: a pulse that ticks may have said nothing to its partner all the same. */
function fenceIfDue(state: LvsState, at: Instant): Transition {
  if (at < fenceAt(state)) return stay(state);
  const { tickedAt = at, spokenAt } = state.lifeline;
  const silentMs = Math.round(between(tickedAt, at));
  const sinceHeartbeatMs = spokenAt === undefined ? undefined : Math.round(between(spokenAt, at));
  return fence(state, { type: 'fencing', because: { type: 'silence', silentMs, sinceHeartbeatMs } });
}

const fence = (state: LvsState, news: TableNews): Transition =>
  go(
    { ...state, role: 'fencing', fenceTries: 0, lifeline: { ...state.lifeline, pulseBack: false } },
    ...[tellNews(news), tell({ type: 'fencing' }), lowerAddresses(state)],
  );

const lowerAddresses = ({ configuration }: LvsState): LvsAction => ({
  type: 'lower-addresses',
  addresses: configuration === undefined ? [] : floatingAddresses(configuration),
});

/**
 * Only another role is an order. What was fenced becomes active again by way of standby or under another term: then
 * pulse has noticed.
 */
export const onTick = (before: LvsState, tick: Extract<LvsEvent, { readonly type: 'tick' }>): Transition =>
  chain(
    before,
    (state) => obey(state, tick),
    (state) => answer(state, tick.at),
  );

/** pulse has to see that we live, whatever we are. */
function answer(state: LvsState, at: Instant): Transition {
  const { lifeline, configuration } = state;
  if (configuration === undefined || at < after(lifeline.answeredAt, aliveInterval(configuration))) return stay(state);
  return go({ ...state, lifeline: { ...lifeline, answeredAt: at } }, tell({ type: 'alive' }));
}

function obey(before: LvsState, tick: Extract<LvsEvent, { readonly type: 'tick' }>): Transition {
  const { role, term, held, at, sentAt, spokenAt, timers } = tick;
  if (before.role === 'fencing') return stay({ ...before, lifeline: { ...before.lifeline, pulseBack: true } });
  if (before.role === 'ending') return stay(before);
  const { term: fencedTerm } = before.lifeline;
  if (before.role === 'fenced' && role === 'active' && term === fencedTerm) {
    return go(before, tell({ type: 'fenced', term }));
  }
  const { answeredAt } = before.lifeline;
  const heard = { tickedAt: sentAt, spokenAt, pulseBack: false, orphaned: false, leaveAt: never, guardAt: never };
  const lifeline = { ...heard, term, held, timers, answeredAt };
  const state: LvsState = { ...before, lifeline };
  return role === before.role ? stay(state) : takeRole(state, role, at);
}

/**
 * pulse is gone. While active we wait for another as long as for a tick, and no longer; where nothing of ours can be in
 * the partner's way, for deadtime.
 */
export function onParentGone(before: LvsState, at: Instant): Transition {
  const { role, configuration } = before;
  if (role === 'ending') return stay(before);
  const state: LvsState = { ...before, lifeline: { ...before.lifeline, orphaned: true } };
  if (role === 'fencing') return stay(state);
  if ((role === 'standby' || role === 'fenced') && configuration !== undefined) {
    const lifeline = { ...state.lifeline, leaveAt: after(at, configuration.deadtime) };
    return go({ ...state, lifeline }, tellNews({ type: 'pulse-gone', then: 'wait' }));
  }
  const ends = fenceAt(state) === never;
  return chain(
    state,
    (now) => go(now, tellNews({ type: 'pulse-gone', then: ends ? 'end' : 'fence' })),
    (now) => (ends ? end(now, at) : fenceIfDue(now, at)),
  );
}

/** Nobody came for us. */
export function leaveInTime(state: LvsState, at: Instant): Transition {
  if (at < state.lifeline.leaveAt || state.role === 'ending') return stay(state);
  return chain(
    state,
    (now) => go(now, tellNews({ type: 'no-pulse-came' })),
    (now) => end(now, at),
  );
}

/** Another pulse has come. It knows nothing of what its predecessor was told: all that is said once is said again. */
export function onAdopted(before: LvsState): Transition {
  const lifeline = { ...before.lifeline, orphaned: false, leaveAt: never, answeredAt: instant(-Infinity) };
  const living = { ...before.living, told: null };
  const census = { ...before.census, count: null };
  const state: LvsState = { ...before, lifeline, living, census };
  // That the role's work is done is said again for the file that comes now; that it cannot be done is not.
  const retold: LvsState =
    before.told === 'unable' ? { ...state, told: 'nothing', keeper: readSoon(before.keeper) } : state;
  return before.role === 'ending' ? stay(before) : go(retold, tellNews({ type: 'adopted' }));
}

/** Told to stop with nobody above us who takes the addresses down: they go first. True if so. */
export const stopsAlone = ({ role, lifeline }: LvsState): boolean => role === 'active' && lifeline.orphaned;

/** Takes down the addresses, then the services; then the process ends. */
export const fenceAndEnd = (state: LvsState, stopping: TableNews): Transition => fence(state, stopping);

/** A second owner is the worst that can happen, so a failure is not the last word at once. */
const fenceTries = 3;

/** `ip` has done its work, or not. */
export function onAddressesLowered(
  state: LvsState,
  { result, at }: Extract<LvsEvent, { readonly type: 'addresses-lowered' }>,
): Transition {
  if (state.role !== 'fencing') return stay(state);
  if (result.ok) return onFenced(state, at);
  const tries = state.fenceTries + 1;
  const because = { type: 'problem', problem: result.error } as const;
  return chain(
    { ...state, fenceTries: tries },
    (now) => go(now, tellNews({ type: 'addresses-not-down', tries, because })),
    // Never `fenced`, which would not be true: pulse, if there is one, notices our end and takes them down.
    (now) => (tries >= fenceTries ? end(now, at) : go(now, lowerAddresses(now))),
  );
}

function onFenced(state: LvsState, at: Instant): Transition {
  if (state.lifeline.orphaned) return end(state, at);
  return chain(
    state,
    (now) => go(now, tellNews({ type: 'addresses-down' }), tell({ type: 'fenced', term: now.lifeline.term })),
    (now) => takeRole(guarded(now, at), 'fenced', at),
  );
}

const guarded = (state: LvsState, at: Instant): LvsState => ({
  ...state,
  lifeline: {
    ...state.lifeline,
    guardAt: state.configuration === undefined ? never : after(at, state.configuration.keepalive),
  },
});

/** Until pulse is heard again the addresses stay down. */
export const keepFenced = (state: LvsState, at: Instant): Transition =>
  at < state.lifeline.guardAt ? stay(state) : go(guarded(state, at), lowerAddresses(state));
