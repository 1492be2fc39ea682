// A timer that fired late tells that we were asleep: what we did not hear proves nothing (docs/pair.md, T2).
import type { Instant } from '@piranha/domain';
import { after, between, milliseconds } from '@piranha/domain';
import type { PulseState } from './state.ts';

/** Whether this event comes so late after the one we waited for that nothing may be concluded from silence. */
export const isLate = ({ settings }: PulseState, due: Instant, at: Instant): boolean =>
  between(due, at) >= settings.keepalive / 2;

/** Silence and elections count anew, and nothing is announced before the partner had its chance to speak. */
export function startClocksAnew(state: PulseState, at: Instant): PulseState {
  const { partner, settings, since, balancer } = state;
  const anew = (begun: Instant | undefined): Instant | undefined => (begun === undefined ? undefined : at);
  return {
    ...state,
    partner: {
      ...partner,
      deadAt: settings.hasPartner ? after(at, settings.deadtime) : partner.deadAt,
      inactiveSince: anew(partner.inactiveSince),
    },
    since: {
      betterPartner: anew(since.betterPartner),
      wantedBack: anew(since.wantedBack),
      failback: anew(since.failback),
    },
    balancer: { ...balancer, silentSince: at },
    announceHeldUntil: after(at, settings.keepalive),
    unreadUntil: after(at, milliseconds(settings.keepalive / 2)),
  };
}
