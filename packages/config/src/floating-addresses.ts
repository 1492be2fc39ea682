// The addresses that move between the routers.
import type { FloatingAddress } from '@piranha/domain';
import type { Configuration } from './configuration.ts';

/**
 * Every floating address once, the first active block's device and mask winning; then the NAT router address. This is
 * what an active router holds.
 */
export function floatingAddresses({ virtualServers, natRouter }: Configuration): readonly FloatingAddress[] {
  const vips = virtualServers.filter((virtual) => virtual.active).map((virtual) => virtual.vip);
  const all = natRouter === undefined ? vips : [...vips, natRouter];
  return all.filter((each, index) => all.findIndex((other) => other.address === each.address) === index);
}
