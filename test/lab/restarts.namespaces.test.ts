// Parts of a router that are killed or hang: the service goes on here where it can, and there where it cannot.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenariosInNamespaces('restarts', 'forsaken', 'unwritten');
});

describe('parts are killed, and pulse is started again where it was hit', () => {
  test('a second pulse is refused while the first one lives', () => {
    const { second, started } = sightings.of('restarts');
    expect(started).toEqual([0, 0]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^pulse: another pulse is running/);
  });

  test('after every stroke the router is active as before, with its addresses and its table', () => {
    const { active } = sightings.of('restarts');
    expect(active).toHaveLength(7);
    for (const stroke of active) {
      expect(stroke).toMatchObject({ state: 'active', sameTerm: true, sameTable: true, owner: true });
      expect(stroke.killed).toBeGreaterThan(0);
    }
  });

  test('no request fails', () => {
    const { active, standby } = sightings.of('restarts');
    for (const { hit, failed, requests } of [...active, standby]) {
      expect(requests).toBeGreaterThan(20);
      expect({ hit, failed }).toEqual({ hit, failed: 0 });
    }
  });

  test('a pulse that finds a living lvs starts no other', () => {
    const { active, standby } = sightings.of('restarts');
    for (const { hit, lvsKept } of [...active, standby])
      expect({ hit, lvsKept }).toEqual({ hit, lvsKept: !hit.includes('lvsd') });
  });

  test('the init script says that it is dead, and starts it over the pid files that are left', () => {
    const { active, standby } = sightings.of('restarts');
    const hit = [...active, standby].flatMap(({ ofPulse }) => ofPulse ?? []);
    expect(hit).toHaveLength(6);
    for (const each of hit) expect(each).toEqual({ status: 1, start: 0 });
  });

  test('the standby is hit as little, and the address never moves', () => {
    const { standby, moves } = sightings.of('restarts');
    expect(standby).toMatchObject({ state: 'inactive', owner: false, sameTable: true });
    expect(moves.map(({ router, has }) => [router, has])).toEqual([['r1', true]]);
  });

  test('a standby whose pulse was started again takes over when no server answers the active router any more', () => {
    expect(sightings.of('restarts').bereft.states).toEqual(['inactive', 'active']);
  });

  test('at the end nothing is left', () => {
    const { stopped, left } = sightings.of('restarts');
    expect([stopped, left]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe('parts hang, or die for good', () => {
  test('an lvs that hangs is noticed and replaced, and nothing else changes', () => {
    const { hungLvs } = sightings.of('forsaken');
    expect(hungLvs).toMatchObject({ replaced: true, owner: true, state: 'active', failed: 0, entries: 3 });
    expect(hungLvs.replacedMs).toBeGreaterThan(4000);
  });

  test.each(['hungPulse', 'killedForGood', 'allKilled'] as const)(
    '%s: the addresses are down here before they are up there',
    (how) => {
      const { from, to, reports } = sightings.of('forsaken')[how];
      const gone = reports.find(({ router, has }) => router === from && !has);
      const come = reports.find(({ router, has }) => router === to && has);
      expect([gone, come]).not.toContain(undefined);
      expect(gone?.at).toBeLessThan(come?.at ?? 0);
    },
  );

  test.each(['hungPulse', 'killedForGood', 'allKilled'] as const)(
    '%s: once the other router has claimed the address on the wire this one does so no more',
    (how) => {
      const { claims } = sightings.of('forsaken');
      const { since, until, macs } = sightings.of('forsaken')[how];
      const during = claims.filter(({ at }) => at >= since && at <= until);
      const taken = during.find(({ mac }) => mac === macs.to);
      expect(taken).toBeDefined();
      expect(during.filter(({ at, mac }) => mac === macs.from && at >= (taken?.at ?? 0))).toEqual([]);
    },
  );

  test('where nothing is left alive the kernel has taken the address away by itself', () => {
    expect(sightings.of('forsaken').orphans).toEqual([]);
  });

  test('a pulse that goes on afterwards is inactive', () => {
    const { awake } = sightings.of('forsaken');
    expect(awake).toEqual({ states: ['inactive', 'active'], owner: [false, true] });
  });

  test('the client is served again, and the init script says what has died', () => {
    const { dead, answered } = sightings.of('forsaken');
    expect([dead, answered]).toEqual([1, 'answered']);
  });

  test('a stop ends an lvs that has lost its pulse, too, and nothing is left', () => {
    const { stopped } = sightings.of('forsaken');
    expect(stopped).toMatchObject({ code: 0, owner: false, table: [], processes: [], status: 3 });
  });
});

describe('where the file of raised addresses cannot be written, and the address has no label', () => {
  test('lvs takes the address of a pulse that hangs down all the same', () => {
    expect(sightings.of('unwritten').fenced.goneAfterMs).toBeLessThan(withPatience(5000));
  });

  test('a pulse that is started again knows it from the living lvs, and takes it down at the stop', () => {
    expect(sightings.of('unwritten').stopped).toEqual({ code: 0, sameLvs: true, vip: false });
  });

  test('the log says so', () => {
    expect(sightings.of('unwritten').complaints.length).toBeGreaterThan(0);
  });
});
