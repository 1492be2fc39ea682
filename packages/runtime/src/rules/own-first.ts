// The kernel takes the first address of a network on a device for its primary one: connections of this router begin from
// it, and its end is the end of all others there. That has to be one of the router's own, not a floating one. Pure.
import { broadcastAddress, familyOf } from '@piranha/domain';
import type { Interface, InterfaceAddress } from '@piranha/protocol';
import { lowerLine, raiseLine, restoreLine } from './address-lines.ts';

/** The floating address that pulse has raised there, with its label; undefined for all others. */
export type LabelOf = (entry: InterfaceAddress) => string | undefined;

type Network = { readonly device: Interface; readonly members: readonly InterfaceAddress[] };

/** IPv4 addresses of one device, mask and network belong together; the first one is their primary address. */
function networksOf(interfaces: readonly Interface[]): readonly Network[] {
  return interfaces.flatMap((device) => {
    const entries = device.addresses.filter(({ address }) => familyOf(address) === 4);
    const networks = new Set(entries.map(networkOf));
    return [...networks].map((each) => ({ device, members: entries.filter((entry) => networkOf(entry) === each) }));
  });
}

const networkOf = ({ address, prefix }: InterfaceAddress): string => `${broadcastAddress(address, prefix)}/${prefix}`;

const isPrimary = ({ secondary }: InterfaceAddress): boolean => secondary !== true;

/** Addresses of others that would go together with a floating one of ours. */
export const dependents = (interfaces: readonly Interface[], labelOf: LabelOf) =>
  networksOf(interfaces).flatMap(({ device, members }) => {
    const led = members.some((entry) => isPrimary(entry) && labelOf(entry) !== undefined);
    const others = members.filter((entry) => !isPrimary(entry) && labelOf(entry) === undefined);
    return led ? others.map((entry) => ({ device, entry })) : [];
  });

/** `promotes`: the kernel makes a secondary address the primary one when that goes. */
export type OwnFirst = { readonly lease: number | undefined; readonly promotes: boolean };

/**
 * Lines that put our addresses behind those of others. Each of them stands alone with a mask of its own meanwhile, so that
 * the machine has it all the time.
 */
export function ownFirstLines(
  interfaces: readonly Interface[],
  labelOf: LabelOf,
  { lease, promotes }: OwnFirst,
): string[] {
  const behind = dependents(interfaces, labelOf);
  return networksOf(interfaces).flatMap(({ device, members }) => {
    const others = behind.filter((each) => each.device === device && members.includes(each.entry));
    if (others.length === 0) return [];
    const ours = members.flatMap((entry) => {
      const label = labelOf(entry);
      return label === undefined ? [] : [{ address: entry.address, device: label, prefix: entry.prefix }];
    });
    const alone = ours.map((each) => ({ ...each, prefix: 32 }));
    const on = (label: string) => ({ device: device.name, label });
    return [
      ...alone.map((each) => raiseLine(each, device.name, lease)),
      ...ours.map((each) => lowerLine(each, on(each.device))),
      ...(promotes ? [] : others.map(({ entry }) => restoreLine(device.name, entry))),
      ...ours.map((each) => raiseLine(each, device.name, lease)),
      ...alone.map((each) => lowerLine(each, on(each.device))),
    ];
  });
}
