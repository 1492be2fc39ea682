// Whether this router can be heard at all: with its own addresses gone, or a firewall in the way, the kernel takes no heartbeat.
import type { Instant } from '@piranha/domain';
import { after, earliest, instant, milliseconds } from '@piranha/domain';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** A keepalive may be all that is left of the claim. */
const trySoon = (state: PulseState, at: Instant): PulseState => ({
  ...state,
  sendAt: earliest(state.sendAt, after(at, milliseconds(state.settings.keepalive / 4))),
});

/**
 * What could not be sent does not count as said: the claim of an owner ends with its last word, before the partner takes over.
 * A partner that was silent before takes nothing over, and the service goes on. Who can be heard again listens for deadtime
 * before it takes the partner for dead, for that one could not be heard either.
 */
export function onVoice(state: PulseState, at: Instant, sends: boolean): Transition {
  const { own, partner, settings } = state;
  if (sends) {
    if (!own.muted) return stay(state);
    const deadAt = instant(Math.max(partner.deadAt, after(at, settings.deadtime)));
    const heard: PulseState = {
      ...state,
      own: { ...own, muted: false, spokenAt: at },
      partner: { ...partner, deadAt },
    };
    return go(heard, tell({ type: 'heard-again' }));
  }
  if (own.muted) return stay(trySoon(state, at));
  if (!settings.hasPartner || partner.said === 'nothing') return stay(state);
  const mute: PulseState = { ...state, own: { ...own, muted: true, spokenAt: own.spokenBefore ?? own.spokenAt } };
  return go(trySoon(mute, at), tell({ type: 'mute' }));
}
