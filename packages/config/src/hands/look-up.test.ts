import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { milliseconds, parseIpAddress, seconds } from '@piranha/domain';
import { formatDiagnostic } from '../diagnostic.ts';
import type { Lookup } from './look-up.ts';
import { firstAddress, lookupHost, resolveNames, untilAllIsKnown } from './look-up.ts';
import type { HostUse } from '../resolve.ts';
import { unknownHost } from '../resolve.ts';

const address = (value: string): IpAddress => parseIpAddress(value) ?? ('not an address' as IpAddress);
const names = { lb1: address('10.0.0.1') };

const hosts: readonly HostUse[] = [
  { name: 'a', essential: true, idle: false, places: [{ line: 1, column: 11 }] },
  {
    name: 'b',
    essential: false,
    idle: false,
    places: [
      { line: 2, column: 10 },
      { line: 7, column: 3 },
    ],
  },
];

test('all names are looked up at once', async () => {
  const waiting: string[] = [];
  const { promise, open } = gate();
  const found = resolveNames(hosts, async (name) => {
    waiting.push(name);
    if (waiting.length === hosts.length) open();
    await promise;
    return address('10.0.0.9');
  });
  await expect(found).resolves.toEqual({ names: { a: '10.0.0.9', b: '10.0.0.9' }, lost: [] });
});

function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open: () => { open(); } }; // prettier-ignore
}

test('a name without an address is complained about at each of its places', async () => {
  const found = await resolveNames(hosts, (name) => Promise.resolve(name === 'a' ? names.lb1 : undefined));
  expect(found.names).toEqual({ a: names.lb1, b: null });
  expect(found.lost.flatMap(unknownHost).map((one) => formatDiagnostic('f', one))).toEqual([
    'f:2:10: error: no address was found for the host name "b" (it has none)',
    'f:7:3: error: no address was found for the host name "b" (it has none)',
  ]);
});

test('an address of no single host is none', async () => {
  const found = await resolveNames(hosts, (name) =>
    Promise.resolve(address(name === 'a' ? '0.0.0.0' : '::ffff:1.2.3.4')),
  );
  expect(found.names).toEqual({ a: null, b: null });
  expect(found.lost.map(({ reason }) => reason)).toEqual([
    'it is 0.0.0.0, the address of no single host',
    'it is ::ffff:1.2.3.4, an IPv4 address written as IPv6',
  ]);
});

const silent: Lookup = () => new Promise(() => undefined);

/** The name itself is not asked: it hangs where it begins with `dead`. */
const partlySilent: Lookup = (name, signal) =>
  name.startsWith('dead') ? silent(name, signal) : Promise.resolve(address('10.0.0.9'));

const usesOf = (...all: readonly string[]): readonly HostUse[] =>
  all.map((name) => ({ name, essential: false, idle: false, places: [] }));

test('a resolver that fails or never answers is a complaint, not an exception', async () => {
  const lookup: Lookup = (name, signal) =>
    name === 'a' ? Promise.reject(Object.assign(new Error('EAI_AGAIN'), { errno: -3001 })) : silent(name, signal);
  const found = await resolveNames(hosts, lookup, { ...untilAllIsKnown, limit: milliseconds(20) });
  expect(found.lost.map(({ reason }) => reason)).toEqual(['temporary failure', 'no answer within 0.02 s']);
});

test('names that hang hold up no other, however many stand before it in the file', async () => {
  const dead = Array.from({ length: 40 }, (_, number) => `dead${number}`);
  const patience = { ...untilAllIsKnown, limit: milliseconds(800) };
  const { names: found, lost } = await resolveNames(usesOf(...dead, 'good'), partlySilent, patience);
  expect(found['good']).toBe('10.0.0.9');
  expect(lost).toHaveLength(dead.length);
});

test('once one has an address the others do not keep it waiting, and are called off', async () => {
  const begun: AbortSignal[] = [];
  const lookup: Lookup = (name, signal) => {
    begun.push(signal);
    return partlySilent(name, signal);
  };
  const patience = { limit: seconds(600), essential: seconds(600), afterNews: milliseconds(20) };
  const { names: found } = await resolveNames(usesOf('dead', 'good'), lookup, patience);
  expect(found).toEqual({ dead: null, good: '10.0.0.9' });
  expect(begun.map((signal) => signal.aborted)).toEqual([true, true]);
});

test("the routers' own names are given more time than those that the file can do without", async () => {
  const slowly: Lookup = async (_, signal) => {
    await sleep(100, undefined, { signal });
    return address('10.0.0.9');
  };
  const patience = { limit: milliseconds(10), essential: seconds(600), afterNews: seconds(600) };
  const { names: found } = await resolveNames(hosts, slowly, patience);
  expect(found).toEqual({ a: '10.0.0.9', b: null });
});

test('the system knows itself, by its IPv4 address first', async () => {
  await expect(lookupHost('localhost', new AbortController().signal)).resolves.toBe('127.0.0.1');
});

test('a name that nobody can have has no address, and one that looks like an option is only a name', async () => {
  const { signal } = new AbortController();
  await expect(lookupHost('nobody.example.invalid', signal)).resolves.toBeUndefined();
  await expect(lookupHost('--help', signal)).resolves.toBeUndefined();
});

test('of several addresses the first of IPv4 counts, else the first', () => {
  expect(firstAddress('2001:db8::1  STREAM www\n2001:db8::1  DGRAM\n10.0.0.1  STREAM\n10.0.0.2  STREAM\n')).toBe(
    '10.0.0.1',
  );
  expect(firstAddress('2001:db8::1  STREAM www\n2001:db8::2  STREAM\n')).toBe('2001:db8::1');
  expect(firstAddress('')).toBeUndefined();
});
