// What an administrator has to see to, in one line: the pair can not mend it by itself (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { between } from '@piranha/domain';
import { isActive, ownClass } from './fitness.ts';
import { foreignText } from './foreign.ts';
import { brokenLinks } from './links.ts';
import { partnerName } from './role-change.ts';
import type { Doubt, PulseState } from '../state.ts';

/** Why this router is not as good as it could be; null where it is. */
export function classReason(state: PulseState): string | null {
  const { balancer, settings, own } = state;
  if (own.muted) return 'no heartbeat can be sent on any network';
  if (balancer.table === 'unusable') return 'lvs can not balance';
  if (balancer.brokenAt !== undefined) return 'lvs failed again and again';
  if (!balancer.running) return 'lvs does not run';
  return settings.monitorLinks ? (brokenLinks(state.links) ?? null) : null;
}

const doubts: Readonly<Record<Doubt, string>> = {
  // W1: an active partner that can not prove that it speaks now.
  unproved:
    'signs well and says that it is active, but does not hear this router: it may be a recording, or one direction of the network is cut',
  'wrong-signature':
    'is not believed: its heartbeats have a wrong signature. Give both routers the same heartbeat_key_file, and reload them',
  unsigned:
    'is not believed: its heartbeats are not signed, and heartbeat_auth = require here. Give both routers the same heartbeat_key_file, and reload them',
  'other-port':
    'is not believed: what has its address does not come from its heartbeat_port. It is somebody else, or there is a NAT between the routers',
  far: 'is not believed: what has its address comes through other routers, so it may be somebody else. Where other routers are between the two, set heartbeat_ttl in both files; where an earlier version runs there again, reload pulse here',
  elsewhere:
    'is not believed: what has its address comes in by another interface than the one of this channel, so it may be somebody else',
  'bare-under-require':
    'is not believed: it sends the heartbeats of an original router, which are not signed, and heartbeat_auth = require here',
};

/** The partner's address speaks, and nothing of it counts. */
export const unbelievedText = (state: PulseState, why: Doubt): string => `the ${partnerName(state)} ${doubts[why]}`;

/** The gravest of what is wrong, and no more than is known of it here; undefined where nothing is. */
export function alarmOf(state: PulseState, at: Instant): string | undefined {
  const { settings, conflict, unbelieved } = state;
  if (unbelieved?.told === true && between(unbelieved.heardAt, at) < settings.deadtime)
    return unbelievedText(state, unbelieved.why);
  if (conflict?.alarmed === true) return deafText(state);
  const foreign = foreignText(state);
  if (foreign !== undefined) return foreign;
  if (ownClass(state) > 0) return undefined;
  return isActive(state) ? unfitOwner(state) : unfitStandby(state);
}

/** It should hear us, and yield or outbid us. */
export const deafText = (state: PulseState): string =>
  `the ${partnerName(state)} goes on saying that it is active, too, although this router sends: stop one of them`;

function unfitOwner(state: PulseState): string {
  const { partner } = state;
  const other = partnerName(state);
  const problem = `this router should not be the active one (${classReason(state) ?? ''})`;
  if (!state.settings.hasPartner) return problem;
  if (partner.said === 'nothing') return `${problem}, and nothing is heard of the ${other}`;
  if (partner.trailer?.class === 0) return `${problem}, but the ${other} says that it cannot serve either`;
  return partner.kind === 'original'
    ? `${problem}, and an original ${other} does not say whether it can serve`
    : problem;
}

/** A router whose cables are out hears nothing of a partner that serves. */
function unfitStandby(state: PulseState): string | undefined {
  const { partner, settings } = state;
  const other = partnerName(state);
  const why = classReason(state) ?? '';
  if (!settings.hasPartner) return `nobody serves: this router cannot (${why})`;
  if (partner.said === 'running') return undefined;
  if (partner.said === 'stopped')
    return `nobody serves: this router cannot (${why}), and the ${other} says that it is inactive`;
  return `this router cannot serve (${why}), and nothing is heard of the ${other}: look there whether it serves`;
}
