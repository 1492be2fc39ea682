// The decisions of pulse: one event in, the next state and the orders out.
import type { Instant } from '@piranha/domain';
import { after, assertNever, earliest, instant, never } from '@piranha/domain';
import { describeEnding } from '@piranha/runtime';
import { onLvsEnded, onLvsMessage, startBalancer } from './balancer.ts';
import { forgetSleep, onElected, onHeartbeat, onSilence } from './partner.ts';
import { onConfigured, onTimersDue, raiseNewcomers } from './reload.ts';
import {
  announce,
  onAddressesNotDown,
  onYielded,
  raiseAfterWaiting,
  saysRunning,
  settledAddresses,
  takeOver,
  yieldAddresses,
} from './role-change.ts';
import type { PulseAction, PulseEvent, PulseSettings, PulseState } from './state.ts';
import { noNewcomers } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay } from './transition.ts';

/** Before anything has happened. */
export const initialState = (settings: PulseSettings): PulseState => ({
  settings,
  phase: { type: 'inactive' },
  phaseSince: instant(0),
  partner: { said: 'nothing', lastWords: {}, runningOn: {}, heardAt: undefined, deadAt: never, electAt: never },
  balancer: {
    running: false,
    table: 'unknown',
    unanswered: 0,
    startedAt: never,
    failures: 0,
    restartAt: never,
    unfitUntil: instant(0),
  },
  sendAt: never,
  announceAt: [],
  addressProblem: undefined,
  conflict: false,
  laterTimers: undefined,
  newcomers: noNewcomers,
});

/** When the next clock event is wanted. */
export function nextDeadline(state: PulseState): Instant {
  const { phase, partner, balancer, newcomers } = state;
  if (phase.type === 'ending') return never;
  const ofPhase = earliest(raiseDeadline(state), retryDeadline(state));
  const ofReload = earliest(newcomers.raiseAt, timersDue(state));
  const ofPartner = earliest(state.sendAt, partner.deadAt, partner.electAt);
  return earliest(ofPartner, balancer.restartAt, ofPhase, ofReload, ...state.announceAt);
}

/** Takes one event. Pure: the same state and event always give the same answer. */
export function step(before: PulseState, event: PulseEvent): Transition {
  const next = onEvent(before, event);
  if (next.state.phase.type === before.phase.type) return next;
  return { ...next, state: { ...next.state, phaseSince: event.at } };
}

function onEvent(state: PulseState, event: PulseEvent): Transition {
  switch (event.type) {
    case 'started':
      return onStarted(state, event.at, event.force);
    case 'clock':
      return onClock(state, event.at);
    case 'heartbeat':
      return onHeartbeat(state, event);
    case 'lvs-said':
      return onLvsMessage(state, event.message);
    case 'lvs-ended':
      return onLvsEnded(state, event.at, event.ending, describeEnding(event.ending));
    case 'addresses-up':
      return onAddressesUp(state, event.at, event.added);
    case 'addresses-not-up':
      return onAddressesNotUp(state, event.at, event.problem);
    case 'addresses-down':
      return onYielded(state, event.at);
    case 'addresses-not-down':
      return onAddressesNotDown(state, event.at, event.problem);
    case 'configured':
      return onConfigured(state, event.settings, event.at);
    case 'stop':
      return onStop(state, event.reason);
    default:
      return assertNever(event, 'pulse event');
  }
}

function onStarted(before: PulseState, at: Instant, force: boolean): Transition {
  const { settings } = before;
  const timed: PulseState = {
    ...before,
    sendAt: after(at, settings.keepalive),
    partner: { ...before.partner, deadAt: settings.hasPartner ? after(at, settings.deadtime) : never },
  };
  const name = settings.role === 'primary' ? 'MASTER' : 'BACKUP';
  const begun = go(
    timed,
    log('notice', `STARTING PULSE AS ${name}`),
    { type: 'send', word: 'stopped' },
    // Left over from an earlier life that ended badly.
    { type: 'lower-addresses', addresses: settings.addresses },
    { type: 'run-command', which: 'inactive' },
    { type: 'sync-daemon', mode: 'backup' },
  );
  const balancing = andThen(begun, (state) => startBalancer(state, at));
  if (force) return andThen(balancing, (state) => takeOver(state, at, 'forced active: activating lvs'));
  if (settings.hasPartner) return balancing;
  return andThen(balancing, (state) => takeOver(state, at, 'no backup configured: activating lvs'));
}

/** Everything that is due, in the order in which a reader would expect it. */
function onClock(before: PulseState, at: Instant): Transition {
  const due: readonly (readonly [(state: PulseState) => Instant, (state: PulseState) => Transition])[] = [
    [(state) => state.sendAt, (state) => beat(state, at)],
    [(state) => state.partner.deadAt, (state) => onSilence(state, at)],
    [(state) => state.partner.electAt, (state) => onElected(state, at)],
    [raiseDeadline, raiseAfterWaiting],
    [(state) => state.announceAt[0] ?? never, announceAgain],
    [(state) => state.balancer.restartAt, (state) => startBalancer(state, at)],
    [retryDeadline, lowerAgain],
    [(state) => state.newcomers.raiseAt, raiseNewcomers],
    [timersDue, onTimersDue],
  ];
  if (before.phase.type === 'ending') return stay(before);
  const awake = stay(forgetSleep(before, at));
  return due.reduce(
    (done, [deadline, act]) => andThen(done, (state) => (at >= deadline(state) ? act(state) : stay(state))),
    awake,
  );
}

const raiseDeadline = ({ phase }: PulseState): Instant =>
  phase.type === 'taking-over' && phase.wait === 'for-lvs' ? phase.raiseAt : never;

const timersDue = ({ laterTimers }: PulseState): Instant => laterTimers?.at ?? never;

const retryDeadline = ({ phase }: PulseState): Instant => (phase.type === 'yielding' ? phase.retryAt : never);

/** The regular heartbeat. An active router also looks whether its addresses are still there. */
function beat(before: PulseState, at: Instant): Transition {
  const next = after(before.sendAt, before.settings.keepalive);
  const state = { ...before, sendAt: next > at ? next : after(at, before.settings.keepalive) };
  const { phase } = state;
  if (phase.type === 'yielding') return stay(state);
  const word: PulseAction = { type: 'send', word: saysRunning(state) ? 'running' : 'stopped' };
  if (phase.type !== 'active') return go(state, word);
  return go(state, word, { type: 'raise-addresses', addresses: settledAddresses(state) });
}

const announceAgain = (state: PulseState): Transition =>
  go(
    { ...state, announceAt: state.announceAt.slice(1) },
    ...(state.announceAt.length === 1 ? [log('info', 'gratuitous lvs arps finished')] : []),
    { type: 'announce', addresses: settledAddresses(state) },
  );

const lowerAgain = (state: PulseState): Transition =>
  state.phase.type === 'yielding'
    ? go(
        { ...state, phase: { ...state.phase, retryAt: never } },
        { type: 'lower-addresses', addresses: state.settings.addresses },
      )
    : stay(state);

function onAddressesUp(before: PulseState, at: Instant, added: readonly string[]): Transition {
  const state = { ...before, addressProblem: undefined };
  if (state.phase.type === 'taking-over') return announce({ ...state, phase: { type: 'active' } }, at, state.conflict);
  if (state.phase.type !== 'active' || added.length === 0) return stay(state);
  const expected = new Set<string>(state.newcomers.expected);
  const [fresh, lost] = [added.filter((each) => expected.has(each)), added.filter((each) => !expected.has(each))];
  const left = state.newcomers.expected.filter((each) => !fresh.includes(each));
  const noticed = go(
    { ...state, newcomers: { ...state.newcomers, expected: left } },
    ...(fresh.length > 0 ? [log('notice', `brought up: ${fresh.join(', ')}`)] : []),
    ...(lost.length > 0 ? [log('warning', `put back: ${lost.join(', ')}`)] : []),
  );
  return andThen(noticed, (next) => announce(next, at, false));
}

/** Serve on with what is up; the next heartbeat tries again. */
function onAddressesNotUp(before: PulseState, at: Instant, problem: string): Transition {
  const state = { ...before, addressProblem: problem };
  const trouble = log('error', `an address could not be brought up: ${problem}`);
  const noticed = problem === before.addressProblem ? stay(state) : go(state, trouble);
  if (state.phase.type !== 'taking-over') return noticed;
  return andThen(noticed, (next) => announce({ ...next, phase: { type: 'active' } }, at, state.conflict));
}

function onStop(state: PulseState, reason: string): Transition {
  switch (state.phase.type) {
    case 'active':
    case 'taking-over':
      return yieldAddresses(state, 'ending', reason);
    case 'yielding':
      return go({ ...state, phase: { ...state.phase, then: 'ending' } }, log('notice', reason));
    case 'inactive':
      return go(
        { ...state, phase: { type: 'ending' } },
        log('notice', reason),
        { type: 'run-command', which: 'inactive' },
        { type: 'sync-daemon', mode: 'off' },
        { type: 'stop-lvs' },
      );
    case 'ending':
      return stay(state);
  }
}
