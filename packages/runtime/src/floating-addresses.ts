// What `ip` has to be told so that floating addresses are up or gone. Pure: lines in, lines out.
import type { IpAddress } from '@piranha/domain';
import { baseDevice, broadcastAddress, familyOf } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';

/** An address that moves between the routers, and the device (with its label) that carries it. */
export type FloatingAddress = {
  readonly address: IpAddress;
  readonly device: string;
  readonly prefix: number | undefined;
};

const longestPrefix = (address: IpAddress): number => (familyOf(address) === 4 ? 32 : 128);

/** Where an address stands on its own device, if it does. Other devices are not ours: a real server has it on `lo`. */
const standing = (interfaces: readonly Interface[], wanted: FloatingAddress) =>
  interfaces
    .filter((device) => device.name === baseDevice(wanted.device))
    .flatMap((device) => device.addresses)
    .filter((entry) => entry.address === wanted.address);

/** The addresses that are not there. */
export const missing = (interfaces: readonly Interface[], wanted: readonly FloatingAddress[]): FloatingAddress[] =>
  wanted.filter((address) => standing(interfaces, address).length === 0);

/** The addresses that are there. */
export const present = (interfaces: readonly Interface[], wanted: readonly FloatingAddress[]): FloatingAddress[] =>
  wanted.filter((address) => standing(interfaces, address).length > 0);

/**
 * Lines that bring addresses up, each for `lease` seconds from now, or for good. One that is there already keeps its mask;
 * only its time is renewed.
 */
export const raiseLines = (
  interfaces: readonly Interface[],
  wanted: readonly FloatingAddress[],
  lease?: number,
): string[] =>
  wanted.flatMap((address) => {
    const [entry] = standing(interfaces, address);
    if (entry === undefined) return [raiseLine(address, lease)];
    return entry.expires || lease !== undefined ? [raiseLine({ ...address, prefix: entry.prefix }, lease)] : [];
  });

function raiseLine({ address, device, prefix }: FloatingAddress, lease: number | undefined): string {
  const length = prefix ?? longestPrefix(address);
  const start = `address replace ${address}/${length}`;
  const [valid, preferred] = lease === undefined ? ['', ''] : [` valid_lft ${lease}`, ` preferred_lft ${lease}`];
  // IPv6 addresses take no label and need nodad to be usable at once. With a preferred lifetime the router would take
  // them for its own connections: a check would come from a virtual address, which the server has too.
  if (familyOf(address) === 6) return `${start} dev ${baseDevice(device)} nodad preferred_lft 0${valid}`;
  const broadcast = length < 31 ? ` broadcast ${broadcastAddress(address, length)}` : '';
  return `${start}${broadcast} dev ${baseDevice(device)} label ${device}${preferred}${valid}`;
}

/** The line that takes an address down if it stands as `raiseLines` has brought it up; else `ip` complains and goes on. */
export const lowerLine = ({ address, device, prefix }: FloatingAddress): string =>
  `address delete ${address}/${prefix ?? longestPrefix(address)} dev ${baseDevice(device)}`;

/** Lines that take addresses down, with the prefix each really has; empty when none is there. */
export const lowerLines = (interfaces: readonly Interface[], unwanted: readonly FloatingAddress[]): string[] =>
  unwanted.flatMap((address) => standing(interfaces, address).map(({ prefix }) => lowerLine({ ...address, prefix })));
