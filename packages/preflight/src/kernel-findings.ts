// Forwarding, reverse path filtering and redirects: settings of the kernel that packets depend on.
import type { Configuration, VirtualServer } from '@piranha/config';
import { baseDevice, familyOf } from '@piranha/domain';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import { contains } from './match.ts';
import { grouped } from './grouped.ts';
import { namesOf, reachedBy, virtualsBy } from './subjects.ts';
import { ipv4Forwarding, ipv6Forwarding, ofDevice, setting, sysctlName } from './sysctl-names.ts';

export const kernelFindings = (configuration: Configuration, facts: Facts): readonly Finding[] => [
  ...forwarding(facts, ipv4Forwarding, virtualsBy(configuration, 4, 'nat')),
  ...forwarding(facts, ipv6Forwarding, virtualsBy(configuration, 6, 'nat')),
  ...reversePathFilter(facts, virtualsBy(configuration, 4, 'direct', 'tunnel')),
  ...redirects(facts, virtualsBy(configuration, 4, 'nat')),
];

/** With NAT the answers of real servers are forwarded; with the other methods nothing is. */
function forwarding({ sysctls }: Facts, path: string, virtuals: readonly VirtualServer[]): readonly Finding[] {
  if (virtuals.length === 0 || sysctls.get(path) !== 0) return [];
  const message = `${sysctlName(path)} is 0: the answers of real servers do not reach clients of ${namesOf(virtuals)} (nat)`;
  return [finding('forwarding-off', message, setting(1, path))];
}

const strict = 1;

/**
 * A strict filter drops what comes in by another interface than the way back leaves by. A client's packets come in
 * where the virtual address is; with direct routing and tunnels nothing else here would miss a way back by there.
 */
function reversePathFilter({ sysctls, defaultDevices }: Facts, virtuals: readonly VirtualServer[]): readonly Finding[] {
  if (!defaultDevices.ok) return [];
  return [...byDevice(virtuals)].flatMap(([device, theirs]) => {
    const [all, own] = [sysctls.get(ofDevice('all', 'rp_filter')), sysctls.get(ofDevice(device, 'rp_filter'))];
    // The larger one counts: 2 is a loose filter.
    const isStrict = all !== undefined && own !== undefined && Math.max(all, own) === strict;
    if (!isStrict || defaultDevices.value.includes(device)) return [];
    const message = `the strict rp_filter on ${device} drops the packets of clients of ${namesOf(theirs)} to whom no route leaves by ${device}; the default route does not`;
    return [finding('strict-rp-filter', message, setting(2, ofDevice(device, 'rp_filter')))];
  });
}

/** A router that forwards an answer out of the interface that it came from tells the server of a shorter way. */
function redirects(facts: Facts, virtuals: readonly VirtualServer[]): readonly Finding[] {
  return [...byDevice(virtuals)].flatMap(([device, theirs]) => {
    const paths = [ofDevice('all', 'send_redirects'), ofDevice(device, 'send_redirects')];
    const sent = paths.some((path) => facts.sysctls.get(path) === 1);
    const shared = theirs.filter((virtual) => clientsLeaveBy(device, facts) && hasServerOn(device, virtual, facts));
    if (!sent || shared.length === 0) return [];
    const message = `ICMP redirects are sent on ${device}, where clients and real servers of ${namesOf(shared)} (nat) both are: servers answer past this router`;
    return [finding('redirects-sent', message, setting(0, ...paths))];
  });
}

/** Without a default route all clients are near. */
const clientsLeaveBy = (device: string, { defaultDevices }: Facts): boolean =>
  defaultDevices.ok && (defaultDevices.value.length === 0 || defaultDevices.value.includes(device));

/** Whether the interface has an address in the network of a real server. */
function hasServerOn(device: string, virtual: VirtualServer, { interfaces }: Facts): boolean {
  const found = interfaces.ok ? interfaces.value.find((each) => each.name === device) : undefined;
  const networks = (found?.addresses ?? []).filter(({ address }) => familyOf(address) === 4);
  return reachedBy(virtual, ['nat']).some((server) => networks.some((network) => contains(network, server)));
}

const byDevice = (virtuals: readonly VirtualServer[]): ReadonlyMap<string, readonly VirtualServer[]> =>
  grouped(virtuals, (virtual) => baseDevice(virtual.vip.device));
