// How the benchmark makes rows of what it measured.
import { describe, expect, test } from '@jest/globals';
import { firstServer, listedAs, lists } from './lab/inside/bench/listing.ts';
import { idleSince, mean, median, row, tableOf } from './lab/inside/bench/rows.ts';
import {
  countServers,
  manyServices,
  manyServicesLvsCf,
  spreadOver,
  withOneServerMore,
} from './lab/inside/many-services.ts';

describe('the median', () => {
  test('is the middle value, or the mean of the two in the middle; of nothing there is none', () => {
    expect([median([5, 1, 90]), median([4, 1, 3, 2]), median([7]), median([])]).toEqual([5, 2.5, 7, null]);
  });
});

test('the mean counts every value', () => {
  expect(mean([1, 2, 6])).toBe(3);
});

describe('a row', () => {
  test('has the medians of both and how many times ours is keepalived', () => {
    expect(row('start', 'ms', [1000.4, 3000, 2000], [500, 400, 600])).toEqual({
      ...{ name: 'start', unit: 'ms' },
      ...{ ours: 2000, keepalived: 500, ratio: 4 },
    });
  });

  test('has no ratio where one of them was not measured or is nothing', () => {
    expect(row('lines', 'lines', [0], [])).toMatchObject({ ours: 0, keepalived: null, ratio: null });
    expect(row('lines', 'lines', [3], [0])).toMatchObject({ ours: 3, keepalived: 0, ratio: null });
  });
});

test('the table has a line for each row, its columns stand below each other, and what is missing is a dash', () => {
  const rows = [row('start', 'ms', [12_345], [1234]), row('lines', '', [0], [])];
  expect(tableOf(rows).split('\n')).toEqual([
    '           piranha-lvs  keepalived  ratio',
    'start  ms       12,345       1,234     10',
    'lines                0           -      -',
  ]);
});

describe('a program', () => {
  const samples = (...cpu: readonly number[]) => cpu.map((used, index) => ({ at: index * 100, cpu: used }));

  test('is idle since its last work, once it has done nothing for long enough', () => {
    expect(idleSince(samples(0, 50, 100, 100, 101, 102), 300)).toBe(200);
  });

  test('is not idle while its last work is too recent', () => {
    expect(idleSince(samples(0, 50, 100, 100, 101), 300)).toBeUndefined();
    expect(idleSince(samples(0, 0, 0, 0, 50), 300)).toBeUndefined();
  });

  test('that does nothing at all is idle since the first look', () => {
    expect(idleSince(samples(7, 7, 7, 8), 300)).toBe(0);
  });
});

describe('many services', () => {
  test('have servers with addresses of their own, one more where one more is asked for', () => {
    const fleet = manyServices(100, 10);
    const addresses = withOneServerMore(fleet).flatMap((each) => each.servers);
    expect([countServers(fleet), addresses.length, new Set(addresses).size]).toEqual([1000, 1001, 1001]);
    expect(withOneServerMore(fleet)[0]?.servers).toEqual([...(fleet[0]?.servers ?? []), '10.2.68.1']);
  });

  test('are an lvs.cf with a block for each service and server', () => {
    const text = manyServicesLvsCf(manyServices(3, 2), 10);
    expect(text.match(/^virtual /gm)).toHaveLength(3);
    expect(text.match(/^ {2}server /gm)).toHaveLength(6);
  });

  test('are as many as are needed for a number of servers', () => {
    const sizes = (servers: number) => spreadOver(10, servers).map((each) => each.servers.length);
    expect([sizes(10), sizes(25), sizes(3)]).toEqual([[10], [10, 10, 5], [3]]);
  });
});

describe("the kernel's own listing", () => {
  const listing = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A010064:1F41 wlc
  -> 0A024002:0050      Masq    1      0          0
  -> 0A024001:0050      Masq    1      0          0
`;

  test('names the server that stands first', () => {
    expect(firstServer(listing)).toBe('10.2.64.2');
    expect(firstServer(listing.split('  -> 0')[0] ?? '')).toBeUndefined();
  });

  test('has a server or not, by address and port', () => {
    const has = (address: string, port: number) => lists(listing, listedAs(address, port));
    expect([has('10.2.64.1', 80), has('10.2.64.1', 8080), has('10.2.64.3', 80)]).toEqual([true, false, false]);
  });
});
