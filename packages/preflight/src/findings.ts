// What on this machine stands in the way of a configuration. Nothing is said that is not sure.
import type { Configuration } from '@piranha/config';
import { deviceFindings } from './device-findings.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { firewallFindings } from './firewall-findings.ts';
import { heartbeatFindings } from './heartbeat-findings.ts';
import { kernelFindings } from './kernel-findings.ts';
import { selinuxFindings } from './selinux-findings.ts';
import type { Role } from './subjects.ts';
import { roleOf } from './subjects.ts';

export type { Finding, FindingCode } from './finding.ts';

/** All findings; `role` is found out from this machine's addresses where it is not given. */
export function findings(configuration: Configuration, facts: Facts, role?: Role): readonly Finding[] {
  const own = role ?? roleOf(configuration, facts);
  return [
    ...deviceFindings(configuration, facts),
    ...kernelFindings(configuration, facts),
    ...heartbeatFindings(configuration, facts, own),
    ...firewallFindings(configuration, facts, own),
    ...selinuxFindings(facts),
  ];
}
