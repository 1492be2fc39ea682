// Until when this router may take itself for the owner (docs/pair.md, L1). Pure.
import type { Instant } from '@piranha/domain';
import { after, milliseconds, never } from '@piranha/domain';
import { silenceLimit } from '@piranha/protocol';
import type { PulseState } from './state.ts';

/**
 * When lvs takes the addresses down, by the heartbeat that it was told of last: after that the partner takes over. Under
 * new timers it goes by the new ones already.
 */
export function claimEnd({ settings, laterTimers, own, balancer }: PulseState): Instant {
  if (!settings.hasPartner) return never;
  const spokenAt = (balancer.running ? balancer.toldSpokenAt : undefined) ?? own.spokenAt;
  if (spokenAt === undefined) return never;
  const limits = [settings, ...(laterTimers === undefined ? [] : [laterTimers])].map(silenceLimit);
  return after(spokenAt, milliseconds(Math.min(...limits)));
}
