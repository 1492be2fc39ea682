// Pairs go over from the version before the key was usual and the time to live counted, one router at a time.
import { execFileSync } from 'node:child_process';
import { beforeAll, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  execFileSync('scripts/lib/earlier-version', ['29f02c4'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 600_000,
  });
  seen = await runScenariosInNamespaces('migration');
});

test('the standby goes first: both hear each other, and the owner stays it', () => {
  expect(seen.of('migration').half).toEqual({ owners: [true, false], versions: 2, alarm: null });
});

test('after a switch the other follows', () => {
  expect(seen.of('migration').whole).toEqual({ owners: [false, true], versions: 1 });
});

test('from then on what comes from afar is refused', () => {
  expect(seen.of('migration').refused).toBe(2);
});

test('one of them can go back, after a reload of the other', () => {
  expect(seen.of('migration').back).toEqual({ owners: [false, true], versions: 2 });
});

test('no request fails, but those in flight at the switch', () => {
  expect(seen.of('migration').failed).toBeLessThanOrEqual(2);
});
