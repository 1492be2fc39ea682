// The bytes of a note: what two routers of ours tell each other beside their heartbeats. It begins as a heartbeat does
// and is of a kind of its own, which earlier versions refuse (docs/pair.md).
import { failure } from '@piranha/domain';
import * as v from 'valibot';
import type { Signature } from './datagram.ts';
import { decodeHeartbeat } from './datagram.ts';
import { addressField } from './fields.ts';
import { decodeValue } from './json.ts';
import type { SharedOrder } from './shared-order.ts';
import { sharedOrderSchema } from './shared-order.ts';
import type { Keys } from './sign.ts';
import { isSignedBy, sign, signatureLength } from './sign.ts';

const content = v.object({
  /** In the sender's table, active and inactive; null: not known. */
  connections: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
  /** Floating addresses for which it answers though it is inactive; earlier versions do not tell. */
  foreign: v.optional(v.pipe(v.array(addressField), v.readonly()), []),
  /** Some of its orders, or all of them. */
  orders: v.pipe(v.array(sharedOrderSchema), v.readonly()),
});

/** One note. */
export type Note = Readonly<v.InferOutput<typeof content>> & {
  readonly active: boolean;
  /** The sender's, never 0n. */
  readonly session: bigint;
  /** Whom it is for: the session of the partner that the sender accepts. */
  readonly echo: bigint;
  /** Of notes alone. */
  readonly sequence: bigint;
};

/** A note and what its signature is worth. */
export type SignedNote = { readonly note: Note; readonly signature: Signature };

/** Where each field begins. */
const at = { magic: 4, version: 8, kind: 9, length: 10, session: 12, echo: 20, sequence: 28, content: 36 } as const;

/** `LVS2`, version 1, kind 2. */
const beginning = [0x4c, 0x56, 0x53, 0x32, 1, 2] as const;
const words = { running: [0xda, 0xdb, 0xad, 0xbd], stopped: [0xbd, 0xda, 0xbd, 0xad] } as const;

/** A datagram of this length passes every link, a tunnel too, in one piece. */
const mostBytes = 1200;
const mostContent = mostBytes - at.content - signatureLength;

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

/** As many of the orders, from the first on, as one note has room for beside what else it says. */
export function fitting(
  { connections, foreign }: Pick<Note, 'connections' | 'foreign'>,
  orders: readonly SharedOrder[],
): readonly SharedOrder[] {
  let room = mostContent - bytesOf(JSON.stringify({ connections, foreign, orders: [] })).length;
  const tooMany = orders.findIndex((order) => {
    room -= bytesOf(JSON.stringify(order)).length + 1;
    return room < 0;
  });
  return tooMany < 0 ? orders : orders.slice(0, tooMany);
}

/** At most 1,200 bytes where the orders are `fitting`. */
export function encodeNote(note: Note, key: Uint8Array | undefined): Uint8Array {
  const { active, session, echo, sequence, connections, foreign, orders } = note;
  const text = bytesOf(JSON.stringify({ connections, ...(foreign.length > 0 ? { foreign } : {}), orders }));
  const bytes = new Uint8Array(at.content + text.length);
  const view = viewOf(bytes);
  bytes.set(active ? words.running : words.stopped);
  bytes.set(beginning, at.magic);
  view.setUint16(at.length, text.length);
  view.setBigUint64(at.session, session);
  view.setBigUint64(at.echo, echo);
  view.setBigUint64(at.sequence, sequence);
  bytes.set(text, at.content);
  return key === undefined ? bytes : Uint8Array.from([...bytes, ...sign(bytes, key)]);
}

/** Whether these bytes are to be read as a note, and not as a heartbeat. */
export const isNote = (bytes: Uint8Array): boolean =>
  bytes.length >= at.length && beginning.every((byte, index) => bytes[at.magic + index] === byte);

/** Total: any bytes give an answer. Without a key nothing behind the content is looked at. */
export function decodeNote(bytes: Uint8Array, keys: Keys): SignedNote | 'malformed' {
  const word = decodeHeartbeat(bytes);
  if ((word !== 'running' && word !== 'stopped') || !isNote(bytes) || bytes.length < at.content) return 'malformed';
  const view = viewOf(bytes);
  const end = at.content + view.getUint16(at.length);
  const signature = end > mostBytes - signatureLength ? undefined : signatureOf(bytes, end, keys);
  const session = view.getBigUint64(at.session);
  const said = signature === undefined ? failure('') : decodeValue(content, textIn(bytes, end));
  if (signature === undefined || session === 0n || !said.ok) return 'malformed';
  const [echo, sequence] = [view.getBigUint64(at.echo), view.getBigUint64(at.sequence)];
  return { note: { active: word === 'running', session, echo, sequence, ...said.value }, signature };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const textIn = (bytes: Uint8Array, end: number): string =>
  Buffer.from(bytes.subarray(at.content, end)).toString('utf8');

/** Undefined for a length that no note has. */
function signatureOf(bytes: Uint8Array, end: number, keys: Keys): Signature | undefined {
  if (bytes.length < end) return undefined;
  if (keys.length === 0) return 'unchecked';
  if (bytes.length === end) return 'none';
  if (bytes.length !== end + signatureLength) return undefined;
  return isSignedBy(bytes.subarray(0, end), bytes.subarray(end), keys) ? 'valid' : 'wrong';
}
