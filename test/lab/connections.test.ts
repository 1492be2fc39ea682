// A pair with sync daemons on a real kernel: downloads and idle connections while the service moves between the routers.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenarios('connections');
});

const seen = () => sightings.of('connections');

const both = (id: number): string[] =>
  ['backup', 'master'].map((mode) => `${mode} sync daemon (mcast=eth1, syncid=${id}`);

describe('the sync daemons', () => {
  test('run on both routers, each of both kinds', () => {
    expect(seen().daemons).toEqual([both(7), both(7)]);
  });

  test('tell of a connection anew every 10 s, and not by its packets', () => {
    expect(seen().sysctls).toMatch(/sync_threshold = 3\s+0\n.*sync_refresh_period = 10\n/);
  });

  test('follow a reload that changes the id, and one that switches them off', () => {
    expect(seen().reloaded).toEqual({ otherId: both(9), off: [] });
  });
});

describe('two downloads, one by NAT and one by direct routing', () => {
  test.each([
    ['a pulled cable', 'cut', 'r1', 'r2'],
    ['a failback', 'failback', 'r2', 'r1'],
    ['a switch', 'switched', 'r1', 'r2'],
    ['a clean stop', 'stopped', 'r2', 'r1'],
  ] as const)('go on after %s', (_what, name, from, to) => {
    const { before, taken, after } = seen().moves[name];
    expect(before.owners).toContain(from);
    // Only a router without cables may have it beside the new owner.
    expect(after.owners.filter((each) => name !== 'cut' || each !== from)).toEqual([to]);
    const { size } = seen().end;
    for (const index of [0, 1]) {
      expect(before.bytes[index]).toBeLessThan(size);
      expect(taken[index]).toBeLessThan(size);
      expect(after.bytes?.[index]).toBeGreaterThan(taken[index] ?? Number.NaN);
    }
  });

  test('arrive whole, with every byte as it was sent', () => {
    const { size, said, same } = seen().end;
    expect(said).toEqual([`200 ${size}`, `200 ${size}`]);
    expect(same).toEqual([true, true]);
  });
});

describe('idle connections', () => {
  const served = [expect.stringMatching(/^s[12]$/), 'd1'];

  test('without a packet for longer than 20 s answer after a cut, a failback and a switch', () => {
    expect(seen().idle['first']).toEqual(served);
    expect(seen().idleMs).toBeGreaterThan(20_000);
    expect(seen().idle['afterSwitch']).toEqual(seen().idle['first']);
  });

  test('are known to a router that came late when they had a packet since, and go on there', () => {
    expect(seen().idle['afterLate']).toEqual(seen().idle['first']);
  });

  test('are reset by a router that came late when they had none: the kernel tells of them with a packet only', () => {
    expect(seen().idle['silent']).toEqual(served);
    expect(seen().idle['silentAfterLate']).toEqual(['ECONNRESET', 'ECONNRESET']);
  });
});
