// What could not be looked at, so that silence about it is not taken for "all is well".
import type { Configuration } from '@piranha/config';
import type { Facts } from './facts.ts';
import { activeVirtuals, partnersOf, roleOf } from './subjects.ts';
import { sysctlName, sysctlPaths } from './sysctl-names.ts';

export type Unchecked = { readonly what: string; readonly reason: string };

/** Everything that `findings` is silent about because it is not known. */
export function unchecked(configuration: Configuration, facts: Facts): readonly Unchecked[] {
  const { interfaces, defaultDevices, firewalls, domain, sysctls } = facts;
  const missing = sysctlPaths(configuration).filter((path) => !sysctls.has(path));
  return [
    ...(interfaces.ok ? [] : [{ what: 'interfaces and addresses', reason: interfaces.error }]),
    ...(defaultDevices.ok ? [] : [{ what: 'the default route', reason: defaultDevices.error }]),
    ...missing.map((path) => ({ what: sysctlName(path), reason: 'it cannot be read' })),
    ...firewalls.flatMap(({ tool, firewall }) =>
      firewall === undefined || firewall.ok ? [] : [{ what: `the rules of ${tool}`, reason: firewall.error }],
    ),
    ...unseenRules(configuration, facts),
    ...(domain.ok ? [] : [{ what: 'SELinux', reason: domain.error }]),
  ];
}

/** Without nft and iptables nobody can say which rules there are; that matters for marks and heartbeats only. */
function unseenRules(configuration: Configuration, facts: Facts): readonly Unchecked[] {
  if (facts.firewalls.some(({ firewall }) => firewall !== undefined)) return [];
  const marked = activeVirtuals(configuration).some((virtual) => virtual.fwmark !== undefined);
  const partners = partnersOf(configuration, roleOf(configuration, facts));
  if (!marked && partners.length === 0) return [];
  return [{ what: 'packet filter rules', reason: 'neither nft nor iptables-save is there' }];
}
