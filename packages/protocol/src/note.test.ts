import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import fc from 'fast-check';
import { decodeDatagram } from './datagram.ts';
import type { Note, SignedNote } from './note.ts';
import { decodeNote, encodeNote, fitting, isNote } from './note.ts';
import type { SharedOrder } from './shared-order.ts';
import { aged, saysTheSame } from './shared-order.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const from = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const key = Uint8Array.from({ length: 32 }, (_, index) => index);

const server = 'tcp 10.1.0.100:80/10.2.0.11:80';
const drain: SharedOrder = { type: 'drain', server, stamp: 8, agoMs: 5000, timeoutMs: 600_000, leftMs: 595_000 };
const note: Note = {
  ...{ active: true, session: 0x1112131415161718n, echo: 0x0102030405060708n, sequence: 7n },
  ...{ connections: 1240, foreign: [], orders: [drain] },
};

/** The content as hexadecimal text of another program, the signature by a third; docs/pair.md shows the same. */
const worked = from(`
  dadbadbd 4c565332 01 02 0094 1112131415161718 0102030405060708 0000000000000007
  7b22636f6e6e656374696f6e73223a313234302c226f7264657273223a5b7b22
  74797065223a22647261696e222c22736572766572223a227463702031302e31
  2e302e3130303a38302f31302e322e302e31313a3830222c227374616d70223a
  382c2261676f4d73223a353030302c2274696d656f75744d73223a3630303030
  302c226c6566744d73223a3539353030307d5d7d
  9f0b277445b90dc42f1310e79384d868fb13d17cc26fc7f67d92ca8921da9eda`);
const signed = worked.length;
const plain = worked.subarray(0, signed - 32);

const readable = (decoded: SignedNote | 'malformed'): SignedNote => {
  if (decoded === 'malformed') throw new Error('malformed');
  return decoded;
};

/** The example, unsigned, with another content. */
const withContent = (text: string): Uint8Array => {
  const content = Buffer.from(text);
  const head = Uint8Array.from(worked.subarray(0, 36));
  new DataView(head.buffer).setUint16(10, content.length);
  return Uint8Array.from([...head, ...content]);
};

const stamps = fc.integer({ min: 0, max: 2 ** 48 });
const lengths = fc.nat();
const common = { server: fc.string({ minLength: 1, maxLength: 128 }), stamp: stamps, agoMs: lengths };
const orders: fc.Arbitrary<SharedOrder> = fc.oneof(
  fc.record({ type: fc.constant('force' as const), ...common, to: fc.constantFrom('up', 'down') }),
  fc.record({
    type: fc.constant('drain' as const),
    ...common,
    timeoutMs: fc.option(lengths),
    leftMs: fc.option(lengths),
  }),
  fc.record({ type: fc.constant('release' as const), ...common }),
);
const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
const heads = fc.record({
  active: fc.boolean(),
  session: fc.bigInt(1n, 2n ** 64n - 1n),
  ...{ echo: u64, sequence: u64 },
  connections: fc.option(lengths),
  foreign: fc.array(fc.constantFrom('10.1.0.100' as IpAddress, '2001:db8:1234:5678:9abc:def0:1:2' as IpAddress), {
    maxLength: 8,
  }),
});

describe('a note', () => {
  test('has these bytes, both ways', () => {
    expect(hex(encodeNote(note, key))).toBe(hex(worked));
    expect(decodeNote(worked, [key])).toEqual({ note, signature: 'valid' });
    expect(hex(encodeNote(note, undefined))).toBe(hex(plain));
  });

  test('the guide shows the same bytes', () => {
    const guide = readFileSync(new URL('../../../docs/pair.md', import.meta.url), 'utf8');
    const shown = [...guide.matchAll(/^```hex\n([^]*?)^```$/gm)].map(([, block]) =>
      (block ?? '').replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''),
    );
    expect(shown.at(-1)).toBe(hex(worked));
  });

  test('is malformed to a reader of heartbeats, as to earlier versions', () => {
    expect(decodeDatagram(worked, [key])).toBe('malformed');
    expect(decodeDatagram(plain, [])).toBe('malformed');
  });

  test('with a changed byte is wrong where its signature is looked at, and was signed by nobody without one', () => {
    const forged = Uint8Array.from(worked);
    forged[35] = 8;
    expect(readable(decodeNote(forged, [key])).signature).toBe('wrong');
    expect(readable(decodeNote(plain, [key])).signature).toBe('none');
    expect(readable(decodeNote(worked, [])).signature).toBe('unchecked');
  });

  test('says what its sender meant, in at most 1,200 bytes, with as many of the orders as fit', () => {
    fc.assert(
      fc.property(heads, fc.array(orders, { maxLength: 40 }), fc.boolean(), (head, all, withKey) => {
        const some = fitting(head, all);
        expect(all.slice(0, some.length)).toEqual(some);
        const bytes = encodeNote({ ...head, orders: some }, withKey ? key : undefined);
        expect(bytes.length).toBeLessThanOrEqual(1200);
        expect(isNote(bytes)).toBe(true);
        const signature = withKey ? 'valid' : 'none';
        expect(decodeNote(bytes, [key])).toEqual({ note: { ...head, orders: some }, signature });
      }),
    );
  });

  test('has room for some orders, however long their servers are called', () => {
    const longest = { ...drain, server: 'x'.repeat(128), stamp: 2 ** 48, agoMs: 2 ** 50 };
    expect(
      fitting({ connections: 2 ** 50, foreign: [] }, Array<SharedOrder>(12).fill(longest)).length,
    ).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ['an order of an unknown type', '{"connections":1,"orders":[{"type":"stop","server":"a","stamp":1,"agoMs":1}]}'],
    ['a stamp above all', '{"connections":1,"orders":[{"type":"release","server":"a","stamp":1e15,"agoMs":1}]}'],
    ['a time to come', '{"connections":1,"orders":[{"type":"release","server":"a","stamp":1,"agoMs":-1}]}'],
    ['half a connection', '{"connections":0.5,"orders":[]}'],
    ['no orders', '{"connections":1}'],
    ['no JSON', '{"connections":1'],
    ['nothing', ''],
  ])('with %s is malformed', (_, text) => {
    expect(decodeNote(withContent(text), [])).toBe('malformed');
  });

  test('with more content than a note may have, or less than it says, is malformed', () => {
    const padded = (length: number): string => '{"connections":1,"orders":[]}'.padEnd(length);
    expect(decodeNote(withContent(padded(1132)), [])).not.toBe('malformed');
    expect(decodeNote(withContent(padded(1133)), [])).toBe('malformed');
    expect(decodeNote(plain.subarray(0, plain.length - 1), [])).toBe('malformed');
    expect(decodeNote(worked.subarray(0, signed - 1), [key])).toBe('malformed');
  });

  test('of session 0, or behind another word than active and inactive, is malformed', () => {
    const nobodys = Uint8Array.from(plain);
    nobodys.fill(0, 12, 20);
    expect(decodeNote(nobodys, [])).toBe('malformed');
    const odd = Uint8Array.from(plain);
    odd.set(from('bebaafde'));
    expect(decodeNote(odd, [])).toBe('malformed');
  });

  test('any bytes get an answer, also behind the beginning of a good one', () => {
    const beginnings = fc.nat(signed).map((length) => worked.subarray(0, length));
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (beginning, rest, withKey) => {
        const decoded = decodeNote(Uint8Array.from([...beginning, ...rest]), withKey ? [key] : []);
        expect(['none', 'wrong', 'valid', 'unchecked', undefined]).toContain(
          decoded === 'malformed' ? undefined : decoded.signature,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an order some time later', () => {
  test('is older and has less of its time left, never less than none', () => {
    expect(aged(drain, milliseconds(1000.4))).toEqual({ ...drain, agoMs: 6000, leftMs: 594_000 });
    expect(aged(drain, milliseconds(1e6))).toMatchObject({ leftMs: 0 });
    expect(aged({ ...drain, leftMs: null }, milliseconds(1e6))).toMatchObject({ leftMs: null });
  });

  test('says the same; another stamp, target or limit does not', () => {
    expect(saysTheSame(drain, aged(drain, milliseconds(9)))).toBe(true);
    expect(saysTheSame(drain, { ...drain, stamp: 9 })).toBe(false);
    expect(saysTheSame(drain, { ...drain, timeoutMs: null })).toBe(false);
    const up = { type: 'force', server, stamp: 1, agoMs: 0, to: 'up' } as const;
    expect(saysTheSame(up, { ...up, to: 'down' })).toBe(false);
    expect(saysTheSame(up, { type: 'release', server, stamp: 1, agoMs: 0 })).toBe(false);
  });
});
