// IP addresses and what may stand where an administrator names a host.
import { BlockList, isIP, SocketAddress } from 'node:net';
import type { Brand } from './brand.ts';

/** An IPv4 or IPv6 address in its canonical spelling: no leading zeros, IPv6 in lower case and compressed. */
export type IpAddress = Brand<string, 'IpAddress'>;

/** 4 or 6. */
export type IpFamily = 4 | 6;

/** Reads an address, or gives undefined: no host names, no short or octal forms, no zone, no blanks. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const family = isIP(text);
  if (family === 4) return text as IpAddress;
  if (family === 0 || text.includes('%')) return undefined;
  return new SocketAddress({ address: text, family: 'ipv6' }).address as IpAddress;
}

/** The family of an address. */
export const familyOf = (address: IpAddress): IpFamily => (address.includes(':') ? 6 : 4);

/** Whether this is the "any" address, which names no host. */
export const isUnspecified = (address: IpAddress): boolean => address === '0.0.0.0' || address === '::';

/** Whether this is a multicast address (RFC 1112, RFC 4291), which names no single host. */
export function isMulticast(address: IpAddress): boolean {
  return multicast.check(address, familyOf(address) === 4 ? 'ipv4' : 'ipv6');
}

const multicast = new BlockList();
multicast.addSubnet('224.0.0.0', 4, 'ipv4');
multicast.addSubnet('ff00::', 8, 'ipv6');

/** Whether this address is good on one link alone (RFC 4291); where it leads to depends on the interface. */
export const isLinkLocal = (address: IpAddress): boolean => familyOf(address) === 6 && linkLocal.check(address, 'ipv6');

const linkLocal = new BlockList();
linkLocal.addSubnet('fe80::', 10, 'ipv6');

/** Whether this is an address of the machine itself that never leaves it: 127.0.0.0/8 or ::1. */
export const isLoopback = (address: IpAddress): boolean =>
  familyOf(address) === 4 ? address.startsWith('127.') : address === '::1';

/** The IPv4 address that an IPv6 one such as `::ffff:192.0.2.1` stands for; undefined for any other. */
export const mappedIpv4 = (address: IpAddress): IpAddress | undefined =>
  parseIpAddress(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? '');

/** An IPv4 address as its four bytes, first one first. */
export const ipv4Bytes = (address: IpAddress): readonly number[] => address.split('.').map(Number);

/** Four bytes as an IPv4 address. */
export const ipv4FromBytes = (bytes: readonly number[]): IpAddress => bytes.join('.') as IpAddress;

/** An IPv6 address as its 16 bytes, first one first. */
export function ipv6Bytes(address: IpAddress): readonly number[] {
  // The last two groups may stand in the form of IPv4.
  const hex = address.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(tail as IpAddress);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = [], tail = []] = hex.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.map((group) => parseInt(group, 16)).flatMap((group) => [group >> 8, group & 0xff]);
}

/** 16 bytes as an IPv6 address. */
export function ipv6FromBytes(bytes: readonly number[]): IpAddress {
  const groups = Array.from({ length: 8 }, (_none, index) =>
    ((bytes[2 * index] ?? 0) * 256 + (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address as IpAddress;
}

/**
 * The prefix length (0 to 32) of an IPv4 netmask, or undefined where the mask has holes.
 * `255.255.255.0` is 24.
 */
export function prefixOfMask(mask: IpAddress): number | undefined {
  const bits = ipv4Bytes(mask)
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const prefix = bits.includes('0') ? bits.indexOf('0') : 32;
  return bits.slice(prefix).includes('1') ? undefined : prefix;
}

/** The broadcast address of the IPv4 network that `address` and a prefix length (0 to 32) name. */
export function broadcastAddress(address: IpAddress, prefix: number): IpAddress {
  const hostBits = (byteIndex: number): number => 0xff >> Math.min(Math.max(prefix - byteIndex * 8, 0), 8);
  return ipv4FromBytes(ipv4Bytes(address).map((byte, index) => byte | hostBits(index)));
}

/** Whether an address is in the network of another one with a prefix of this length; one of the other family is not. */
export function isInNetwork(address: IpAddress, network: IpAddress, prefix: number): boolean {
  if (familyOf(address) !== familyOf(network)) return false;
  const family = familyOf(address) === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, prefix, family);
  return block.check(address, family);
}
