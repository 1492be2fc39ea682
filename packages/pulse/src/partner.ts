// What the other router says, and what its silence means (reference/pulse §3.3 with the repairs of the suite).
import type { Instant } from '@piranha/domain';
import { after, between, earliest, milliseconds, never } from '@piranha/domain';
import { announce, isFit, saysRunning, takeOver, yieldAddresses } from './role-change.ts';
import type { PulseEvent, PulseState } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay } from './transition.ts';

const roleOfPartner = (state: PulseState): string => (state.settings.role === 'primary' ? 'backup' : 'primary');

type Heartbeat = Extract<PulseEvent, { readonly type: 'heartbeat' }>;

/** A datagram of the partner was accepted: it lives, and perhaps it says something new. */
export function onHeartbeat(before: PulseState, heartbeat: Heartbeat): Transition {
  const { at, channel, word } = heartbeat;
  // One that a reload has dropped: it hears us still, so that it stays where it is.
  if (!before.settings.hasPartner) return stay(before);
  const { said, runningOn } = before.partner;
  const lastWords = { ...before.partner.lastWords, [channel]: { word, at } };
  const partner = { ...before.partner, lastWords, heardAt: at, deadAt: after(at, before.settings.deadtime) };
  switch (word) {
    case 'running': {
      const running = { ...runningOn, [channel]: at };
      return onRunning({ ...before, partner: { ...partner, said: 'running', runningOn: running, electAt: never } }, at);
    }
    case 'stopped': {
      const stopped = { ...before, partner: { ...partner, runningOn: { ...runningOn, [channel]: never } } };
      if (runsElsewhere(stopped, at)) return stay(stopped);
      const state: PulseState = { ...stopped, conflict: false, partner: { ...stopped.partner, said: 'stopped' } };
      return onStopped(state, at, said === 'running');
    }
    case 'stop-me':
    case 'hold':
    case 'held':
      return stay({ ...before, partner });
  }
}

/**
 * Whether a channel still says RUNNING. The channels are read one after the other: an old STOPPED on one may come after
 * a new RUNNING on the other, and means something only when both agree or the other is silent.
 */
function runsElsewhere({ partner, settings }: PulseState, at: Instant): boolean {
  const fresh = milliseconds(2 * settings.keepalive);
  return Object.values(partner.runningOn).some((ranAt) => ranAt <= at && between(ranAt, at) < fresh);
}

function onRunning(state: PulseState, at: Instant): Transition {
  if (!saysRunning(state)) return stay(state);
  if (state.settings.role === 'backup') {
    // One more word, so that the primary certainly notices and announces its addresses again.
    const said = go(state, { type: 'send', word: 'running' });
    return andThen(said, (next) => yieldAddresses(next, 'inactive', 'partner active: deactivating LVS'));
  }
  if (state.conflict || state.phase.type !== 'active') return stay({ ...state, conflict: true });
  const noticed = go({ ...state, conflict: true }, log('notice', 'partner active: resending arps'));
  return andThen(noticed, (next) => announce(next, at, true));
}

function onStopped(state: PulseState, at: Instant, wasRunning: boolean): Transition {
  if (state.phase.type !== 'inactive' || !isFit(state, at)) return stay(state);
  // One that was active and says it no longer is has given up the service; with both idle the primary goes first.
  if (wasRunning || state.settings.role === 'primary') return takeOver(state, at, inactivePartner(state));
  const { electAt } = state.partner;
  const elected = electAt === never ? after(after(at, state.settings.keepalive), state.settings.keepalive) : electAt;
  return stay({ ...state, partner: { ...state.partner, electAt: elected } });
}

const inactivePartner = (state: PulseState): string => `${roleOfPartner(state)} inactive: activating lvs`;

/** The backup has waited for an idle primary long enough. */
export function onElected(state: PulseState, at: Instant): Transition {
  const waiting = { ...state, partner: { ...state.partner, electAt: never } };
  if (state.phase.type !== 'inactive' || !isFit(state, at)) return stay(waiting);
  return takeOver(waiting, at, inactivePartner(state));
}

/** Nothing was heard for deadtime. */
export function onSilence(before: PulseState, at: Instant): Transition {
  const { partner, settings } = before;
  const state: PulseState = {
    ...before,
    conflict: false,
    partner: { ...partner, said: 'nothing', electAt: never, deadAt: after(at, settings.deadtime) },
  };
  if (state.phase.type === 'inactive') {
    if (isFit(state, at)) return takeOver(state, at, 'partner dead: activating lvs');
    return partner.said === 'nothing' ? stay(state) : go(state, log('error', 'partner dead, and lvs fails here too'));
  }
  if (partner.said === 'nothing') return stay(state);
  return go(state, log('warning', `no heartbeat of the ${roleOfPartner(state)} for ${settings.deadtime} ms`));
}

/** A timer that fired this late tells that we were asleep: what we did not hear proves nothing. */
export function forgetSleep(state: PulseState, at: Instant): PulseState {
  const { keepalive, deadtime } = state.settings;
  const due = earliest(state.sendAt, state.partner.deadAt, state.partner.electAt);
  if (at - due < keepalive / 2) return state;
  const electAt = state.partner.electAt === never ? never : after(after(at, keepalive), keepalive);
  return { ...state, partner: { ...state.partner, deadAt: after(at, deadtime), electAt } };
}
