// A new configuration while everything runs: what is equal goes on, what differs changes (design §5).
import { isDeepStrictEqual } from 'node:util';
import type { FloatingAddress, Instant } from '@piranha/domain';
import { after, chain, never, seconds } from '@piranha/domain';
import { firstReception } from './acceptance.ts';
import { firstLinkClass } from './links.ts';
import { stranger } from './partner.ts';
import { nextRefresh, raising, settledAddresses } from './role-change.ts';
import type { PulseAction } from '../events.ts';
import type { PulseSettings, PulseState } from '../state.ts';
import { noNewcomers } from '../state.ts';
import { withTimers } from './timers.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** New services have to be checked first: new addresses wait this long for lvs at most. */
const newcomerLimit = seconds(3);

/** Puts new settings in force. */
export function onConfigured(before: PulseState, fresh: PulseSettings, at: Instant): Transition {
  const unlearnt = { ...before, reception: { ...before.reception, near: false } };
  const watched = fresh.monitorLinks ? unlearnt : { ...unlearnt, links: firstLinkClass };
  const timed = withTimers(withRefresh(watched, fresh, at), fresh, at);
  return chain(
    timed.state,
    () => timed,
    (state) => followPartner(before, state, at),
    (state) => followAddresses(before, state, at),
  );
}

/** A new pace of announcements counts from now. */
const withRefresh = (before: PulseState, fresh: PulseSettings, at: Instant): PulseState =>
  fresh.arpRefresh === before.settings.arpRefresh ? before : { ...before, refreshAt: nextRefresh(fresh, at) };

const partnersOf = ({ channels }: PulseSettings): readonly string[] => channels.map((channel) => channel.partner);

/** What was heard of another partner says nothing about this one. Without any, nobody is waited for. */
function followPartner(before: PulseState, state: PulseState, at: Instant): Transition {
  const { settings } = state;
  if (isDeepStrictEqual(partnersOf(before.settings), partnersOf(settings))) return stay(state);
  const strange: PulseState = {
    ...state,
    conflict: undefined,
    reception: firstReception,
    partner: stranger(settings.hasPartner ? after(at, settings.deadtime) : never),
  };
  return settings.hasPartner
    ? go(strange, tell({ type: 'partner-changed', addresses: partnersOf(settings) }))
    : go(strange, tell({ type: 'partner-dropped' }));
}

const place = ({ address, device, prefix }: FloatingAddress): string => `${address} ${device} ${prefix ?? ''}`;

/** Addresses that the file drops go; new ones come when lvs has written their services. */
function followAddresses(before: PulseState, state: PulseState, at: Instant): Transition {
  const { addresses } = state.settings;
  const places = new Set(addresses.map(place));
  const dropped = before.settings.addresses.filter((each) => !places.has(place(each)));
  const standing = new Map(settledAddresses(before).map((each) => [each.address, place(each)]));
  const expected = addresses.filter((each) => standing.get(each.address) !== place(each)).map((each) => each.address);
  const waiting = expected.filter((address) => !standing.has(address));
  const newcomers = state.phase.type === 'active' ? { expected, waiting, raiseAt: waitFor(waiting, at) } : noNewcomers;
  const now: PulseState = {
    ...state,
    newcomers,
    balancer: { ...state.balancer, unanswered: state.balancer.unanswered + 1 },
  };
  return go(
    now,
    ...lowerDropped(now, dropped),
    { type: 'configure-lvs' },
    ...raiseStanding(now),
    ...syncAnew(before, now),
  );
}

const waitFor = (waiting: readonly unknown[], at: Instant): Instant =>
  waiting.length > 0 ? after(at, newcomerLimit) : never;

/** While all addresses go down the dropped ones go with them. */
function lowerDropped({ phase, settings }: PulseState, dropped: readonly FloatingAddress[]): readonly PulseAction[] {
  if (dropped.length === 0) return [];
  return phase.type === 'yielding'
    ? [{ type: 'lower-addresses', addresses: [...settings.addresses, ...dropped] }]
    : [{ type: 'lower-addresses', addresses: dropped, kept: settings.addresses }];
}

function raiseStanding(state: PulseState): readonly PulseAction[] {
  const addresses = settledAddresses(state);
  return state.phase.type === 'active' && addresses.length > 0 ? [raising(state, addresses)] : [];
}

const syncAnew = (before: PulseState, now: PulseState): readonly PulseAction[] =>
  isDeepStrictEqual(before.settings.syncDaemon, now.settings.syncDaemon) ? [] : [{ type: 'sync-daemons', run: true }];

/** lvs has written the new services, or the wait is over. */
export function raiseNewcomers(state: PulseState): Transition {
  if (state.phase.type !== 'active' || state.newcomers.raiseAt === never) return stay(state);
  return go(
    { ...state, newcomers: { ...state.newcomers, waiting: [], raiseAt: never } },
    raising(state, state.settings.addresses),
  );
}
