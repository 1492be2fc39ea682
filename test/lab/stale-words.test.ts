// Words and announcements on stale knowledge, and links of virtual addresses, with the installed programs on the wire.
import { beforeAll, expect, jest, test } from '@jest/globals';
import { withPatience } from './inside/patience.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(600_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenariosInNamespaces('stale-words');
});

test('an owner that slept until an original took over says that it is inactive, and never where the addresses are', () => {
  const { claims, words, said, owners } = sightings.of('stale-words').original;
  expect(claims).toEqual([]);
  expect(words).toEqual(['bddabdad']);
  expect(said).toEqual(['active']);
  expect(owners).toEqual([false, true]);
});

test('switching to and fro tells of no other station', () => {
  const { lines, backAfterMs } = sightings.of('stale-words').toAndFro;
  expect(lines).toEqual([]);
  expect(backAfterMs).toBeLessThan(withPatience(5000));
});

test('the interface of one of two virtual addresses moves both of them, and where both routers lack it nothing more', () => {
  const { movedAfterMs, status, owners } = sightings.of('stale-words').cable;
  expect(movedAfterMs).toBeLessThan(withPatience(5000));
  expect(status).toMatch(/10\.5\.0\.100 +eth5:1 +not here, the link is down/);
  expect(status).toMatch(/this router: a link is down \(the link of eth5 is down\)/);
  expect(owners).toEqual([false, true]);
});
