// The lines that `ip -batch` is told. Pure.
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import { broadcastAddress, familyOf } from '@piranha/domain';
import type { InterfaceAddress } from '@piranha/protocol';

/** The mask that stands for this address alone. */
export const longestPrefix = (address: IpAddress): number => (familyOf(address) === 4 ? 32 : 128);

/** Brings an address up, or renews its time, on this device; for good, without a lease in s. `without`: no route comes with it. */
export function raiseLine(
  floating: FloatingAddress,
  device: string,
  lease: number | undefined,
  without = false,
): string {
  const { address, prefix, device: label } = floating;
  const length = prefix ?? longestPrefix(address);
  const start = `address replace ${address}/${length}`;
  const [valid, preferred] = lease === undefined ? ['', ''] : [` valid_lft ${lease}`, ` preferred_lft ${lease}`];
  // IPv6 addresses take no label and need nodad to be usable at once. With a preferred lifetime the router would take
  // them for its own connections: a check would come from a virtual address, which the server has too.
  if (familyOf(address) === 6) return `${start} dev ${device} nodad preferred_lft 0${valid}`;
  const broadcast = length < 31 ? ` broadcast ${broadcastAddress(address, length)}` : '';
  const route = without ? ' noprefixroute' : '';
  return `${start}${broadcast} dev ${device} label ${label}${preferred}${valid}${route}`;
}

/** Takes an address down there. With a label it spares one that somebody else has put in its place. */
export function lowerLine(
  { address, prefix }: Pick<FloatingAddress, 'address' | 'prefix'>,
  { device, label }: { readonly device: string; readonly label: string | undefined },
): string {
  const named = label === undefined || familyOf(address) === 6 ? '' : ` label ${label}`;
  return `address delete ${address}/${prefix ?? longestPrefix(address)} dev ${device}${named}`;
}

/** Puts an address back that went along with another one, as it was. */
export function restoreLine(device: string, entry: InterfaceAddress): string {
  const { address, prefix, broadcast, scope, label, lifetimes, noPrefixRoute } = entry;
  return [
    `address replace ${address}/${prefix}`,
    ...(broadcast === undefined ? [] : [`broadcast ${broadcast}`]),
    `dev ${device}`,
    ...(scope === undefined ? [] : [`scope ${scope}`]),
    ...(label === undefined ? [] : [`label ${label}`]),
    ...(lifetimes === undefined ? [] : [`valid_lft ${lifetimes.valid} preferred_lft ${lifetimes.preferred}`]),
    ...(noPrefixRoute === true ? ['noprefixroute'] : []),
  ].join(' ');
}
