// Bytes by chance, and bytes that something went wrong with.
import type { Random } from '@piranha/testing';

/** Bytes at which readers of text stumble: NUL, ends of lines, quotes, braces, and what is no UTF-8. */
const awkward: readonly [Buffer, ...Buffer[]] = [
  Buffer.from([0]),
  Buffer.from('\n'),
  Buffer.from('\r'),
  Buffer.from('\r\n'),
  Buffer.from('\t'),
  Buffer.from('"'),
  Buffer.from("'"),
  Buffer.from('\\'),
  Buffer.from('{'),
  Buffer.from('}'),
  Buffer.from('#'),
  Buffer.from('='),
  Buffer.from('\u2028'),
  Buffer.from('\ufeff'),
  Buffer.from('😀'),
  Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d]),
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf0, 0x9f]),
  Buffer.from([0x85]),
  Buffer.from([0x7f]),
];

export const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.whole(0, 255)));

type Damage = (bytes: Buffer, random: Random) => Buffer;

const place = (bytes: Buffer, random: Random): number => random.whole(0, bytes.length);

const spliced = (bytes: Buffer, at: number, left: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + left)]);

const damages: readonly [Damage, ...Damage[]] = [
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  (bytes, random) => bytes.subarray(place(bytes, random)),
  (bytes, random) => spliced(bytes, place(bytes, random), random.whole(1, 8), Buffer.alloc(0)),
  (bytes, random) => spliced(bytes, place(bytes, random), random.whole(0, 1), random.pick(awkward)),
  (bytes, random) => spliced(bytes, place(bytes, random), 0, randomBytes(random, random.whole(1, 8))),
  (bytes, random) => {
    const from = place(bytes, random);
    return spliced(bytes, place(bytes, random), 0, bytes.subarray(from, from + random.whole(1, 40)));
  },
  (bytes, random) => {
    const at = random.whole(0, Math.max(0, bytes.length - 1));
    return spliced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << random.whole(0, 7))]));
  },
];

/** The same bytes after up to so many accidents. */
export function damaged(bytes: Buffer, random: Random, most = 4): Buffer {
  let now = bytes;
  for (let left = random.whole(1, most); left > 0; left -= 1) now = random.pick(damages)(now, random);
  return now;
}

/** Cut into chunks as a network might. */
export function chunksOf(bytes: Buffer, random: Random): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = random.chance(0.3) ? 1 : random.whole(1, 200);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
