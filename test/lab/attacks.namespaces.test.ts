// Somebody in the public network speaks in the standby's name, and there is no key.
import { beforeAll, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenariosInNamespaces('attacks');
});

test('status says that there is no key', () => {
  expect(seen.of('attacks').troubles).toEqual([expect.stringMatching(/^heartbeats are not signed: whoever can send/)]);
});

test('what comes from another port, from afar, by the other wire or from a stranger changes nothing, and is counted', () => {
  const { counted, owners, alarm } = seen.of('attacks').misplaced;
  expect(counted).toEqual([10, 30, 10, 10]);
  expect(owners).toEqual([true, false]);
  // The standby is heard all the while: these are forgeries, and no trouble.
  expect(alarm).toBeNull();
});

test('an unsigned note orders nothing, whatever its stamp', () => {
  const { orders, servers } = seen.of('attacks').madeUpOrder;
  expect(orders).toEqual([]);
  expect(servers).toEqual(['10.2.0.11:80', '10.2.0.12:80']);
});

test('two thousand digests make a line or two, and not two thousand', () => {
  const { lines, owners } = seen.of('attacks').manyFiles;
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(3);
  expect(owners).toEqual([true, false]);
});

test('the highest sequence deafens a router for its partner, but not for good', () => {
  const { owners } = seen.of('attacks').lastSequence;
  expect(owners).toEqual([true, false]);
});

test('a flood is left out by the kernel: the pair goes on, and few of its datagrams were ever read', () => {
  const { perSecond, owners, said, counted } = seen.of('attacks').flood;
  expect({ owners, said }).toEqual({ owners: [true, false], said: 'stopped' });
  expect(perSecond).toBeGreaterThan(5_000);
  // Of five seconds: those before the kernel was told, and a few more each time it is told anew.
  expect(counted).toBeLessThan(perSecond / 20);
});

test('no request fails', () => {
  expect(seen.of('attacks').lost).toBe(0);
});
