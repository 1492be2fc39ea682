// Addresses that name no single host.
import type { IpAddress } from '@piranha/domain';
import { isMulticast, isUnspecified, mappedIpv4 } from '@piranha/domain';

/** Why an address cannot be that of a host; undefined where it can. */
export function whyNoHost(address: IpAddress): string | undefined {
  if (mappedIpv4(address) !== undefined) return 'an IPv4 address written as IPv6';
  const isNone = isUnspecified(address) || isMulticast(address) || address === '255.255.255.255';
  return isNone ? 'the address of no single host' : undefined;
}
