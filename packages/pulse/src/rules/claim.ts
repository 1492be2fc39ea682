// Until when this router may take itself for the owner (docs/pair.md, L1). Pure.
import type { Instant } from '@piranha/domain';
import { after, never } from '@piranha/domain';
import { silenceLimit } from '@piranha/protocol';
import { fenceTimers } from './fence-timers.ts';
import type { PulseState } from '../state.ts';

/** When lvs takes the addresses down, by the heartbeat that it was told of last: after that the partner takes over. */
export function claimEnd(state: PulseState): Instant {
  const { settings, own, balancer } = state;
  if (!settings.hasPartner) return never;
  const spokenAt = (balancer.running ? balancer.toldSpokenAt : undefined) ?? own.spokenAt;
  if (spokenAt === undefined) return never;
  return after(spokenAt, silenceLimit(fenceTimers(state)));
}
