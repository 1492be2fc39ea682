// Whether heartbeats can be asked to come from next door.
import type { Configuration } from '@piranha/config';
import type { IpAddress } from '@piranha/domain';
import { isInNetwork } from '@piranha/domain';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { finding } from './finding.ts';
import type { Ends, Role } from './subjects.ts';
import { channelsOf } from './subjects.ts';

/** Only a neighbour can send with a full time to live (RFC 5082). */
const fullTtl = 255;

export function heartbeatFindings(
  configuration: Configuration,
  { interfaces }: Facts,
  role: Role | undefined,
): readonly Finding[] {
  if (!interfaces.ok) return [];
  const { heartbeatTtl } = configuration;
  const addresses = interfaces.value.flatMap((each) => each.addresses);
  const prefixesOf = (own: IpAddress): readonly number[] =>
    addresses.flatMap(({ address, prefix }) => (address === own ? [prefix] : []));
  const isRouted = ({ own, partner }: Ends): boolean => {
    const prefixes = prefixesOf(own);
    return prefixes.length > 0 && !prefixes.some((prefix) => isInNetwork(partner, own, prefix));
  };
  return channelsOf(configuration, role)
    .filter(isRouted)
    .flatMap(({ partner }) => {
      if (heartbeatTtl === undefined) {
        const message = `${partner} is in another network: from how far away its heartbeats come does not count`;
        return [finding('heartbeat-routed', message, 'heartbeat_ttl = 255 less the routers on the way asks for more')];
      }
      if (heartbeatTtl < fullTtl) return [];
      const message = `${partner} is in another network: with heartbeat_ttl = ${fullTtl} it cannot be heard`;
      return [finding('heartbeat-routed', message, 'every router on the way takes one off: make it smaller')];
    });
}
