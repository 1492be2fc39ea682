// What an administrator has to see to, in one line: the pair can not mend it by itself (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { between } from '@piranha/domain';
import { isActive, ownClass } from './fitness.ts';
import { partnerName } from './role-change.ts';
import type { Doubt, PulseState } from './state.ts';

/** Why this router is not as good as it could be; null where it is. */
export function classReason(state: PulseState): string | null {
  const { balancer, settings } = state;
  if (balancer.table === 'unusable') return 'lvs can not balance';
  if (balancer.brokenAt !== undefined) return 'lvs failed again and again';
  if (!balancer.running) return 'lvs does not run';
  if (!settings.monitorLinks || ownClass(state) === 2) return null;
  return ownClass(state) === 0 ? 'the public link is down' : 'the private link is down';
}

const doubts: Readonly<Record<Doubt, string>> = {
  // W1: an active partner that can not prove that it speaks now.
  unproved:
    'signs well and says that it is active, but does not hear this router: it may be a recording, or one direction of the network is cut',
  'wrong-signature':
    'is not believed: its heartbeats have a wrong signature. Give both routers the same heartbeat_key_file, and reload them',
  unsigned:
    'is not believed: its heartbeats are not signed, and heartbeat_auth = require here. Give both routers the same heartbeat_key_file, and reload them',
  'bare-under-require':
    'is not believed: it sends the heartbeats of an original router, which are not signed, and heartbeat_auth = require here',
};

/** The partner's address speaks, and nothing of it counts. */
export const unbelievedText = (state: PulseState, why: Doubt): string => `the ${partnerName(state)} ${doubts[why]}`;

/** The gravest of what is wrong; undefined where nothing is. */
export function alarmOf(state: PulseState, at: Instant): string | undefined {
  const { partner, settings, conflict, unbelieved } = state;
  const other = partnerName(state);
  if (unbelieved?.told === true && between(unbelieved.heardAt, at) < settings.deadtime)
    return unbelievedText(state, unbelieved.why);
  if (conflict?.alarmed === true) return `the ${other} is active, too, and does not hear this router: stop one of them`;
  if (ownClass(state) > 0) return undefined;
  if (isActive(state))
    return `this router should not be the active one (${classReason(state) ?? ''}), but there is no better one`;
  return partner.said === 'running' ? undefined : `nobody serves: this router can not (${classReason(state) ?? ''})`;
}
