// Becoming active and inactive: the order in which table, addresses and words go.
import type { FloatingAddress, Instant } from '@piranha/domain';
import { after, between, chain, instant, never, seconds } from '@piranha/domain';
import { lifelineLimit, tickInterval } from '@piranha/protocol';
import { addressLease } from './address-lease.ts';
import { claimEnd } from './claim.ts';
import { fenceTimers } from './fence-timers.ts';
import { isActive } from './fitness.ts';
import type { ServiceNews, Side } from '../news.ts';
import type { PulseAction } from '../events.ts';
import type { PulseSettings, PulseState } from '../state.ts';
import { noNewcomers } from '../state.ts';
import { givingTime, say } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, isProved, stay, tell } from './transition.ts';

/**
 * When the addresses are announced after they came up, in seconds. The original's are those of whole seconds
 * (reference/pulse §4.2). A switch that has just learnt where we are may lose the first ones: the early repeats see to it
 * that the fourth still comes in time for every neighbour to be right within 2 s, heartbeat and takeover included.
 */
const announcements = [0, 0.1, 0.3, 0.6, 1, 2, 3, 4];
/** After a conflict an original partner may go on announcing for 5 s: outlast it. */
const announcementsAfterConflict = [...announcements, 5, 6, 7];

/** How often taking the addresses down is tried, and the pause between two tries. */
const mostDropTries = 3;
const dropPause = seconds(0.5);

/** The other router, by its role in the file. */
export const partnerName = ({ settings }: PulseState): Side => (settings.role === 'primary' ? 'backup' : 'primary');

/** The partner says that it is active, and this router stays: clients may have believed it. */
export const resendingArps = (state: PulseState): PulseAction =>
  tell({ type: 'resending-arps', proved: isProved(state), because: { type: 'partner-active' } });

/** The highest term there is: at it the role alone decides. */
const lastTerm = 2 ** 32 - 1;

/** Outbids all that was heard: says so at once, has lvs write the table, and lets the addresses wait for it. */
export function takeOver(before: PulseState, at: Instant, because: TakeoverCause, alone = false): Transition {
  const { keepalive, readyLimit } = before.settings;
  const { own } = before;
  const state: PulseState = {
    ...before,
    phase: { type: 'taking-over', raiseAt: after(at, readyLimit), wait: 'for-lvs' },
    own: {
      ...own,
      term: Math.min(Math.max(own.highestTerm, own.term) + 1, lastTerm),
      held: !alone && (own.held || own.want?.by === 'operator'),
      want: undefined,
      waitUntil: never,
    },
    sendAt: after(at, keepalive),
  };
  return chain(
    state,
    (now) => go(now, tell({ type: 'took-over', because })),
    (now) => say(now, at),
    (now) => tick(now, at),
    (now) => go(now, { type: 'run-command', which: 'active' }, { type: 'probe', addresses: now.settings.addresses }),
    (now) => (tableStands(before) ? raiseAddresses(now) : stay(now)),
  );
}

/** A hot standby whose servers were all judged has its table already: nothing is left to wait for. */
const tableStands = ({ settings, balancer, own }: PulseState): boolean =>
  settings.hotStandby &&
  balancer.running &&
  balancer.table === 'usable' &&
  !balancer.fenced &&
  own.living !== undefined;

/** One above a term. */
export const above = (term: number): number => Math.min(term + 1, lastTerm);

/** lvs learns the role, and that we live; how often is its lifeline's business (docs/pair.md, L1). */
export function tick(state: PulseState, at: Instant): Transition {
  const { balancer, own } = state;
  if (!balancer.running || state.phase.type === 'ending') {
    return stay({ ...state, balancer: { ...balancer, tickAt: never } });
  }
  const timers = fenceTimers(state);
  const tickAt = after(at, tickInterval(timers));
  const ticked = { ...state, balancer: { ...balancer, tickAt } };
  const yields = state.phase.type === 'yielding';
  // Addresses that do not go down for this long are left to lvs: without a tick it takes them down itself.
  if (yields && between(state.phaseSince, at) > lifelineLimit(timers)) return stay(ticked);
  const role = isActive(state) || yields ? 'active' : 'standby';
  const { term, held, spokenAt } = own;
  const told = { ...ticked, balancer: { ...ticked.balancer, toldSpokenAt: spokenAt } };
  return go(told, { type: 'tick-lvs', role, term, held, spokenAt, timers });
}

/** The order to bring addresses up, for as long as the partner waits for this router to be heard. */
export const raising = (state: PulseState, addresses: readonly FloatingAddress[], by?: Instant): PulseAction => ({
  ...{ type: 'raise-addresses', addresses, lease: addressLease(fenceTimers(state), state.settings.hasPartner) },
  ...(by === undefined ? {} : { by }),
});

/** The table is ready: now the addresses. */
export function raiseAddresses(state: PulseState): Transition {
  if (state.phase.type !== 'taking-over' || state.phase.wait === 'for-addresses') return stay(state);
  return go({ ...state, phase: { ...state.phase, wait: 'for-addresses' } }, raising(state, state.settings.addresses));
}

/** Some server has not been judged for long enough; only addresses without any table would be worse than none. */
export function raiseAfterWaiting(state: PulseState): Transition {
  if (state.phase.type !== 'taking-over' || state.phase.wait === 'for-addresses') return stay(state);
  const { table, fenced } = state.balancer;
  if (table === 'usable' && !fenced) {
    return andThen(raiseAddresses(state), (raising) => go(raising, tell({ type: 'addresses-wait-no-longer' })));
  }
  return go({ ...state, phase: { ...state.phase, wait: 'no-longer' } }, tell({ type: 'addresses-wait' }));
}

/** The addresses that an active router holds: all but those that wait for lvs. */
export const settledAddresses = ({ settings, newcomers }: PulseState): readonly FloatingAddress[] =>
  settings.addresses.filter((each) => !newcomers.waiting.includes(each.address));

/** Announces all addresses now and, for some seconds, again and again. */
export function announce(state: PulseState, at: Instant, outlast: boolean): Transition {
  const times = outlast ? announcementsAfterConflict : announcements;
  return announceOnce({ ...state, announceAt: times.slice(1).map((second) => after(at, seconds(second))) }, at);
}

/** No other owner is heard any more. The neighbours may have learnt its address meanwhile. */
export function conflictOver(before: PulseState, at: Instant): Transition {
  const state = { ...before, conflict: undefined };
  return state.phase.type === 'active' ? announce(state, at, true) : stay(state);
}

/**
 * Announces all addresses. The next refresh counts from here. Who may have slept puts it off: what waits in the pipe of lvs
 * and in the sockets is read first.
 */
export function announceOnce(state: PulseState, at: Instant): Transition {
  if (at < state.announceHeldUntil) return stay({ ...state, announceAt: [at, ...state.announceAt] });
  return go(
    { ...state, refreshAt: nextRefresh(state.settings, at) },
    { type: 'announce', addresses: settledAddresses(state), until: claimEnd(state) },
  );
}

/** When addresses that stand are announced again, if nothing else announces them before. */
export const nextRefresh = ({ arpRefresh }: PulseSettings, at: Instant): Instant =>
  arpRefresh === 0 ? never : after(at, arpRefresh);

/** What is due of that: nothing unless this router is active, and nothing while it may have slept. */
export const refreshDeadline = ({ phase, refreshAt, announceHeldUntil }: PulseState): Instant =>
  phase.type === 'active' ? instant(Math.max(refreshAt, announceHeldUntil)) : never;

type Cause<T extends ServiceNews['type']> = Extract<
  ServiceNews,
  { readonly type: T; readonly because: unknown }
>['because'];
type TakeoverCause = Cause<'took-over'>;

/** The partner gets the service. */
export const giveService = (state: PulseState, because: Cause<'service-given'>): Transition =>
  drop(state, 'given', { type: 'service-given', to: partnerName(state), because });

/** This router serves no longer, whoever does. */
export const leaveService = (state: PulseState, because: Cause<'service-left'>): Transition =>
  drop(state, because.type === 'stop' ? 'ending' : 'inactive', { type: 'service-left', because });

/** Addresses down first; nothing is sent until they are. */
function drop(state: PulseState, then: 'inactive' | 'given' | 'ending', news: ServiceNews): Transition {
  return go(
    {
      ...state,
      phase: { type: 'yielding', then, tries: 1, retryAt: never },
      announceAt: [],
      conflict: undefined,
      newcomers: noNewcomers,
    },
    tell(news),
    { type: 'lower-addresses', addresses: state.settings.addresses },
    { type: 'run-command', which: 'inactive' },
  );
}

/** An address did not go: once more, a few times. Silent meanwhile, so that the partner takes over in the end. */
export function onAddressesNotDown(state: PulseState, at: Instant, problem: string): Transition {
  const { phase } = state;
  const news = (then: 'nothing' | 'try-again' | 'give-up'): PulseAction =>
    tell({ type: 'address-not-down', then, because: { type: 'problem', problem } });
  if (phase.type !== 'yielding') return go(state, news('nothing'));
  if (phase.tries >= mostDropTries) return onDropped(state, at, news('give-up'));
  return go(
    { ...state, phase: { ...phase, tries: phase.tries + 1, retryAt: after(at, dropPause) } },
    news('try-again'),
  );
}

/** The addresses are down: say so at once, and the table may go. */
export function onDropped(before: PulseState, at: Instant, ...first: Transition['actions']): Transition {
  const { phase } = before;
  if (phase.type !== 'yielding') return go(before, ...first);
  if (phase.then === 'ending') return andThen(go(before, ...first), (state) => leave(state, at));
  const given = phase.then === 'given';
  const own = given ? { ...before.own, waitUntil: after(at, givingTime(before)), gaveAt: at } : before.own;
  return andThen(go({ ...before, own }, ...first), (state) => becomeInactive(state, at));
}

/** From here on the partner may take over, and silence counts anew. */
function becomeInactive(before: PulseState, at: Instant): Transition {
  const { keepalive, deadtime } = before.settings;
  const state: PulseState = {
    ...before,
    phase: { type: 'inactive' },
    sendAt: after(at, keepalive),
    partner: { ...before.partner, deadAt: after(at, deadtime) },
  };
  return andThen(say(state, at), (now) => tick(now, at));
}

/** Three times, for one may be lost: the partner need not wait for its dead timer. */
export function leave(before: PulseState, at: Instant): Transition {
  const state: PulseState = { ...before, phase: { type: 'ending' }, own: { ...before.own, leaving: true } };
  const words = [1, 2, 3].reduce((done) => andThen(done, (now) => say(now, at)), stay(state));
  return andThen(words, (now) => go(now, { type: 'stop-lvs' }));
}
