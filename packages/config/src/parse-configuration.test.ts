// Properties that hold for any text.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDiagnostic } from './diagnostic.ts';
import type { ParsedConfiguration } from './parse-configuration.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { globalKeys, serverKeys, virtualKeys } from './schema.ts';

function expectSoundAnswer(text: string, { configuration, diagnostics }: ParsedConfiguration): void {
  const lines = text.split(/\r\n|\n|\r/).length;
  expect(configuration === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  for (const one of diagnostics) {
    expect(one.line).toBeGreaterThanOrEqual(text === '' ? 0 : 1);
    expect(one.line).toBeLessThanOrEqual(lines);
    expect(formatDiagnostic('f', one)).not.toMatch(/\p{Cc}/u);
  }
}

test('any bytes get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      expectSoundAnswer(text, parseConfiguration(text));
    }),
    { numRuns: 500 },
  );
});

test('any characters get an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      expectSoundAnswer(text, parseConfiguration(text));
    }),
    { numRuns: 500 },
  );
});

const keys = [...Object.keys(globalKeys), ...Object.keys(virtualKeys), ...Object.keys(serverKeys)];
const piece = fc.oneof(
  fc.constantFrom(...keys, 'virtual', 'failover', 'server', '__proto__', 'constructor'),
  fc.constantFrom('{', '}', '=', '[', ']', '"', "'", '#', '\\', '\n', '\r\n', ' ', '\t', '\0', '\uFFFD'),
  fc.constantFrom(
    '1',
    '0',
    '-1',
    '0x',
    '08',
    '1e9',
    '10.0.0.1',
    '::1',
    '0.0.0.0',
    'eth0:1',
    '255.255.255.0',
    'nat',
    'web',
  ),
);

test('pieces of lvs.cf in any order get an answer', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 120 }), fc.constantFrom('', ' '), (pieces, between) => {
      const text = pieces.join(between);
      expectSoundAnswer(text, parseConfiguration(text));
    }),
    { numRuns: 1000 },
  );
});

const megabyte = 1024 * 1024;
const garbage = (seed: number): string => {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length: megabyte }, () => (state = (state * 48271) % 2147483647) & 0xff),
  ).toString('utf8');
};

test.each([
  ['noise', garbage(7)],
  ['quotation marks', 'a = ' + `"b \\" 'c `.repeat(megabyte / 10)],
  ['keys almost right', 'opz=1\n'.repeat(megabyte / 6)],
  ['open blocks', 'virtual a {\nserver b {\n'.repeat(megabyte / 24)],
  ['equal servers', 'virtual a {\nactive=1\n' + 'server a {\nactive=1\naddress=a\n}\n'.repeat(megabyte / 34)],
])(
  '1 MB of %s is read in a few seconds',
  (_what, text) => {
    const { configuration, diagnostics } = parseConfiguration(text);
    expect(configuration).toBeUndefined();
    expect(diagnostics.length).toBeLessThanOrEqual(2002);
  },
  10_000,
);

test('a flood of errors is cut, with the number of those left out', () => {
  const { diagnostics } = parseConfiguration('}\n'.repeat(5000));
  expect(diagnostics).toHaveLength(1001);
  expect(diagnostics.at(-1)?.message).toBe('4000 more errors are not shown');
});

const word = fc.stringMatching(/^[a-z][a-z0-9_.{}-]{0,10}$/);
const textValue = fc.stringMatching(/^[ !#-&(-[\]-~]{0,30}$/);
const address = fc
  .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'));
const flag = fc.boolean();
const server = fc.record({
  name: word,
  active: flag,
  address,
  port: fc.integer({ min: 1, max: 65535 }),
  weight: fc.nat(65535),
});
const virtual = fc.record({
  name: word,
  address,
  port: fc.integer({ min: 1, max: 65535 }),
  timeout: fc.integer({ min: 1, max: 600 }),
  fall: fc.integer({ min: 1, max: 100 }),
  scheduler: fc.constantFrom('rr', 'wlc', 'mh'),
  send: textValue,
  servers: fc.array(server, { maxLength: 4 }),
});
const file = fc.record({ keepalive: fc.integer({ min: 1, max: 50 }), virtuals: fc.array(virtual, { maxLength: 4 }) });
// How a file may be laid out without meaning anything else.
const layout = fc.record({
  indent: fc.constantFrom('', '  ', '\t'),
  equals: fc.constantFrom(' = ', '=', '\t=  ', '= '),
  end: fc.constantFrom('\n', '\r\n', ' \n', ' # a comment\n', '\n\n# x = y\n'),
  quote: fc.constantFrom('"', "'"),
});
type Value<A> = A extends fc.Arbitrary<infer V> ? V : never;

function write(
  { keepalive, virtuals }: Value<typeof file>,
  { indent, equals, end, quote }: Value<typeof layout>,
): string {
  const line = (key: string, value: string | number | boolean): string =>
    `${indent}${key}${equals}${typeof value === 'boolean' ? Number(value) : value}${end}`;
  const blocks = virtuals.map(({ name, servers, address: vip, send, ...numbers }) => [
    `virtual ${name} {${end}`,
    line('address', `${vip} eth0:1`),
    line('send', `${quote}${send}${quote}`),
    ...Object.entries(numbers).map(([key, value]) => line(key, value)),
    ...servers.flatMap(({ name: own, ...values }) => [
      `server ${own} {${end}`,
      ...Object.entries(values).map(([key, value]) => line(key, value)),
      `}${end}`,
    ]),
    `}${end}`,
  ]);
  return [line('keepalive', keepalive), line('deadtime', keepalive * 3), ...blocks.flat()].join('');
}

test('every valid file has the values that were written into it, however it is laid out', () => {
  fc.assert(
    fc.property(file, layout, (wanted, style) => {
      const { configuration, diagnostics } = parseConfiguration(write(wanted, style));
      expect(diagnostics).toEqual([]);
      expect(configuration).toMatchObject({
        keepalive: wanted.keepalive * 1000,
        deadtime: wanted.keepalive * 3000,
        virtualServers: wanted.virtuals.map(
          ({ name, address: vip, port, timeout, fall, scheduler, send, servers }) => ({
            name,
            vip: { address: vip, device: 'eth0:1' },
            port,
            scheduler,
            check: { send, timeout: timeout * 1000, fall },
            servers,
          }),
        ),
      });
    }),
  );
});
