// The bytes of a heartbeat: four as the original's, always little-endian (reference/pulse §2); after them our trailer,
// big-endian, which an original does not look at (pair.md §1).
import type { Keys } from './sign.ts';
import { isSignedBy, sign, signatureLength } from './sign.ts';

/**
 * What a heartbeat says. `running`: active, `stopped`: alive and inactive. The other three are words of the original's
 * failover services and only prove that the sender lives.
 */
export type HeartbeatWord = 'running' | 'stopped' | 'stop-me' | 'hold' | 'held';

/** How good a router is: 2 good, 1 can serve but lost a link, 0 cannot serve. */
export type NodeClass = 0 | 1 | 2;

/** What a router of ours says of itself. */
export type Trailer = {
  /** `answer`: to a session that is not accepted yet; its `echo` names that session. */
  readonly kind: 'heartbeat' | 'answer';
  readonly active: boolean;
  readonly hears: boolean;
  readonly leaving: boolean;
  readonly given: boolean;
  readonly want: boolean;
  readonly held: boolean;
  readonly class: NodeClass;
  /** Known living real servers, 0 to 65534; undefined for unknown. */
  readonly living: number | undefined;
  /** 32 bits. */
  readonly term: number;
  /** 64 bits, never 0n. */
  readonly session: bigint;
  /** The session that the sender accepts; 0n for none. */
  readonly echo: bigint;
  readonly sequence: bigint;
  /** Of the configuration: 16 hexadecimal digits. */
  readonly digest: string;
};

/** `unchecked`: there is no key here to check it with. */
export type Signature = 'none' | 'wrong' | 'valid' | 'unchecked';

/** `bare`: of an original router, which sends the word alone. */
export type Datagram =
  | { readonly type: 'bare'; readonly word: HeartbeatWord }
  | {
      readonly type: 'pair';
      readonly trailer: Trailer;
      readonly signature: Signature;
      /** It says that it was sent with the highest time to live; left out by earlier versions. */
      readonly near?: true;
    };

/**
 * Why a datagram says nothing to us: under four bytes, a word that an LVS router does not know, or a trailer that is
 * ours and makes no sense.
 */
export type BadDatagram = 'short' | 'incompatible' | 'malformed';

const words: ReadonlyMap<number, HeartbeatWord> = new Map([
  [0xbdaddbda, 'running'],
  [0xadbddabd, 'stopped'],
  [0xdeaddada, 'stop-me'],
  [0xdeafbabe, 'hold'],
  [0xdeafdada, 'held'],
]);

const bytesOf = { running: [0xda, 0xdb, 0xad, 0xbd], stopped: [0xbd, 0xda, 0xbd, 0xad] } as const;

/** Where each field begins. */
const at = {
  magic: 4,
  version: 8,
  kind: 9,
  flags: 10,
  class: 12,
  reserved: 13,
  living: 14,
  term: 16,
  session: 20,
  echo: 28,
  sequence: 36,
  digest: 44,
  signature: 52,
} as const;

/** `LVS2`. */
const magic = 0x4c565332;
const version = 1;

/** What every datagram of ours has that is signed, notes too: at least so many bytes, and these. */
export const signedDatagrams = {
  shortest: at.signature + signatureLength,
  bytes: [
    { at: at.magic, byte: 0x4c },
    { at: at.magic + 1, byte: 0x56 },
    { at: at.magic + 2, byte: 0x53 },
    { at: at.magic + 3, byte: 0x32 },
    { at: at.version, byte: version },
  ],
} as const;

/** The flag of every datagram that is sent with the highest time to live; no note, whatever its length, seems to have it. */
export const nearFlag = { at: at.flags, bit: 0x80 } as const;

const kinds = ['heartbeat', 'answer'] as const;
const classes: readonly NodeClass[] = [0, 1, 2];
/** Bit 0 first. */
const flags = ['active', 'hears', 'leaving', 'given', 'want', 'held'] as const;
const unknownLiving = 0xffff;

/** Reads the first four bytes; what follows them is not looked at. Total: any bytes give an answer. */
export function decodeHeartbeat(bytes: Uint8Array): HeartbeatWord | 'short' | 'incompatible' {
  if (bytes.length < 4) return 'short';
  return words.get(viewOf(bytes).getUint32(0, true)) ?? 'incompatible';
}

/** 52 bytes, or 84 with a key. */
export function encodeDatagram(trailer: Trailer, key: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(at.signature);
  const view = viewOf(bytes);
  bytes.set(bytesOf[wordOf(trailer)]);
  view.setUint32(at.magic, magic);
  view.setUint8(at.version, version);
  view.setUint8(at.kind, kinds.indexOf(trailer.kind));
  view.setUint16(at.flags, flagBits(trailer));
  view.setUint8(nearFlag.at, view.getUint8(nearFlag.at) | nearFlag.bit);
  view.setUint8(at.class, trailer.class);
  view.setUint16(at.living, trailer.living === undefined ? unknownLiving : Math.min(trailer.living, unknownLiving - 1));
  view.setUint32(at.term, trailer.term);
  view.setBigUint64(at.session, trailer.session);
  view.setBigUint64(at.echo, trailer.echo);
  view.setBigUint64(at.sequence, trailer.sequence);
  bytes.set(Buffer.from(trailer.digest, 'hex').subarray(0, at.signature - at.digest), at.digest);
  return key === undefined ? bytes : Uint8Array.from([...bytes, ...sign(bytes, key)]);
}

/** Total: any bytes give an answer. Without a key nothing after the trailer is looked at. */
export function decodeDatagram(bytes: Uint8Array, keys: Keys): Datagram | BadDatagram {
  const word = decodeHeartbeat(bytes);
  if (word === 'short' || word === 'incompatible') return word;
  if (!hasMagic(bytes)) return { type: 'bare', word };
  const signature = signatureOf(bytes, keys);
  const trailer = signature === undefined ? undefined : decodeTrailer(bytes);
  if (signature === undefined || trailer === undefined || wordOf(trailer) !== word) return 'malformed';
  const near = ((bytes[nearFlag.at] ?? 0) & nearFlag.bit) !== 0;
  return { type: 'pair', trailer, signature, ...(near ? { near } : {}) };
}

/** What a datagram of ours claims to say, its signature not looked at; undefined where it is none. */
export const claimOf = (bytes: Uint8Array): Trailer | undefined =>
  bytes.length >= at.signature && hasMagic(bytes) ? decodeTrailer(bytes) : undefined;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const wordOf = ({ active }: Trailer): 'running' | 'stopped' => (active ? 'running' : 'stopped');

const flagBits = (trailer: Trailer): number =>
  flags.reduce((bits, name, place) => (trailer[name] ? bits | (1 << place) : bits), 0);

const hasMagic = (bytes: Uint8Array): boolean =>
  bytes.length >= at.version && viewOf(bytes).getUint32(at.magic) === magic;

/** Undefined for a length that no datagram of ours has. */
function signatureOf(bytes: Uint8Array, keys: Keys): Signature | undefined {
  if (bytes.length < at.signature) return undefined;
  if (keys.length === 0) return 'unchecked';
  if (bytes.length === at.signature) return 'none';
  if (bytes.length !== at.signature + signatureLength) return undefined;
  return isSignedBy(bytes.subarray(0, at.signature), bytes.subarray(at.signature), keys) ? 'valid' : 'wrong';
}

/** Undefined for one that breaks the rules; `bytes` are long enough. */
function decodeTrailer(bytes: Uint8Array): Trailer | undefined {
  const view = viewOf(bytes);
  const kind = kinds[view.getUint8(at.kind)];
  const nodeClass = classes[view.getUint8(at.class)];
  const living = view.getUint16(at.living);
  const session = view.getBigUint64(at.session);
  if (view.getUint8(at.version) !== version || view.getUint8(at.reserved) !== 0) return undefined;
  // 0 stands for no session at all in `echo`: nobody has it.
  if (kind === undefined || nodeClass === undefined || session === 0n) return undefined;
  return {
    kind,
    ...readFlags(view.getUint16(at.flags)),
    class: nodeClass,
    living: living === unknownLiving ? undefined : living,
    term: view.getUint32(at.term),
    session,
    echo: view.getBigUint64(at.echo),
    sequence: view.getBigUint64(at.sequence),
    digest: Buffer.from(bytes.subarray(at.digest, at.signature)).toString('hex'),
  };
}

/** Bits that have no name yet mean nothing. */
function readFlags(bits: number): Pick<Trailer, (typeof flags)[number]> {
  const has = (name: (typeof flags)[number]): boolean => (bits & (1 << flags.indexOf(name))) !== 0;
  return {
    active: has('active'),
    hears: has('hears'),
    leaving: has('leaving'),
    given: has('given'),
    want: has('want'),
    held: has('held'),
  };
}
