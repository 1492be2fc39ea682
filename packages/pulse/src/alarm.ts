// What an administrator has to see to, in one line: the pair can not mend it by itself (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { between } from '@piranha/domain';
import { isActive, ownClass } from './fitness.ts';
import { partnerName } from './role-change.ts';
import type { PulseState } from './state.ts';

/** Why this router is not as good as it could be; null where it is. */
export function classReason(state: PulseState): string | null {
  const { balancer, settings } = state;
  if (balancer.table === 'unusable') return 'lvs can not balance';
  if (balancer.brokenAt !== undefined) return 'lvs failed again and again';
  if (!balancer.running) return 'lvs does not run';
  if (!settings.monitorLinks || ownClass(state) === 2) return null;
  return ownClass(state) === 0 ? 'the public link is down' : 'the private link is down';
}

/** An active partner that can not prove that it speaks now (W1). */
export const unprovedText = (state: PulseState): string =>
  `the ${partnerName(state)} signs well and says that it is active, but does not hear this router: it may be a recording, or one direction of the network is cut`;

/** The gravest of what is wrong; undefined where nothing is. */
export function alarmOf(state: PulseState, at: Instant): string | undefined {
  const { partner, settings, conflict, unproved } = state;
  const other = partnerName(state);
  if (unproved !== undefined && between(unproved.heardAt, at) < settings.deadtime) return unprovedText(state);
  if (conflict?.alarmed === true) return `the ${other} is active, too, and does not hear this router: stop one of them`;
  if (ownClass(state) > 0) return undefined;
  if (isActive(state))
    return `this router should not be the active one (${classReason(state) ?? ''}), but there is no better one`;
  return partner.said === 'running' ? undefined : `nobody serves: this router can not (${classReason(state) ?? ''})`;
}
