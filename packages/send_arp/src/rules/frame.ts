// The bytes of the Ethernet frames that say "this IPv4 address is at this hardware address" (RFC 826).
import type { IpAddress, MacAddress } from '@piranha/domain';
import { broadcastMac, ipv4Bytes, ipv4FromBytes, macBytes, macFromBytes } from '@piranha/domain';

/** An address and where it is from now on. */
export type Binding = { readonly address: IpAddress; readonly mac: MacAddress };

/** An unasked-for reply, as the original send_arp sends it: both its ends are the binding. */
export function replyFrame({ address, mac }: Binding, destination: MacAddress): Uint8Array {
  return frame(destination, { operation: [0, 2], sender: mac, target: macBytes(mac), source: address, address });
}

/** An ARP announcement (RFC 5227, 2.3): a request for the address by its own owner, to everybody. */
export function requestFrame({ address, mac }: Binding): Uint8Array {
  return frame(broadcastMac, { operation: [0, 1], sender: mac, target: unknownMac, source: address, address });
}

/** An ARP probe (RFC 5227, 2.1.1): asks who has the address, and names no sender that anybody could learn. */
export function probeFrame({ address, mac }: Binding): Uint8Array {
  return frame(broadcastMac, { operation: [0, 1], sender: mac, target: unknownMac, source: nobody, address });
}

/** What a frame of ARP, question or answer, says of its sender (RFC 5227, 2.1.1); undefined for any other bytes. */
export function arpClaim(bytes: Uint8Array): Binding | undefined {
  const starts = [...arpType, ...ethernet, ...ipv4, ...addressLengths];
  if (bytes.length < senderAt + 20 || starts.some((byte, index) => bytes[etherTypeAt + index] !== byte))
    return undefined;
  const part = (from: number, length: number): number[] => [
    ...bytes.subarray(senderAt + from, senderAt + from + length),
  ];
  return { mac: macFromBytes(part(0, 6)), address: ipv4FromBytes(part(6, 4)) };
}

/** The shortest frame that Ethernet carries, without its checksum. */
const frameBytes = 60;
const arpType = [0x08, 0x06];
const ethernet = [0x00, 0x01];
const ipv4 = [0x08, 0x00];
const addressLengths = [6, 4];
const unknownMac = [0, 0, 0, 0, 0, 0];
const nobody = ipv4FromBytes([0, 0, 0, 0]);
const etherTypeAt = 12;
const senderAt = 22;

type Packet = {
  readonly operation: readonly number[];
  readonly sender: MacAddress;
  readonly target: readonly number[];
  readonly source: IpAddress;
  readonly address: IpAddress;
};

function frame(destination: MacAddress, { operation, sender, target, source, address }: Packet): Uint8Array {
  const bytes = new Uint8Array(frameBytes);
  const header = [...macBytes(destination), ...macBytes(sender), ...arpType];
  const kinds = [...ethernet, ...ipv4, ...addressLengths, ...operation];
  bytes.set([...header, ...kinds, ...macBytes(sender), ...ipv4Bytes(source), ...target, ...ipv4Bytes(address)]);
  return bytes;
}
