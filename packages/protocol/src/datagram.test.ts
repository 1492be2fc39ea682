import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BadDatagram, Datagram, Signature, Trailer } from './datagram.ts';
import { decodeDatagram, decodeHeartbeat, encodeDatagram } from './datagram.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test.each([
  ['dadbadbd', 'running'],
  ['bddabdad', 'stopped'],
  ['dadaadde', 'stop-me'],
  ['bebaafde', 'hold'],
  ['dadaafde', 'held'],
  ['dadbadbd00112233', 'running'],
  ['bdaddbda', 'incompatible'],
  ['bebaefbe', 'incompatible'],
  ['dadbad', 'short'],
  ['', 'short'],
])('the bytes %j mean %s', (bytes, meaning) => {
  expect(decodeHeartbeat(Buffer.from(bytes, 'hex'))).toBe(meaning);
});

test('any bytes get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(typeof decodeHeartbeat(bytes)).toBe('string');
    }),
  );
});

const from = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

const quiet = { active: false, hears: false, leaving: false, given: false, want: false, held: false } as const;
const key = Uint8Array.from({ length: 32 }, (_, index) => index);

/** Bytes put together by hand, signatures by another program. docs/pair.md shows the same. */
type Worked = readonly [string, Trailer, Uint8Array | undefined, string];
const worked: readonly [Worked, Worked, Worked] = [
  [
    'an inactive router just after its start, unsigned',
    {
      ...quiet,
      kind: 'heartbeat',
      class: 2,
      living: undefined,
      term: 0,
      session: 0x0102030405060708n,
      echo: 0n,
      sequence: 1n,
      digest: '9f86d081884c7d65',
    },
    undefined,
    `bddabdad 4c565332 01 00 8000 02 00 ffff 00000000
     0102030405060708 0000000000000000 0000000000000001 9f86d081884c7d65`,
  ],
  [
    'an active router that hears its partner, signed',
    {
      ...quiet,
      kind: 'heartbeat',
      active: true,
      hears: true,
      class: 2,
      living: 4,
      term: 7,
      session: 0x1112131415161718n,
      echo: 0x0102030405060708n,
      sequence: 0x1234n,
      digest: '9f86d081884c7d65',
    },
    key,
    `dadbadbd 4c565332 01 00 8003 02 00 0004 00000007
     1112131415161718 0102030405060708 0000000000001234 9f86d081884c7d65
     64382d34ad305d5582273e8397ee0e25e69ecb6d4beb41eb50e06fad84617b8d`,
  ],
  [
    'an answer with the highest term, signed',
    {
      ...quiet,
      kind: 'answer',
      hears: true,
      held: true,
      class: 1,
      living: 0,
      term: 2 ** 32 - 1,
      session: 0x1112131415161718n,
      echo: 0xfedcba9876543210n,
      sequence: 0x100000000n,
      digest: '9f86d081884c7d65',
    },
    key,
    `bddabdad 4c565332 01 01 8022 01 00 0000 ffffffff
     1112131415161718 fedcba9876543210 0000000100000000 9f86d081884c7d65
     261d299e20845ffd3281fab0a46c87b06dcf8b2fc343ef28c2f7aca5e8968ea6`,
  ],
];

const [plainBytes, signedBytes] = [from(worked[0][3]), from(worked[1][3])];
/** Whatever is sent says that it comes from near. */
const pair = (trailer: Trailer, signature: Signature): Datagram => ({ type: 'pair', trailer, signature, near: true });

const signatures = ['none', 'wrong', 'valid', 'unchecked'];

const kindOf = (decoded: Datagram | BadDatagram): string => {
  if (typeof decoded === 'string') return decoded;
  return decoded.type === 'bare' ? 'bare' : decoded.signature;
};

describe('a datagram with a trailer', () => {
  test.each(worked)('%s: these bytes, both ways', (_, trailer, withKey, text) => {
    expect(hex(encodeDatagram(trailer, withKey))).toBe(hex(from(text)));
    const signature = withKey === undefined ? 'unchecked' : 'valid';
    expect(decodeDatagram(from(text), withKey === undefined ? [] : [withKey])).toEqual(pair(trailer, signature));
  });

  test('the guide shows the same bytes before those of a note', () => {
    const guide = readFileSync(new URL('../../../docs/pair.md', import.meta.url), 'utf8');
    const shown = [...guide.matchAll(/^```hex\n([^]*?)^```$/gm)].map(([, block]) =>
      (block ?? '').replaceAll(/#.*$/gm, '').replaceAll(/\s/g, ''),
    );
    expect(shown.slice(0, worked.length)).toEqual(worked.map(([, , , text]) => hex(from(text))));
  });

  const flag = fc.boolean();
  const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
  const trailers: fc.Arbitrary<Trailer> = fc.record({
    kind: fc.constantFrom('heartbeat', 'answer'),
    ...{ active: flag, hears: flag, leaving: flag, given: flag, want: flag, held: flag },
    class: fc.constantFrom(0, 1, 2),
    living: fc.option(fc.integer({ min: 0, max: 65_534 }), { nil: undefined }),
    term: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    session: fc.bigInt(1n, 2n ** 64n - 1n),
    ...{ echo: u64, sequence: u64 },
    digest: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(hex),
  });
  const keys = fc.uint8Array({ minLength: 32, maxLength: 80 });
  const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('says what its sender meant, signed or not', () => {
    fc.assert(
      fc.property(trailers, keys, (trailer, someKey) => {
        const [plain, signed] = [encodeDatagram(trailer, undefined), encodeDatagram(trailer, someKey)];
        expect([plain.length, signed.length]).toEqual([52, 84]);
        expect(decodeDatagram(plain, [])).toEqual(pair(trailer, 'unchecked'));
        expect(decodeDatagram(plain, [someKey])).toEqual(pair(trailer, 'none'));
        expect(decodeDatagram(signed, [someKey])).toEqual(pair(trailer, 'valid'));
        expect(decodeDatagram(signed, [])).toEqual(pair(trailer, 'unchecked'));
      }),
    );
  });

  test('is a plain heartbeat to an original', () => {
    fc.assert(
      fc.property(trailers, (trailer) => {
        expect(decodeHeartbeat(encodeDatagram(trailer, key))).toBe(trailer.active ? 'running' : 'stopped');
      }),
    );
  });

  test('is signed wrongly for another key', () => {
    fc.assert(
      fc.property(trailers, key32, key32, (trailer, one, other) => {
        fc.pre(hex(one) !== hex(other));
        expect(decodeDatagram(encodeDatagram(trailer, one), [other])).toMatchObject({ signature: 'wrong' });
      }),
    );
  });

  test('is valid no more when any one bit of it is another', () => {
    fc.assert(
      fc.property(trailers, fc.nat(84 * 8 - 1), (trailer, bit) => {
        const bytes = encodeDatagram(trailer, key);
        bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
        const decoded = decodeDatagram(bytes, [key]);
        // Where the four letters are damaged it is a bare one, as every datagram without them.
        const expected = bit >= 32 && bit < 64 ? ['bare'] : ['wrong', 'malformed', 'incompatible'];
        expect(expected).toContain(kindOf(decoded));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [3, 'short'],
    [4, 'bare'],
    [7, 'bare'],
    [8, 'malformed'],
    [51, 'malformed'],
    [52, 'none'],
    [53, 'malformed'],
    [83, 'malformed'],
    [84, 'valid'],
  ])('cut to %d bytes it is %s', (length, expected) => {
    expect(kindOf(decodeDatagram(signedBytes.subarray(0, length), [key]))).toBe(expected);
  });

  test('at any length gets an answer', () => {
    for (let length = 0; length <= 100; length += 1) {
      const bytes = new Uint8Array(100);
      bytes.set(signedBytes);
      const whole = length === 52 || length === 84;
      const decoded = kindOf(decodeDatagram(bytes.subarray(0, length), [key]));
      expect(['none', 'valid'].includes(decoded)).toBe(whole);
    }
  });

  test.each([
    ['another version', 8, 2],
    ['an unknown kind', 9, 2],
    ['an unknown class', 12, 3],
    ['a reserved byte that is not 0', 13, 1],
    ['a flag against its first four bytes', 11, 1],
  ])('with %s is malformed', (_, place, value) => {
    const bytes = Uint8Array.from(plainBytes);
    bytes.set([value], place);
    expect(decodeDatagram(bytes, [])).toBe('malformed');
  });

  test('without a session is malformed', () => {
    const bytes = Uint8Array.from(plainBytes);
    bytes.fill(0, 20, 28);
    expect(decodeDatagram(bytes, [])).toBe('malformed');
  });

  test("behind a word of the original's failover services is malformed", () => {
    const bytes = Uint8Array.from(plainBytes);
    bytes.set(from('bebaafde'));
    expect(decodeDatagram(bytes, [])).toBe('malformed');
  });

  test('may have flags that have no name yet', () => {
    const bytes = Uint8Array.from(plainBytes);
    bytes.set([0xff, 0xc0], 10);
    expect(decodeDatagram(bytes, [])).toMatchObject({ type: 'pair', trailer: { active: false, held: false } });
  });

  test('may have anything behind it where no signature is looked at', () => {
    const bytes = new Uint8Array(1400);
    bytes.set(plainBytes);
    expect(kindOf(decodeDatagram(bytes, []))).toBe('unchecked');
  });

  test('says 65534 for more living servers than that', () => {
    const [, trailer] = worked[0];
    const decoded = decodeDatagram(encodeDatagram({ ...trailer, living: 70_000 }, undefined), []);
    expect(decoded).toMatchObject({ trailer: { living: 65_534 } });
  });

  test('any bytes get an answer, also behind the beginning of a good one', () => {
    const beginnings = fc.nat(84).map((length) => signedBytes.subarray(0, length));
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 120 }), fc.option(keys), (beginning, rest, someKey) => {
        const decoded = decodeDatagram(Uint8Array.from([...beginning, ...rest]), someKey === null ? [] : [someKey]);
        expect(['short', 'incompatible', 'malformed', 'bare', ...signatures]).toContain(kindOf(decoded));
      }),
      { numRuns: 2000 },
    );
  });

  test('is read from the middle of a larger buffer', () => {
    const buffer = new Uint8Array(200);
    buffer.set(signedBytes, 77);
    expect(kindOf(decodeDatagram(buffer.subarray(77, 77 + 84), [key]))).toBe('valid');
  });
});
