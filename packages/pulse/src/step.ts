// The decisions of pulse: one event in, the next state and the orders out.
import type { Instant } from '@piranha/domain';
import { after, assertNever, chain, describeEnding, earliest, instant, milliseconds, never } from '@piranha/domain';
import { firstReception } from './rules/acceptance.ts';
import { endClaim, killSilentLvs, lvsSilentAt, onLvsEnded, onLvsMessage, startBalancer } from './rules/balancer.ts';
import { onSynced, onSyncTrouble, syncAgain } from './rules/connections.ts';
import { noForeign, onAddressesSeen } from './rules/foreign.ts';
import { isMutual, mended, mendsAt } from './rules/fitness.ts';
import { isLate, setClocksBack } from './rules/late.ts';
import { firstLinkClass, nextLinkDeadline, passLinks, watchLinks } from './rules/links.ts';
import { nextNote, noNotes, onNote, settleNotes } from './rules/notes.ts';
import { originalRules } from './rules/original.ts';
import type { ConflictRule, Rule } from './rules/pair.ts';
import { conflictRules, dueRule, nextRule, rules } from './rules/pair.ts';
import { forgetConflict, forgetSilent, onDatagram, onMisplaced, stranger } from './rules/partner.ts';
import { onAddressesNotUp, onAddressesUp } from './rules/addresses-up.ts';
import { noteConditions } from './rules/conditions.ts';
import { onLinks } from './rules/on-links.ts';
import { onConfigured, raiseNewcomers } from './rules/reload.ts';
import {
  announce,
  announceOnce,
  leave,
  leaveService,
  onAddressesNotDown,
  onDropped,
  raiseAfterWaiting,
  raising,
  refreshDeadline,
  settledAddresses,
  tick,
} from './rules/role-change.ts';
import type { PulseEvent } from './events.ts';
import type { PulseSettings, PulseState } from './state.ts';
import { noNewcomers } from './state.ts';
import { onStarted } from './rules/start.ts';
import { onSwitch } from './rules/switch.ts';
import { onTimersDue, timersDue } from './rules/timers.ts';
import { say } from './rules/trailer.ts';
import { onVoice } from './rules/voice.ts';
import { wordsOf } from './rules/words.ts';
import type { Transition } from './rules/transition.ts';
import { andThen, go, stay, tell } from './rules/transition.ts';

export type { PulseAction, PulseEvent } from './events.ts';
export type { PulseSettings, PulseState } from './state.ts';
export { conflictRules, originalRules, rules, wordsOf };

/** The rules by which a router decides. */
export type Rules = {
  readonly byThemselves: readonly Rule[];
  readonly inConflict: readonly ConflictRule[];
  /** Whether an owner that was silent for too long knows by itself that it is none any more (L1). */
  readonly endsClaim: boolean;
};

/** All of them: docs/pair.md. */
export const allRules: Rules = {
  byThemselves: [...rules, ...originalRules],
  inConflict: conflictRules,
  endsClaim: true,
};

/** Before anything has happened. `session` is random and never 0n: it tells this life of pulse from others. */
export const initialState = (settings: PulseSettings, session: bigint): PulseState => ({
  settings,
  phase: { type: 'inactive' },
  phaseSince: instant(0),
  seenAt: instant(-Infinity),
  own: {
    ...{ session, sequence: 0n, term: 0, highestTerm: 0, held: false, forced: false, leaving: false },
    ...{ want: undefined, waitUntil: never, gaveAt: instant(-Infinity), living: undefined },
    ...{ answeredAt: [], spokenAt: undefined, spokenBefore: undefined, unheardSince: undefined, muted: false },
    connections: undefined,
  },
  reception: firstReception,
  partner: stranger(never),
  conflict: undefined,
  since: { betterPartner: undefined, betterLinks: undefined, wantedBack: undefined, failback: undefined },
  links: firstLinkClass,
  balancer: {
    running: false,
    table: 'unknown',
    fenced: false,
    unanswered: 0,
    startedAt: never,
    heardAt: undefined,
    silentSince: never,
    hangs: false,
    failures: 0,
    restartAt: never,
    brokenAt: undefined,
    breakdowns: 0,
    toldSpokenAt: undefined,
    tickAt: never,
  },
  sendAt: never,
  announceAt: [],
  refreshAt: never,
  announceHeldUntil: instant(-Infinity),
  unreadUntil: instant(-Infinity),
  addressProblem: undefined,
  unshared: undefined,
  newcomers: noNewcomers,
  sync: { problem: undefined, retryAt: never },
  unbelieved: undefined,
  notes: noNotes,
  foreign: noForeign,
});

/** Takes one event. Pure: the same state and event always give the same answer. */
export const step = (before: PulseState, event: PulseEvent): Transition => stepBy(allRules, before, event);

/** When the next clock event is wanted. */
export const nextDeadline = (state: PulseState): Instant => nextDeadlineBy(allRules, state);

/** The same under other rules: a simulation may leave some out. */
export function stepBy(by: Rules, before: PulseState, event: PulseEvent): Transition {
  const due = nextDeadlineBy(by, before);
  const late = isLate(before, due, event.at);
  const awake = late ? setClocksBack(before, due, event.at) : before;
  const owner = by.endsClaim ? endClaim(awake, event.at) : stay(awake);
  // What `ip` answers now is about an older order, not about the one that has just ended our claim.
  const outdated = event.type === 'addresses-down' && owner.state.phase.type !== awake.phase.type;
  const heard = outdated ? owner : andThen(owner, (state) => onEvent(state, event, by));
  const done = andThen(heard, (state) => decide(notePhase(before, state, event), event.at, by, late));
  const settled = settleNotes(done, event.at);
  return { ...settled, state: { ...notePhase(before, settled.state, event), seenAt: event.at } };
}

/** Keeps when the phase changed. */
const notePhase = (before: PulseState, state: PulseState, { at }: PulseEvent): PulseState =>
  state.phase.type === before.phase.type || state.phaseSince === at ? state : { ...state, phaseSince: at };

/** What follows from how things stand now. After a sleep nothing does: the clocks have just begun. */
function decide(state: PulseState, at: Instant, by: Rules, late: boolean): Transition {
  const noted = noteConditions(state, at, isMutual(state, at));
  if (late || state.phase.type === 'ending') return stay(noted);
  const rule = dueRule(by.byThemselves, noted, at);
  return rule === undefined ? stay(noted) : rule.act(noted, at);
}

/** When something is due under these rules though nothing happens. */
export function nextDeadlineBy(by: Rules, state: PulseState): Instant {
  const { phase, partner, balancer, newcomers, links } = state;
  if (phase.type === 'ending') return never;
  const ofAddresses = earliest(raiseDeadline(state), announceDeadline(state), refreshDeadline(state));
  const ofPhase = earliest(retryDeadline(state), mendsAt(state), ofAddresses);
  const ofReload = earliest(newcomers.raiseAt, timersDue(state), state.sync.retryAt);
  const ofPartner = earliest(state.sendAt, silenceDeadline(partner), nextRule(by.byThemselves, state));
  const ofLvs = earliest(balancer.restartAt, balancer.tickAt, lvsSilentAt(state));
  return earliest(ofPartner, nextNote(state), ofLvs, ofPhase, ofReload, nextLinkDeadline(links));
}

function onEvent(state: PulseState, event: PulseEvent, by: Rules): Transition {
  switch (event.type) {
    case 'started':
      return onStarted(state, event);
    case 'clock':
      return onClock(state, event.at);
    case 'datagram':
      return onDatagram(state, event, by.inConflict);
    case 'note':
      return onNote(state, event);
    case 'misplaced':
      return onMisplaced(state, event.at, event.why);
    case 'voice':
      return onVoice(state, event.at, event.sends);
    case 'links':
      return onLinks(state, watchLinks(state.links, event.links, event.at, state.settings.deadtime), event.at);
    case 'switch':
      return onSwitch(state, event.at, event.force);
    case 'lvs-said':
      return onLvsMessage(state, event.message, event.at);
    case 'lvs-ended':
      return onLvsEnded(state, event.at, event.ending, describeEnding(event.ending));
    case 'addresses-up':
      return onAddressesUp(state, event.at, event.added);
    case 'addresses-not-up':
      return onAddressesNotUp(state, event.at, event.problem);
    case 'addresses-down':
      return onDropped(state, event.at);
    case 'announced-late':
      return state.phase.type === 'active' ? announce(state, event.at, false) : stay(state);
    case 'addresses-not-down':
      return onAddressesNotDown(state, event.at, event.problem);
    case 'addresses-seen':
      return onAddressesSeen(state, event);
    case 'configured':
      return onConfigured(state, event.settings, event.at);
    case 'sync-daemons-set':
      return event.problem === undefined ? onSynced(state) : onSyncTrouble(state, event.at, event.problem);
    case 'stop':
      return onStop(state, event.at, event.reason);
    default:
      return assertNever(event, 'pulse event');
  }
}

/** Everything that is due, in the order in which a reader would expect it. */
function onClock(before: PulseState, at: Instant): Transition {
  const due: readonly (readonly [(state: PulseState) => Instant, (state: PulseState) => Transition])[] = [
    [(state) => state.sendAt, (state) => beat(state, at)],
    // After the heartbeat, of which it tells.
    [(state) => state.balancer.tickAt, (state) => tick(state, at)],
    [lvsSilentAt, (state) => killSilentLvs(state, at)],
    [(state) => silenceDeadline(state.partner), (state) => forgetSilent(state, at)],
    [(state) => nextLinkDeadline(state.links), (state) => onLinks(state, passLinks(state.links, at), at)],
    [mendsAt, (state) => go(mended(state), tell({ type: 'lvs-recovered' }))],
    [raiseDeadline, raiseAfterWaiting],
    [announceDeadline, (state) => announceAgain(state, at)],
    [refreshDeadline, (state) => announceOnce(state, at)],
    [(state) => state.balancer.restartAt, (state) => startBalancer(state, at)],
    [retryDeadline, lowerAgain],
    [(state) => state.newcomers.raiseAt, raiseNewcomers],
    [timersDue, (state) => onTimersDue(state, at)],
    [(state) => state.sync.retryAt, syncAgain],
  ];
  if (before.phase.type === 'ending') return stay(before);
  return chain(
    before,
    (state) => forgetConflict(state, at),
    ...due.map(
      ([deadline, act]) =>
        (state: PulseState) =>
          at >= deadline(state) ? act(state) : stay(state),
    ),
  );
}

/** A partner that is silent is forgotten once. */
const silenceDeadline = ({ said, deadAt }: PulseState['partner']): Instant => (said === 'nothing' ? never : deadAt);

const announceDeadline = ({ announceAt, announceHeldUntil }: PulseState): Instant =>
  announceAt[0] === undefined ? never : instant(Math.max(announceAt[0], announceHeldUntil));

const raiseDeadline = ({ phase }: PulseState): Instant =>
  phase.type === 'taking-over' && phase.wait === 'for-lvs' ? phase.raiseAt : never;

const retryDeadline = ({ phase }: PulseState): Instant => (phase.type === 'yielding' ? phase.retryAt : never);

/** The regular heartbeat. An active router also looks whether its addresses are still there. */
function beat(before: PulseState, at: Instant): Transition {
  const next = after(before.sendAt, before.settings.keepalive);
  const state = { ...before, sendAt: next > at ? next : after(at, before.settings.keepalive) };
  const { phase, balancer } = state;
  if (phase.type === 'yielding') return stay(state);
  const said = say(state, at);
  // lvs takes the addresses down; after a sleep its word may not have been read yet.
  if (phase.type !== 'active' || balancer.fenced || at < state.unreadUntil) return said;
  const by = after(at, milliseconds(before.settings.keepalive / 2));
  return andThen(said, (now) => go(now, raising(now, settledAddresses(now), by)));
}

/** After a sleep several may be due: they are one. */
function announceAgain(state: PulseState, at: Instant): Transition {
  const announceAt = state.announceAt.filter((each) => each > at);
  const finished = announceAt.length === 0 ? [tell({ type: 'announced' })] : [];
  return andThen(go({ ...state, announceAt }, ...finished), (now) => announceOnce(now, at));
}

const lowerAgain = (state: PulseState): Transition =>
  state.phase.type === 'yielding'
    ? go(
        { ...state, phase: { ...state.phase, retryAt: never } },
        { type: 'lower-addresses', addresses: state.settings.addresses },
      )
    : stay(state);

function onStop(state: PulseState, at: Instant, reason: string): Transition {
  const because = { type: 'stop', reason } as const;
  switch (state.phase.type) {
    case 'active':
    case 'taking-over':
      return leaveService(state, because);
    case 'yielding':
      return go({ ...state, phase: { ...state.phase, then: 'ending' } }, tell({ type: 'stopping', because }));
    case 'inactive':
      return andThen(
        go(state, tell({ type: 'stopping', because }), { type: 'run-command', which: 'inactive' }),
        (now) => leave(now, at),
      );
    case 'ending':
      return stay(state);
  }
}
