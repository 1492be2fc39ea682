// The program by which the kernel judges datagrams before they take room in a UDP socket's buffer.
import type { IpAddress, Port } from '@piranha/domain';
import { familyOf, ipv4Bytes, ipv6Bytes } from '@piranha/domain';
import type { FilterProgram } from './bpf.ts';
import { code, deviceIndex, give, instruction, networkHeader, programOf } from './bpf.ts';
import type { WantedByte } from './packet-filter.ts';

/** What the kernel does with the datagrams of a socket. */
export type DatagramRules = {
  /** Of this family are the socket's datagrams. */
  readonly family: 4 | 6;
  /** In a flood: all others are left out, and whatever breaks another rule; undefined: nobody is. */
  readonly only: WantedDatagrams | undefined;
  readonly ttl: TtlRule;
  /** The kernel's numbers of the devices by which a datagram may come in; empty: by any. */
  readonly devices: readonly number[];
};

/** Datagrams of one of these senders, from this port, that are so long (bytes) or longer, and have these bytes. */
export type WantedDatagrams = {
  readonly senders: readonly IpAddress[];
  readonly port: Port;
  readonly shortest: number;
  readonly bytes: readonly WantedByte[];
};

/** The time to live (IPv6: hop limit) that a datagram must have at least when it comes in: who sends 255 is a neighbour (RFC 5082). */
export type TtlRule = {
  readonly least: number;
  /** So much is enough where the datagram is too short for this byte, or the byte has not got this bit. */
  readonly without?: { readonly at: number; readonly bit: number; readonly least: number };
};

/**
 * What becomes of a datagram that breaks a rule: it is cut to so many bytes, by which its reader knows the rule. One that
 * came so short itself, or is no longer than these, arrives empty.
 */
export const cutTo = { short: 0, far: 1, elsewhere: 2 } as const;

/** What the program sees first is the header of UDP (RFC 768). */
const headerBytes = 8;

/** Where the sender stands in the header of IPv4 (RFC 791, 3.1) and of IPv6 (RFC 8200, 3), and the time to live. */
const senderAt = { 4: 12, 6: 8 } as const;
const ttlAt = { 4: 8, 6: 7 } as const;

/** Programs skip 255 instructions at most. */
const mostDevices = 200;

/** At most ten senders, all of the socket's own family. Of more than 200 devices only the first ones count. */
export function datagramFilter({ family, only, ttl, devices }: DatagramRules): FilterProgram {
  const cut = (length: number): Buffer =>
    only === undefined ? instruction(code.give, headerBytes + length) : give.nothing;
  return programOf([
    ...bySender(only),
    ...longEnough(cut(cutTo.short)),
    ...byTtl(networkHeader + ttlAt[family], ttl, cut(cutTo.far)),
    ...byDevice(devices.slice(0, mostDevices), cut(cutTo.elsewhere)),
    give.all,
  ]);
}

/** Longer than whatever is cut. */
const longEnough = (cut: Buffer): readonly Buffer[] => [
  instruction(code.loadLength, 0),
  instruction(code.ifAtLeast, headerBytes + cutTo.elsewhere + 1, { then: 1 }),
  cut,
];

/** Goes on behind where the datagram is wanted, and otherwise gives nothing. */
function bySender(only: WantedDatagrams | undefined): readonly Buffer[] {
  if (only === undefined) return [];
  const senders = only.senders.map(ifSentBy);
  const senderTests = senders.flatMap((tests, index) => tests(senders.length - index - 1));
  const byteAt = (at: number, byte: number) =>
    [instruction(code.loadByte, at), { what: code.ifEqual, operand: byte }] as const;
  const tests = [
    [instruction(code.loadLength, 0), { what: code.ifAtLeast, operand: headerBytes + only.shortest }],
    // The source port is what a datagram begins with (RFC 768).
    ...[byteAt(0, only.port >> 8), byteAt(1, only.port & 0xff)],
    ...only.bytes.map(({ at, byte }) => byteAt(headerBytes + at, byte)),
  ] as const;
  const required = tests.flatMap(([load, { what, operand }], index) => [
    load,
    // Past the tests that are left and past all senders.
    instruction(what, operand, { otherwise: 2 * (tests.length - index - 1) + senderTests.length }),
  ]);
  return [...required, ...senderTests, give.nothing];
}

/** Skips what is left of the senders, and the end, where this is the sender. */
function ifSentBy(sender: IpAddress): (left: number) => readonly Buffer[] {
  const family = familyOf(sender);
  const bytes = Buffer.from(family === 4 ? ipv4Bytes(sender) : ipv6Bytes(sender));
  const words = Array.from({ length: bytes.length / 4 }, (_none, index) => bytes.readUInt32BE(4 * index));
  const all = 2 * words.length;
  return (left) =>
    words.flatMap((word, index) => {
      const [own, last] = [all - 2 * (index + 1), index === words.length - 1];
      return [
        instruction(code.loadWord, networkHeader + senderAt[family] + 4 * index),
        instruction(code.ifEqual, word, { then: last ? all * left + 1 : 0, otherwise: own }),
      ];
    });
}

/** Goes on behind where the datagram has come from near enough. */
function byTtl(at: number, { least, without }: TtlRule, cut: Buffer): readonly Buffer[] {
  const load = instruction(code.loadByte, at);
  if (without === undefined) return [load, instruction(code.ifAtLeast, least, { then: 1 }), cut];
  return [
    load,
    instruction(code.ifAtLeast, least, { then: 6 }),
    instruction(code.ifAtLeast, without.least, { otherwise: 4 }),
    instruction(code.loadLength, 0),
    instruction(code.ifAtLeast, headerBytes + without.at + 1, { otherwise: 3 }),
    instruction(code.loadByte, headerBytes + without.at),
    instruction(code.ifBit, without.bit, { otherwise: 1 }),
    cut,
  ];
}

/** Goes on behind where the datagram has come in by one of the devices. */
function byDevice(devices: readonly number[], cut: Buffer): readonly Buffer[] {
  if (devices.length === 0) return [];
  const tests = devices.map((index, place) => instruction(code.ifEqual, index, { then: devices.length - place }));
  return [instruction(code.loadWord, deviceIndex), ...tests, cut];
}
