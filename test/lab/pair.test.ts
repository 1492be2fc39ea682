// The installed suite on a real IPVS kernel: tables, addresses, frames, exit codes, and what a client received.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { natTable } from './nat-table.ts';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenarios('without-ipvs', 'takeover-hot', 'takeover-cold', 'takeover-direct');
});

describe.each([
  ['takeover-hot', { outageSeconds: 4, table: natTable, standbyTable: natTable, nat: true }],
  ['takeover-cold', { outageSeconds: 7, table: natTable, standbyTable: [], nat: true }],
  [
    'takeover-direct',
    {
      outageSeconds: 4,
      table: natTable.map((line) => line.replaceAll('10.2.0.', '10.1.0.').replace(' -m ', ' -g ')),
      standbyTable: natTable.map((line) => line.replaceAll('10.2.0.', '10.1.0.').replace(' -m ', ' -g ')),
      nat: false,
    },
  ],
] as const)('%s', (name, expected) => {
  test('one router owns the address, and both tables are as the file says', () => {
    const { before } = seen.of(name);
    expect(before.owners).toEqual([true, false]);
    expect(before.table).toEqual(expected.table);
    expect(before.standbyTable).toEqual(expected.standbyTable);
  });

  test('the address has its label, mask and broadcast address', () => {
    const { addresses } = seen.of(name).before;
    const vip = addresses.eth0.find((each) => each.local === '10.1.0.100');
    expect(vip).toMatchObject({ prefixlen: 24, label: 'eth0:1', broadcast: '10.1.0.255' });
    const inside = addresses.eth1.find((each) => each.local === '10.2.0.1');
    expect(inside?.label).toBe(expected.nat ? 'eth1:1' : undefined);
  });

  test('heartbeats begin with the four bytes of the original, on both networks: da db ad bd active, bd da bd ad inactive', () => {
    const { heartbeats } = seen.of(name);
    for (const [frames, net] of [
      [heartbeats.public, '0a0100'],
      [heartbeats.private, '0a0200'],
    ] as const) {
      const payloads = (from: string): string[] =>
        frames.filter((frame) => frame.hex.slice(52, 60) === `${net}${from}`).map((frame) => frame.hex.slice(84, 92));
      expect(frames.every((frame) => frame.hex.slice(68, 76) === '021b021b')).toBe(true);
      expect(payloads('02')).toContain('dadbadbd');
      expect(new Set(payloads('03'))).toEqual(new Set(['bddabdad']));
      expect(frames.every((frame) => frame.hex.slice(92, 100) === '4c565332')).toBe(true);
    }
  });

  test('after the cables were pulled requests are answered in time, and none was refused', () => {
    const { afterCut } = seen.of(name);
    expect(afterCut.outageMs).toBeLessThan(withPatience(expected.outageSeconds * 1000));
    expect(afterCut.refused).toBe(0);
    expect(afterCut.owners[1]).toBe(true);
    expect(afterCut.table).toEqual(expected.table);
    expect(afterCut.natRouter).toBe(expected.nat);
  });

  test('the new owner announces the address four times at once, then until 4 seconds are over, in both ARP forms', () => {
    const { arp, ownerMac } = seen.of(name);
    const mac = ownerMac?.replaceAll(':', '') ?? '';
    const vip = '0a010064';
    const reply = `ffffffffffff${mac}080600010800060400 02${mac}${vip}${mac}${vip}`.replace(' ', '');
    const request = `ffffffffffff${mac}0806000108000604 0001${mac}${vip}000000000000${vip}`.replace(' ', '');
    const at = (start: string): number[] => arp.filter((frame) => frame.hex.startsWith(start)).map((frame) => frame.at);
    for (const times of [at(reply), at(request)]) {
      expect(times).toHaveLength(8);
      const [first = NaN, , , fourth, ...seconds] = times.map((time) => time - (times[0] ?? NaN));
      expect(first).toBe(0);
      expect(fourth).toBeLessThan(1000);
      expect(seconds.map((time) => Math.round(time / 1000))).toEqual([1, 2, 3, 4]);
    }
  });

  test('when the cables are back the pair settles on one owner that answers', () => {
    const { afterHeal, lastAnswered } = seen.of(name);
    // Both were active. The isolated one has lost its servers, too; of equals the later taker stays.
    expect(afterHeal.owners).toEqual([false, true]);
    expect(lastAnswered.type).toBe('answered');
  });

  test('a clean stop hands over without waiting for deadtime, and takes only our table and addresses down', () => {
    const { afterStop } = seen.of(name);
    expect(afterStop.code).toBe(0);
    expect(afterStop.outageMs).toBeLessThan(withPatience(name === 'takeover-cold' ? 4000 : 1000));
    expect(afterStop.refused).toBe(0);
    expect(afterStop.table).toEqual([]);
    expect(afterStop.addresses.map((each) => each.local)).toEqual(['10.1.0.3']);
  });
});

describe('a kernel without IPVS', () => {
  test('is named plainly, and the router does not take the address', () => {
    const { without, lines } = seen.of('without-ipvs');
    expect(without).toEqual({ vip: false, module: false });
    expect(lines.join('\n')).toMatch(/lvs cannot balance: .*IPVS/);
  });
});
