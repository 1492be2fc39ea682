// Becoming active and inactive: the order in which table, addresses and words go.
import type { Instant } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import type { FloatingAddress } from '@piranha/runtime';
import type { PulseState } from './state.ts';
import { noNewcomers } from './state.ts';
import type { Transition } from './transition.ts';
import { go, log, stay } from './transition.ts';

/** When the addresses are announced after they came up, in seconds (reference/pulse §4.2). */
const announcements = [0, 1, 2, 3, 4];
/** After a conflict an original partner may go on announcing for 5 s: outlast it. */
const announcementsAfterConflict = [0, 1, 2, 3, 4, 5, 6, 7];

/** How often taking the addresses down is tried, and the pause between two tries. */
const mostYieldTries = 3;
const yieldPause = seconds(0.5);

/** Active in the eyes of the pair: what is announced. */
export const saysRunning = (state: PulseState): boolean =>
  state.phase.type === 'active' || state.phase.type === 'taking-over';

/** Whether this router could balance if it took over now. */
export const isFit = (state: PulseState, at: Instant): boolean =>
  state.balancer.running && state.balancer.table !== 'unusable' && at >= state.balancer.unfitUntil;

/** Announces us at once, has lvs write the table, and lets the addresses wait for it. */
export function takeOver(state: PulseState, at: Instant, why: string): Transition {
  const { keepalive, readyLimit } = state.settings;
  return go(
    {
      ...state,
      phase: { type: 'taking-over', raiseAt: after(at, readyLimit), wait: 'for-lvs' },
      partner: { ...state.partner, electAt: never },
      sendAt: after(at, keepalive),
    },
    log('notice', why),
    { type: 'send', word: 'running' },
    { type: 'tell-lvs', role: 'active' },
    { type: 'run-command', which: 'active' },
    { type: 'sync-daemon', mode: 'master' },
  );
}

/** The table is ready: now the addresses. */
export function raiseAddresses(state: PulseState): Transition {
  if (state.phase.type !== 'taking-over' || state.phase.wait === 'for-addresses') return stay(state);
  return go(
    { ...state, phase: { ...state.phase, wait: 'for-addresses' } },
    { type: 'raise-addresses', addresses: state.settings.addresses },
  );
}

/** Some server has not been judged for long enough; only addresses without any table would be worse than none. */
export function raiseAfterWaiting(state: PulseState): Transition {
  if (state.phase.type !== 'taking-over' || state.phase.wait === 'for-addresses') return stay(state);
  if (state.balancer.table === 'usable') return raiseAddresses(state);
  return go(
    { ...state, phase: { ...state.phase, wait: 'no-longer' } },
    log('warning', 'lvs has not said yet that it can balance: the addresses wait'),
  );
}

/** The addresses that an active router holds: all but those that wait for lvs. */
export const settledAddresses = ({ settings, newcomers }: PulseState): readonly FloatingAddress[] =>
  settings.addresses.filter((each) => !newcomers.waiting.includes(each.address));

/** Announces all addresses now and, the first time excepted, a second apart. */
export function announce(state: PulseState, at: Instant, outlast: boolean): Transition {
  const times = outlast ? announcementsAfterConflict : announcements;
  return go(
    { ...state, announceAt: times.slice(1).map((second) => after(at, seconds(second))) },
    { type: 'announce', addresses: settledAddresses(state) },
  );
}

/** Addresses down first; nothing is sent until they are. */
export function yieldAddresses(state: PulseState, then: 'inactive' | 'ending', why: string): Transition {
  return go(
    {
      ...state,
      phase: { type: 'yielding', then, tries: 1, retryAt: never },
      announceAt: [],
      conflict: false,
      newcomers: noNewcomers,
    },
    log('notice', why),
    { type: 'lower-addresses', addresses: state.settings.addresses },
    { type: 'run-command', which: 'inactive' },
    { type: 'sync-daemon', mode: then === 'ending' ? 'off' : 'backup' },
  );
}

/** An address did not go: once more, a few times. Silent meanwhile, so that the partner takes over in the end. */
export function onAddressesNotDown(state: PulseState, at: Instant, problem: string): Transition {
  const { phase } = state;
  if (phase.type !== 'yielding') return go(state, log('error', `an address could not be taken down: ${problem}`));
  if (phase.tries >= mostYieldTries) {
    const hint = 'it is still up here: take it down by hand';
    return onYielded(state, at, log('error', `an address could not be taken down: ${problem}; ${hint}`));
  }
  return go(
    { ...state, phase: { ...phase, tries: phase.tries + 1, retryAt: after(at, yieldPause) } },
    log('error', `an address could not be taken down, trying again: ${problem}`),
  );
}

/** The addresses are down: say so at once, and the table may go. */
export function onYielded(state: PulseState, at: Instant, ...first: Transition['actions']): Transition {
  if (state.phase.type !== 'yielding') return go(state, ...first);
  const stopped = { type: 'send', word: 'stopped' } as const;
  if (state.phase.then === 'ending') {
    return go({ ...state, phase: { type: 'ending' } }, ...first, stopped, stopped, stopped, { type: 'stop-lvs' });
  }
  const { keepalive, deadtime } = state.settings;
  return go(
    {
      ...state,
      phase: { type: 'inactive' },
      sendAt: after(at, keepalive),
      partner: { ...state.partner, deadAt: after(at, deadtime), electAt: never },
    },
    ...first,
    stopped,
    { type: 'tell-lvs', role: 'standby' },
  );
}
