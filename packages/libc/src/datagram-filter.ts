// The program by which the kernel leaves out datagrams before they take room in a UDP socket's buffer.
import type { IpAddress } from '@piranha/domain';
import { familyOf, ipv4Bytes, ipv6Bytes } from '@piranha/domain';
import type { FilterProgram } from './bpf.ts';
import { code, give, instruction, networkHeader, programOf } from './bpf.ts';
import type { WantedByte } from './packet-filter.ts';

/** Datagrams of one of these senders that are so long (bytes) or longer, and have these bytes. */
export type WantedDatagrams = {
  readonly senders: readonly IpAddress[];
  readonly shortest: number;
  readonly bytes: readonly WantedByte[];
};

/** What the program sees first is the header of UDP (RFC 768). */
const headerBytes = 8;

/** Where the sender stands in the header of IPv4 (RFC 791, 3.1) and of IPv6 (RFC 8200, 3). */
const senderAt = { 4: 12, 6: 8 } as const;

/** Lets datagrams through that are wanted; all senders are of the socket's own family, and at most ten. */
export function datagramFilter({ senders, shortest, bytes }: WantedDatagrams): FilterProgram {
  const bySender = senders.flatMap(lettingThrough);
  const tests = [
    [instruction(code.loadLength, 0), { what: code.ifAtLeast, operand: headerBytes + shortest }],
    ...bytes.map(
      ({ at, byte }) => [instruction(code.loadByte, headerBytes + at), { what: code.ifEqual, operand: byte }] as const,
    ),
  ] as const;
  const required = tests.flatMap(([load, { what, operand }], index) => [
    load,
    // Past the tests that are left and past all senders.
    instruction(what, operand, 2 * (tests.length - index - 1) + bySender.length),
  ]);
  return programOf([...required, ...bySender, give.nothing]);
}

/** Ends the program where this is the sender; otherwise goes on behind. */
function lettingThrough(sender: IpAddress): readonly Buffer[] {
  const family = familyOf(sender);
  const bytes = Buffer.from(family === 4 ? ipv4Bytes(sender) : ipv6Bytes(sender));
  const words = Array.from({ length: bytes.length / 4 }, (_none, index) => bytes.readUInt32BE(4 * index));
  const tests = words.flatMap((word, index) => [
    instruction(code.loadWord, networkHeader + senderAt[family] + 4 * index),
    instruction(code.ifEqual, word, 2 * (words.length - index - 1) + 1),
  ]);
  return [...tests, give.all];
}
