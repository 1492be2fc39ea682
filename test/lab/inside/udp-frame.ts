// The bytes of an Ethernet frame with a UDP datagram over IPv4 (RFC 791, RFC 768), whoever it says it is from.

/** Where a datagram comes from and goes to. MAC addresses as `ip` prints them, IPv4 addresses dotted; `ttl` is 255 as a rule. */
export type Envelope = {
  readonly ttl?: number;
  readonly from: { readonly mac: string; readonly address: string; readonly port: number };
  readonly to: { readonly mac: string; readonly address: string; readonly port: number };
};

const ipHeaderBytes = 20;
const udpHeaderBytes = 8;
const fullTtl = 255;
const udp = 17;

/** One frame. It has no checksum of UDP, which IPv4 allows. */
export function udpFrame({ from, to, ttl = fullTtl }: Envelope, payload: Uint8Array): Buffer {
  const length = udpHeaderBytes + payload.length;
  const header = [0x45, 0, ...word(ipHeaderBytes + length), 0, 0, 0x40, 0, ttl, udp, 0, 0];
  const addresses = [from.address, to.address].flatMap((each) => each.split('.').map(Number));
  const ip = [...header, ...addresses];
  ip.splice(10, 2, ...word(checksum(ip)));
  const ethernet = [...macBytes(to.mac), ...macBytes(from.mac), 0x08, 0x00];
  return Buffer.from([...ethernet, ...ip, ...word(from.port), ...word(to.port), ...word(length), 0, 0, ...payload]);
}

const word = (value: number): [number, number] => [value >> 8, value & 0xff];
const macBytes = (mac: string): number[] => mac.split(':').map((each) => Number.parseInt(each, 16));

/** The ones' complement of the sum of all words (RFC 791, 3.1). */
function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
