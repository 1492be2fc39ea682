// The installed programs without a thought of IPVS: exit codes, what a client received, and what is left when parts die.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenariosInNamespaces('init-script', 'lifeline', 'late');
});

describe('the init script', () => {
  test('tells with exit codes that nothing runs: status 3, reload 7, stop 0', () => {
    expect(seen.of('init-script').stopped).toEqual({ status: 3, reload: 7, stop: 0 });
  });

  test('refuses an unknown verb with 2 and a missing lvs.cf with 6', () => {
    expect([seen.of('init-script').unknownVerb, seen.of('init-script').missing]).toEqual([2, 6]);
  });

  test('does not start on a file with three mistakes in three blocks, and names each with line and column', () => {
    const { refused, afterRefusal } = seen.of('init-script');
    expect(refused.code).toBe(6);
    const places = refused.stderr.match(/lvs\.cf:\d+:\d+: error: .*/g);
    expect(places).toHaveLength(3);
    expect(places?.map((place) => /often|schedular|-1/.exec(place)?.[0])).toEqual(['often', 'schedular', '-1']);
    expect(afterRefusal).toEqual({ processes: [], vip: false });
  });

  test('starts both routers, a second start included, and says that they run', () => {
    const { start, startedTwice, running } = seen.of('init-script');
    expect({ start, startedTwice, running }).toEqual({ start: [0, 0], startedTwice: 0, running: [0, 0] });
  });

  test('a reload of a bad file leaves the pair as it runs: table, owner, requests', () => {
    const { reloadOfBadFile, untouched, table } = seen.of('init-script');
    expect(reloadOfBadFile).toEqual([6, 6]);
    expect(untouched.table).toEqual(table);
    expect(untouched.owner).toEqual([true, false]);
    expect(untouched.failed).toBe(0);
    expect(untouched.requests).toBeGreaterThan(50);
  });

  test('a reload of a good file takes effect without a failed request', () => {
    expect(seen.of('init-script').reloadOfGoodFile).toEqual([0, 0]);
    expect(seen.of('init-script').failedInReload).toBe(0);
  });

  test('stops both routers and leaves no process, no service, no address and no pid file', () => {
    const { restart, stop, afterStop } = seen.of('init-script');
    expect([restart, ...stop]).toEqual([0, 0, 0]);
    const nothing = { processes: [], table: [], vip: false, status: 3, pidFile: false };
    expect(afterStop).toEqual([nothing, nothing]);
  });
});

describe('an lvs whose parent gives no sign of life', () => {
  const lifeline = () => seen.of('lifeline');

  test('serves on as long as there are ticks', () => {
    expect(lifeline().ticked).toEqual({ owner: true, entries: 3 });
  });

  test('takes the address down in time, then its services, and does not serve again before it was told to stand by', () => {
    const { limitMs, ceased, untouched, said } = lifeline();
    // The last tick was up to a tick and a half before the ticks were stopped.
    expect(ceased.goneAfterMs).toBeGreaterThan(limitMs - 500);
    expect(untouched).toEqual({ owner: false, entries: 0 });
    expect(said.filter((word) => ['ready', 'standing-by'].includes(word))).toEqual([
      ...['ready', 'standing-by', 'ready', 'standing-by', 'ready'],
    ]);
  });

  test('when it was suspended for longer takes the address down at once', () => {
    const { limitMs, suspended } = lifeline();
    expect(suspended.whileSuspended).toBe(true);
    expect(suspended.goneAfterMs).toBeLessThan(limitMs);
  });

  test('waits as long at the end of its input, then takes all of it down and ends', () => {
    const { limitMs, orphaned, table } = lifeline();
    expect(orphaned.goneAfterMs).toBeGreaterThan(limitMs - 500);
    expect(table).toEqual([]);
  });
});

describe('what comes later than pulse', () => {
  test('is waited for where it is the address of the router: the start says so, and it serves once it is there', () => {
    const { own } = seen.of('late');
    expect([own.code, own.status.type]).toEqual([0, 'waiting']);
    expect(own.said).toContain('pulse waits for 10.1.0.2 or 10.1.0.3');
  });

  test('costs one channel where it is the private address, and the channel begins when it is there', () => {
    const { inner } = seen.of('late');
    expect([inner.code, inner.status.type]).toEqual([0, 'status']);
    expect(inner.status).toMatchObject({
      troubles: expect.arrayContaining([expect.stringMatching(/no heartbeat on the private network/)]),
    });
  });

  test('keeps no other name waiting where it is the answer of a name server', () => {
    expect(seen.of('late').names).toEqual({ code: 0, servers: { '10.2.0.11:80': expect.any(Number) } });
  });
});
