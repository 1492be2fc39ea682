// What an administrator has to see to, in one line: the pair cannot mend it by itself (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { between } from '@piranha/domain';
import { isActive, ownClass } from './fitness.ts';
import { inTheWay } from './foreign.ts';
import { brokenLinks } from './links.ts';
import { partnerName } from './role-change.ts';
import type { PulseState } from '../state.ts';
import { inTheWayText, stayingText, unbelievedText } from './words-of-partner.ts';

/** Why this router is not as good as it could be; null where it is. */
export function classReason(state: PulseState): string | null {
  const { balancer, settings, own } = state;
  if (own.muted) return 'no heartbeat can be sent on any network';
  if (balancer.table === 'unusable') return 'lvs cannot balance';
  if (balancer.brokenAt !== undefined) return 'lvs failed again and again';
  if (!balancer.running) return 'lvs does not run';
  return settings.monitorLinks ? (brokenLinks(state.links) ?? null) : null;
}

/** The gravest of what is wrong, and no more than is known of it here; undefined where nothing is. */
export function alarmOf(state: PulseState, at: Instant): string | undefined {
  const { settings, conflict, unbelieved } = state;
  if (unbelieved?.told === true && between(unbelieved.heardAt, at) < settings.deadtime)
    return unbelievedText(partnerName(state), unbelieved.why);
  if (conflict?.alarmed === true) return stayingText(partnerName(state));
  const foreign = inTheWay(state);
  if (foreign !== undefined) return inTheWayText(foreign);
  if (ownClass(state) > 0) return undefined;
  return isActive(state) ? unfitOwner(state) : unfitStandby(state);
}

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
