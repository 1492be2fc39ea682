// The bytes of the Ethernet frames that say "this IPv4 address is at this hardware address" (RFC 826).
import type { IpAddress, MacAddress } from '@piranha/domain';
import { broadcastMac, ipv4Bytes } from '@piranha/domain';

/** An IPv4 address and where it is from now on. */
export type Binding = { readonly address: IpAddress; readonly mac: MacAddress };

/** An unasked-for reply, as the original send_arp sends it: both its ends are the binding. */
export function replyFrame({ address, mac }: Binding, destination: MacAddress): Uint8Array {
  return frame(destination, { operation: [0, 2], sender: mac, target: macBytes(mac), address });
}

/** An ARP announcement (RFC 5227, 2.3): a request for the address by its own owner, to everybody. */
export function requestFrame({ address, mac }: Binding): Uint8Array {
  return frame(broadcastMac, { operation: [0, 1], sender: mac, target: unknownMac, address });
}

/** The shortest frame that Ethernet carries, without its checksum. */
const frameBytes = 60;
const arpType = [0x08, 0x06];
const ethernet = [0x00, 0x01];
const ipv4 = [0x08, 0x00];
const addressLengths = [6, 4];
const unknownMac = [0, 0, 0, 0, 0, 0];

type Packet = {
  readonly operation: readonly number[];
  readonly sender: MacAddress;
  readonly target: readonly number[];
  /** Sender's and target's alike. */
  readonly address: IpAddress;
};

function frame(destination: MacAddress, { operation, sender, target, address }: Packet): Uint8Array {
  const bytes = new Uint8Array(frameBytes);
  const header = [...macBytes(destination), ...macBytes(sender), ...arpType];
  const kinds = [...ethernet, ...ipv4, ...addressLengths, ...operation];
  bytes.set([...header, ...kinds, ...macBytes(sender), ...ipv4Bytes(address), ...target, ...ipv4Bytes(address)]);
  return bytes;
}

const macBytes = (mac: MacAddress): readonly number[] =>
  (mac.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16));
