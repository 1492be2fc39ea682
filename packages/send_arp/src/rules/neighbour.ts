// The same for IPv6: messages of neighbour discovery (RFC 4861), whole frames of them.
import type { IpAddress, MacAddress } from '@piranha/domain';
import { broadcastMac, ipv6Bytes, ipv6FromBytes, macBytes, macFromBytes, parseIpAddress } from '@piranha/domain';
import type { Binding } from './frame.ts';

/**
 * An advertisement that nobody has asked for (RFC 4861, 4.4 and 7.2.6): whoever knows the address overrides what it knew.
 * `router` says whether the sender forwards packets: neighbours that route through it must not be told otherwise. "To
 * everybody" is to all nodes of the link; IPv6 has no broadcast.
 */
export function advertisementFrame({ address, mac }: Binding, destination: MacAddress, router: boolean): Uint8Array {
  const flags = overrides | (router ? isRouter : 0);
  const option = [targetLinkLayer, 1, ...macBytes(mac)];
  const message = [advertisement, 0, 0, 0, flags, 0, 0, 0, ...ipv6Bytes(address), ...option];
  const to = destination === broadcastMac ? multicastMac(allNodes) : macBytes(destination);
  return frame({ to, mac, source: ipv6Bytes(address), target: allNodes, message });
}

/** A solicitation as in duplicate address detection (RFC 4862, 5.4.2): from nobody, to those that may have the address. */
export function solicitationFrame({ address, mac }: Binding): Uint8Array {
  const bytes = ipv6Bytes(address);
  const target = [...solicitedNode, ...bytes.slice(13)];
  const message = [solicitation, 0, 0, 0, 0, 0, 0, 0, ...bytes];
  return frame({ to: multicastMac(target), mac, source: nobody, target, message });
}

/** What an advertisement says of its sender; undefined for any other bytes. */
export function advertisementClaim(bytes: Uint8Array): Binding | undefined {
  const has = (at: number, ...wanted: readonly number[]): boolean =>
    wanted.every((byte, index) => bytes[at + index] === byte);
  const whole = bytes.length >= optionsAt && has(etherTypeAt, ...etherType) && has(nextHeaderAt, icmp6, mostHops);
  if (!whole || !has(messageAt, advertisement, 0)) return undefined;
  const mac = has(optionsAt, targetLinkLayer, 1) && bytes.length >= optionsAt + 8 ? optionsAt + 2 : sourceMacAt;
  return {
    address: ipv6FromBytes([...bytes.subarray(targetAt, optionsAt)]),
    mac: macFromBytes([...bytes.subarray(mac, mac + 6)]),
  };
}

const solicitation = 135;
const advertisement = 136;
const isRouter = 0x80;
const overrides = 0x20;
const targetLinkLayer = 2;

const bytesOf = (text: string): readonly number[] => ipv6Bytes(parseIpAddress(text) ?? ('::' as IpAddress));
const nobody = bytesOf('::');
const allNodes = bytesOf('ff02::1');
const solicitedNode = bytesOf('ff02::1:ff00:0').slice(0, 13);

const etherType = [0x86, 0xdd];
const icmp6 = 58;
/** What came with fewer has passed a router, and is a forgery (RFC 4861, 7.1). */
const mostHops = 255;

const sourceMacAt = 6;
const etherTypeAt = 12;
const nextHeaderAt = 20;
const messageAt = 54;
const targetAt = 62;
const optionsAt = 78;

/** Frames that the kernel may leave out in search of advertisements: all that lack one of these bytes. */
export const advertisementBytes: readonly { readonly at: number; readonly byte: number }[] = [
  { at: nextHeaderAt, byte: icmp6 },
  { at: messageAt, byte: advertisement },
];

/** RFC 2464, 7. */
const multicastMac = (target: readonly number[]): readonly number[] => [0x33, 0x33, ...target.slice(12)];

type Packet = {
  readonly to: readonly number[];
  readonly mac: MacAddress;
  readonly source: readonly number[];
  readonly target: readonly number[];
  /** Of ICMPv6, its checksum left at zero. */
  readonly message: readonly number[];
};

function frame({ to, mac, source, target, message }: Packet): Uint8Array {
  const header = [0x60, 0, 0, 0, 0, message.length, icmp6, mostHops, ...source, ...target];
  const checksum = internetChecksum([...source, ...target, 0, 0, 0, message.length, 0, 0, 0, icmp6, ...message]);
  const checked = [...message.slice(0, 2), checksum >> 8, checksum & 0xff, ...message.slice(4)];
  return Uint8Array.from([...to, ...macBytes(mac), ...etherType, ...header, ...checked]);
}

/** RFC 1071, over an even number of bytes. */
function internetChecksum(bytes: readonly number[]): number {
  const sum = bytes.reduce((total, byte, index) => total + (index % 2 === 0 ? byte << 8 : byte), 0);
  const folded = (sum & 0xffff) + (sum >>> 16);
  return ~((folded & 0xffff) + (folded >>> 16)) & 0xffff;
}
