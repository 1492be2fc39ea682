// The decisions of pulse: one event in, the next state and the orders out.
import type { Instant } from '@piranha/domain';
import { after, assertNever, earliest, instant, never } from '@piranha/domain';
import { describeEnding } from '@piranha/runtime';
import { onLvsEnded, onLvsMessage, startBalancer } from './balancer.ts';
import { forgetSleep, onElected, onHeartbeat, onSilence } from './partner.ts';
import {
  announce,
  onAddressesNotDown,
  onYielded,
  raiseAfterWaiting,
  saysRunning,
  takeOver,
  yieldAddresses,
} from './role-change.ts';
import type { PulseAction, PulseEvent, PulseSettings, PulseState } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay } from './transition.ts';

/** Before anything has happened. */
export const initialState = (settings: PulseSettings): PulseState => ({
  settings,
  phase: { type: 'inactive' },
  partner: { said: 'nothing', runningOn: {}, heardAt: undefined, deadAt: never, electAt: never },
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
});

/** When the next clock event is wanted. */
export function nextDeadline(state: PulseState): Instant {
  const { phase, partner, balancer } = state;
  if (phase.type === 'ending') return never;
  const ofPhase = earliest(raiseDeadline(state), retryDeadline(state));
  return earliest(state.sendAt, partner.deadAt, partner.electAt, balancer.restartAt, ofPhase, ...state.announceAt);
}

/** Takes one event. Pure: the same state and event always give the same answer. */
export function step(state: PulseState, event: PulseEvent): Transition {
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
      return onConfigured(state, event.settings);
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
    sendAt: settings.hasPartner ? after(at, settings.keepalive) : never,
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

const retryDeadline = ({ phase }: PulseState): Instant => (phase.type === 'yielding' ? phase.retryAt : never);

/** The regular heartbeat. An active router also looks whether its addresses are still there. */
function beat(before: PulseState, at: Instant): Transition {
  const next = after(before.sendAt, before.settings.keepalive);
  const state = { ...before, sendAt: next > at ? next : after(at, before.settings.keepalive) };
  const { phase, settings } = state;
  if (phase.type === 'yielding') return stay(state);
  const word: PulseAction = { type: 'send', word: saysRunning(state) ? 'running' : 'stopped' };
  if (phase.type !== 'active') return go(state, word);
  return go(state, word, { type: 'raise-addresses', addresses: settings.addresses });
}

const announceAgain = (state: PulseState): Transition =>
  go(
    { ...state, announceAt: state.announceAt.slice(1) },
    ...(state.announceAt.length === 1 ? [log('info', 'gratuitous lvs arps finished')] : []),
    { type: 'announce', addresses: state.settings.addresses },
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
  const noticed = go(state, log('warning', `put back: ${added.join(', ')}`));
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

function onConfigured(before: PulseState, settings: PulseSettings): Transition {
  const balancer = { ...before.balancer, unanswered: before.balancer.unanswered + 1 };
  const state = { ...before, settings, balancer };
  const kept = new Set(settings.addresses.map((each) => `${each.address} ${each.device}`));
  const dropped = before.settings.addresses.filter((each) => !kept.has(`${each.address} ${each.device}`));
  return go(
    state,
    ...(dropped.length > 0 ? [{ type: 'lower-addresses', addresses: dropped } as const] : []),
    { type: 'configure-lvs' },
    ...(state.phase.type === 'active' ? [{ type: 'raise-addresses', addresses: settings.addresses } as const] : []),
  );
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
        { type: 'sync-daemon', mode: 'backup' },
        { type: 'stop-lvs' },
      );
    case 'ending':
      return stay(state);
  }
}
