// A standby whose table is ready, on a real kernel: what it knows, what a takeover starts, and where its table must not act.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenarios('hot-standby', 'direct-loop');
});

describe('at keepalive 0.1 and deadtime 0.3', () => {
  const seen = () => sightings.of('hot-standby');

  test('a server that died is out of the table of both routers', () => {
    const left = { '10.2.0.11:80': 2 };
    expect(seen().deadServer).toEqual([left, left]);
  });

  test('the table of the standby is repaired before it is needed', () => {
    expect(seen().standbyTable).toEqual(['-A -t 10.1.0.100:80 -s wrr', '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 2']);
    expect(seen().tableRepairedMs).toBeLessThan(withPatience(10_000));
  });

  test('from the last heartbeat to the first answer the new owner starts no process', () => {
    const { takeovers } = seen();
    if (takeovers.some(({ started }) => started === undefined)) {
      process.stderr.write('processes that are started: skipped: needs the guest\n');
    }
    expect(takeovers.length).toBeGreaterThan(0);
    expect(takeovers.flatMap(({ started }) => started ?? [])).toEqual([]);
  });

  test('it notices the silence, says so, has the address, announces it, and a client is answered', () => {
    for (const { moments } of seen().takeovers) {
      const { said, addressUp, announced, answered } = moments;
      expect(said).toBeGreaterThan(250);
      expect([said, addressUp, announced, answered]).toEqual(
        [said, addressUp, announced, answered].toSorted((a, b) => a - b),
      );
    }
  });

  test('no request goes to the dead server, and none is refused', () => {
    expect(Object.keys(seen().shares)).toEqual(['s1']);
    expect(seen().takeovers.map(({ refused }) => refused)).toEqual(seen().takeovers.map(() => 0));
  });
});

describe('a packet for the virtual address that comes to a standby with direct routing', () => {
  const seen = () => sightings.of('direct-loop');
  /** In from the client or the other router, and out again: to the other router or to a server. */
  const inAndOut = 2;

  test.each(['byAddress', 'byMark', 'byMarkTakenIn'] as const)('%s: is answered, and goes no circles', (way) => {
    const { codes, most, standbyTable, owners } = seen()[way];
    expect({ codes, standbyTable, owners }).toEqual({
      codes: ['200', '200', '200'],
      standbyTable: 3,
      owners: [true, false],
    });
    for (const frames of most) expect(frames).toBeLessThanOrEqual(inAndOut);
  });

  test('where the routers are real servers of each other the standby keeps no table and serves what it is given', () => {
    const { served, standbyTable } = seen().eachOther;
    expect({ codes: new Set(served.codes), table: served.table, standbyTable }).toEqual({
      codes: new Set(['200']),
      table: 3,
      standbyTable: [],
    });
    for (const frames of served.most) expect(frames).toBeLessThanOrEqual(inAndOut);
  });

  test('with a table it would go round until its time to live is over', () => {
    expect(Math.max(...seen().eachOther.looped.most)).toBeGreaterThan(10 * inAndOut);
  });

  test('when it takes over it gets the table, and both serve', () => {
    const { codes, most } = seen().eachOther.afterTakeover;
    expect(new Set(codes)).toEqual(new Set(['200']));
    for (const frames of most) expect(frames).toBeLessThanOrEqual(inAndOut);
  });
});
