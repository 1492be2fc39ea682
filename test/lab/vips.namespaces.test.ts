// Floating addresses of both families on a real kernel: whom the neighbours believe to have them, in every trouble.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenariosInNamespaces('vips');
});

const seen = () => sightings.of('vips');

/** As it stands in a frame. */
const bytesOf = (mac: string): string => mac.replaceAll(':', '');

const vip6 = '20010db8000100000000000000000064';

describe('a pulled cable', () => {
  test('moves IPv6 services like IPv4 ones', () => {
    const { outageMs, summary } = seen().cut;
    expect(outageMs).toBeLessThan(withPatience(4000));
    expect(summary).toMatch(/answered by s1/);
    expect(summary).toMatch(/answered by s2/);
  });

  test('makes the neighbours look for both addresses at the new owner', () => {
    const { macs, neighbours } = seen().cut;
    expect(neighbours.before).toEqual({ ipv4: macs.r1, ipv6: macs.r1 });
    expect(neighbours.after).toEqual({ ipv4: macs.r2, ipv6: macs.r2 });
  });

  test('is followed by eight advertisements for IPv6, to all nodes, overriding, from a router', () => {
    const { frames, macs } = seen().cut;
    const start = `333300000001${bytesOf(macs.r2)}86dd6000000000203aff${vip6}`;
    const advertisements = frames.filter(({ hex }) => hex.startsWith(start));
    expect(advertisements).toHaveLength(8);
    for (const { hex } of advertisements) {
      expect(hex.slice(108)).toMatch(/^8800....a0000000/);
      expect(hex.slice(124)).toBe(`${vip6}0201${bytesOf(macs.r2)}`);
    }
  });

  test('is followed by a question for each address before it is announced', () => {
    const { frames, macs } = seen().cut;
    const mac = bytesOf(macs.r2);
    const first = (start: string): number => frames.findIndex(({ hex }) => hex.startsWith(start));
    const probe = first(`ffffffffffff${mac}08060001080006040001${mac}00000000`);
    const announcement = first(`ffffffffffff${mac}08060001080006040001${mac}0a010064`);
    expect(probe).toBeGreaterThanOrEqual(0);
    expect(announcement).toBeGreaterThan(probe);
    const solicitation = first(`3333ff000064${mac}86dd6000000000183aff${'0'.repeat(32)}`);
    expect(solicitation).toBeGreaterThanOrEqual(0);
    expect(first(`333300000001${mac}86dd`)).toBeGreaterThan(solicitation);
  });

  test('has nat_router announced to the real servers, too', () => {
    const { insideFrames, macs } = seen().cut;
    const mac = bytesOf(macs.r2Inside);
    const reply = `ffffffffffff${mac}08060001080006040002${mac}0a020001${mac}0a020001`;
    expect(insideFrames.filter(({ hex }) => hex.startsWith(reply))).toHaveLength(8);
  });
});

describe('the heal of a cut', () => {
  test('has every neighbour know the owner soon, though the first three announcements are lost', () => {
    const { heal, cut } = seen();
    expect(heal.before).toEqual({ ipv4: cut.macs.r1, ipv6: cut.macs.r1 });
    expect(heal.dropped).toEqual({ ipv4: 6, ipv6: 3 });
    expect(heal.rightAfterMs.ipv4).toBeLessThan(withPatience(2000));
    expect(heal.rightAfterMs.ipv6).toBeLessThan(withPatience(2000));
  });

  test('leaves one owner, at which the neighbours stay', () => {
    const { heal, cut } = seen();
    expect(heal.owners).toEqual([false, true]);
    expect(heal.later).toEqual({ ipv4: cut.macs.r2, ipv6: cut.macs.r2 });
  });
});

describe('addresses that somebody deletes', () => {
  test('are back with the next heartbeat, and announced', () => {
    const { backAfterMs, frames, log } = seen().deleted;
    expect(backAfterMs).toBeLessThan(withPatience(1500));
    expect(frames).toBeGreaterThan(8);
    expect(log.join('\n')).toMatch(/put back: 2001:db8:1::64, 10\.1\.0\.100/);
  });
});

describe('another station that has the addresses', () => {
  test('is named in the log, once an address, with its hardware address and what to do', () => {
    const { warnings, mac } = seen().taken;
    expect(warnings).toHaveLength(2);
    for (const address of ['10.1.0.100', '2001:db8:1::64']) {
      const found = warnings.filter((line) => line.includes(` ${address} is in use on eth0`));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`another station, ${mac}: take it down there`);
    }
  });

  test('does not delay the takeover', () => {
    expect(seen().taken.tookMs).toBeLessThan(withPatience(2000));
    expect(seen().taken.probes.length).toBeGreaterThan(0);
  });
});

describe('addresses that a crash leaves over', () => {
  test('are noted in a file that root alone can read', () => {
    const { noted, mode } = seen().leftOver;
    expect(mode).toBe('600');
    expect(JSON.parse(noted)).toEqual({
      type: 'raised',
      addresses: [
        { address: '2001:db8:2::1', device: 'eth1', prefix: 64 },
        { address: '2001:db8:1::64', device: 'eth0', prefix: 64 },
        { address: '10.1.0.100', device: 'eth0', label: 'eth0:1', prefix: 24 },
        { address: '10.2.0.1', device: 'eth1', label: 'eth1:1', prefix: 24 },
      ].map((each) => ({ ...each, index: expect.any(Number) })),
    });
  });

  test('go at the next start, those that the file does not have any more included', () => {
    const { afterCrash, afterStart, served, log } = seen().leftOver;
    expect(afterCrash).toEqual({ ipv4: true, ipv6: true, inside6: true });
    expect(afterStart).toMatchObject({ ipv6: false, inside6: false });
    expect(served).toMatchObject({ ipv4: true, ipv6: false, inside6: false });
    expect(log.join('\n')).toMatch(/earlier life.*2001:db8:2::1 on eth1, 2001:db8:1::64 on eth0/);
  });

  test('are no more when pulse was stopped cleanly, and the file is gone', () => {
    expect(seen().leftOver.afterStop).toEqual({ ipv4: false, ipv6: false, inside6: false, file: false });
  });
});
