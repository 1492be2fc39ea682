// Whether SELinux lets this process run what it has to.
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';

/** Domains that may do everything. */
const unconfined = /^(?:unconfined|initrc|kernel|spc|sysadm)(?:_|$)/;

export function selinuxFindings({ domain }: Facts): readonly Finding[] {
  if (!domain.ok || domain.value === undefined || unconfined.test(domain.value)) return [];
  const message = `SELinux is enforcing, and this process is confined to the domain ${domain.value}: it needs the capabilities net_admin and net_raw, and to run ipvsadm, ip and the programs of lvs.cf`;
  return [finding('selinux', message, 'ausearch -m avc -ts recent shows what is denied')];
}
