// A timer that fired late tells that we were asleep: what we did not hear proves nothing (docs/pair.md, T2).
import type { Instant } from '@piranha/domain';
import { after, between, instant, milliseconds } from '@piranha/domain';
import type { PulseState } from '../state.ts';

/** Whether this event comes so late after the one we waited for that nothing may be concluded from silence. */
export const isLate = ({ settings }: PulseState, due: Instant, at: Instant): boolean =>
  between(due, at) >= settings.keepalive / 2;

/**
 * Silence and elections go on counting where they stood, as if the time that we were late had not been; after a sleep of
 * deadtime they begin anew. What came meanwhile is read before any verdict, and nothing is announced before the partner
 * had its chance to speak.
 */
export function setClocksBack(state: PulseState, due: Instant, at: Instant): PulseState {
  const { partner, settings, since, seenAt, balancer } = state;
  const { keepalive, deadtime } = settings;
  // Several events may follow a sleep before the timer that was due does: the sleep counts once.
  const late = between(instant(Math.max(due, seenAt)), at);
  const isLong = late >= deadtime;
  const goOn = (begun: Instant | undefined): Instant | undefined => {
    if (begun === undefined) return undefined;
    return isLong ? at : after(begun, late);
  };
  const deadAt = isLong ? after(at, deadtime) : after(partner.deadAt, late);
  const read = after(at, milliseconds(keepalive / 4));
  return {
    ...state,
    partner: {
      ...partner,
      deadAt: settings.hasPartner ? instant(Math.max(deadAt, read)) : partner.deadAt,
      inactiveSince: goOn(partner.inactiveSince),
    },
    since: {
      betterPartner: goOn(since.betterPartner),
      betterLinks: goOn(since.betterLinks),
      wantedBack: goOn(since.wantedBack),
      failback: goOn(since.failback),
    },
    balancer: { ...balancer, silentSince: at },
    announceHeldUntil: after(at, keepalive),
    unreadUntil: after(at, milliseconds(keepalive / 2)),
  };
}
