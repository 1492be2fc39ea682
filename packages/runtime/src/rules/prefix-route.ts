// Masks that differ: with a floating address in a part of a network that the router itself is in, the kernel makes a route to
// that part, by which connections of this router would begin from the floating address. It comes up without that route. Pure.
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import { baseDevice, familyOf, isInNetwork } from '@piranha/domain';
import type { Interface, InterfaceAddress } from '@piranha/protocol';
import { longestPrefix, lowerLine, raiseLine } from './address-lines.ts';
import type { LabelOf } from './own-first.ts';

type Network = { readonly address: IpAddress; readonly prefix: number };

/** Whether an address with this mask has to come up without its route, beside these of the router. */
function standsInWider({ address, prefix }: Network, others: readonly InterfaceAddress[]): boolean {
  if (familyOf(address) === 6 || prefix === longestPrefix(address)) return false;
  const around = others.filter((each) => isInNetwork(address, each.address, each.prefix));
  // In the very same network the router's own address comes first (own-first).
  return around.some((each) => each.prefix < prefix) && !around.some((each) => each.prefix === prefix);
}

/** The same for one that is not up yet. */
export function comesUpInWider(
  { address, prefix, device }: FloatingAddress,
  interfaces: readonly Interface[],
  labelOf: LabelOf,
): boolean {
  const found = interfaces.find(({ name }) => name === baseDevice(device));
  const others = found?.addresses.filter((entry) => labelOf(entry) === undefined) ?? [];
  return standsInWider({ address, prefix: prefix ?? longestPrefix(address) }, others);
}

/** Lines that raise those of ours again that have such a route and should not, or the other way round. The machine has them all the time. */
export const prefixRouteLines = (
  interfaces: readonly Interface[],
  labelOf: LabelOf,
  lease: number | undefined,
): string[] =>
  interfaces.flatMap((device) => {
    const others = device.addresses.filter((entry) => labelOf(entry) === undefined);
    return device.addresses.flatMap((entry) => {
      const label = labelOf(entry);
      if (label === undefined || familyOf(entry.address) === 6) return [];
      const without = standsInWider(entry, others);
      if (without === (entry.noPrefixRoute === true)) return [];
      const ours = { address: entry.address, device: label, prefix: entry.prefix };
      const alone = { ...ours, prefix: longestPrefix(entry.address) };
      const on = { device: device.name, label };
      return [
        raiseLine(alone, device.name, lease),
        lowerLine(ours, on),
        raiseLine(ours, device.name, lease, without),
        lowerLine(alone, on),
      ];
    });
  });
