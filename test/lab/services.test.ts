// Every kind of service on a real IPVS kernel: the table, and the traffic that it carries.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenarios('services', 'traffic', 'scale', 'on-router');
});

describe('other services', () => {
  test('udp, firewall mark, persistence, scheduler and forwarding methods reach the table', () => {
    expect(seen.of('services').table).toEqual([
      '-A -f 80 -s wlc -p 60',
      '-A -t 10.1.0.100:80 -s sh -p 120 -M 255.255.255.0',
      '-A -t 10.1.0.102:81 -s rr',
      '-A -u 10.1.0.101:53 -s rr',
      '-a -f 80 -r 10.2.0.11:0 -i -w 1 --tun-type ipip',
      '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -g -w 3',
      '-a -t 10.1.0.100:80 -r 10.2.0.12:80 -g -w 4',
      // Its only server refuses connections: the sorry server serves.
      '-a -t 10.1.0.102:81 -r 10.2.0.12:81 -g -w 1',
    ]);
  });

  test('connection time-outs of the file are the kernel time-outs; what it leaves out stays', () => {
    expect(seen.of('services').timeouts).toMatch(/900 120 300/);
  });

  test('a failed server of a service with quiesce_server keeps its place with weight 0', () => {
    expect(seen.of('services').quiesced).toContain('-a -t 10.1.0.100:80 -r 10.2.0.12:80 -g -w 0');
  });

  test('both sync daemons run on both routers', () => {
    for (const daemons of seen.of('services').daemons) {
      expect(daemons).toMatch(/master sync daemon \(mcast=eth1, syncid=7/);
      expect(daemons).toMatch(/backup sync daemon \(mcast=eth1, syncid=7/);
    }
  });

  test('the heartbeat is on the port of the file', () => {
    const [primary, backup] = seen.of('services').sockets;
    expect(primary).toContain('10.1.0.2:1539');
    expect(backup).toContain('10.1.0.3:1539');
  });

  test('active_cmd runs where the router becomes active, inactive_cmd at every start', () => {
    expect(seen.of('services').commands).toEqual([['became-active', 'became-inactive'], ['became-inactive']]);
  });
});

const traffic = () => seen.of('traffic');

const sorted = (words: readonly string[]): string[] => [...new Set(words)].sort();

describe('the web servers of docs/real-servers.md', () => {
  test('every block of the page has a name and was used', () => {
    expect(traffic().page).toEqual({ notRun: [], nameless: 0 });
  });

  test.each(['10.1.0.100', '2001:db8:1::100'])('nat: %s leads to both servers, at their own addresses', (vip) => {
    const inside = vip.includes(':') ? '2001:db8:2::' : '10.2.0.';
    expect(traffic().web[vip]).toHaveLength(4);
    expect(sorted(traffic().web[vip] ?? [])).toEqual([`n1 ${inside}11 80`, `n2 ${inside}12 80`]);
  });

  test.each(['10.1.0.101', '10.1.0.102', '2001:db8:1::101', '2001:db8:1::102'])(
    'direct and tunnel: %s leads to both servers, at the virtual address',
    (vip) => {
      expect(traffic().web[vip]).toHaveLength(4);
      expect(sorted(traffic().web[vip] ?? [])).toEqual([`d1 ${vip} 80`, `d2 ${vip} 80`]);
    },
  );

  test('tunnels carry packets of both IP versions to both servers', () => {
    expect(traffic().unpacked).toHaveLength(4);
    expect(Math.min(...traffic().unpacked)).toBeGreaterThan(5);
  });

  test('servers of a tunnel take small segments, and an upload of a megabyte', () => {
    const [four, six] = traffic().uploads;
    // 12 bytes are for the time stamps of TCP.
    expect([four?.segment, six?.segment]).toEqual([1440 - 12, 1400 - 12]);
    expect([four?.answers, six?.answers]).toEqual([[expect.stringMatching(/^d/)], [expect.stringMatching(/^d/)]]);
  });

  test('the router alone answers for virtual addresses that its servers have too', () => {
    const { router, known, answering } = traffic().neighbours;
    expect(answering.map((each) => sorted(each))).toEqual([[router], [router]]);
    expect([known['2001:db8:1::101'], known['2001:db8:1::102']]).toEqual([router, router]);
  });

  test('the router checks from its own addresses, never from a virtual one', () => {
    expect(traffic().sources).toEqual(['10.1.0.2', '2001:db8:1::2']);
  });
});

describe('services of several ports', () => {
  test.each(['marks', 'marks6', 'everyPort'] as const)(
    '%s: each client has one server for all its ports, and both servers have clients',
    (name) => {
      const answers = traffic()[name];
      expect(answers.map((each) => [each.length, sorted(each).length])).toEqual(Array(4).fill([4, 1]));
      expect(sorted(answers.flat())).toEqual(['n1', 'n2']);
    },
  );

  test('marked packets keep their ports in the table, unless the server names one: then all go there', () => {
    const { table, onePort } = traffic();
    expect(table).toContain('-a -f 80 -r 10.2.0.11:0 -m -w 1');
    expect(table).toContain('-a -f 80 -6 -r [2001:db8:2::11]:0 -m -w 1');
    expect(table).toContain('-a -f 90 -r 10.2.0.11:8080 -m -w 1');
    expect(onePort.sort()).toEqual(['n1 10.2.0.11 8080', 'n2 10.2.0.12 8080']);
  });

  test('TCP and UDP services share an address', () => {
    expect([...traffic().sameAddress].sort()).toEqual(['n1 10.2.0.11 8080', 'n2 10.2.0.12 8080']);
    expect(traffic().udp).toHaveLength(4);
  });
});

describe('UDP, one packet at a time, and mixed services', () => {
  test.each(['udp', 'udp6'] as const)('%s: datagrams are answered by both servers in turn', (name) => {
    const [first, second] = traffic()[name];
    expect(sorted([first ?? '', second ?? ''])).toEqual(['n1', 'n2']);
    expect(traffic()[name]).toEqual([first, second, first, second]);
  });

  test('one-packet scheduling spreads even the datagrams of one socket', () => {
    const [first, second] = traffic().onePacket;
    expect(sorted([first ?? '', second ?? ''])).toEqual(['d1', 'd2']);
    expect(traffic().onePacket).toEqual([first, second, first, second]);
  });

  test('one service has servers by nat, by direct routing and by tunnel', () => {
    expect(traffic().mixed).toHaveLength(6);
    expect(sorted(traffic().mixed)).toEqual(['d1 10.1.0.108 80', 'd2 10.1.0.108 80', 'n1 10.2.0.11 80']);
  });

  test('upper = 1 keeps a second connection away from the server that all would go to', () => {
    expect(traffic().thresholds).toEqual(['n2', 'n2', 'n2', 'n2']);
  });

  test('a name of odd characters stands in the log as the file has it', () => {
    expect(traffic().log.join('\n')).toContain('starting virtual service 100% \\"quoted\\" {é} $(id) %s active: 80');
  });
});

describe('FTP', () => {
  test('its module is loaded by lvs', () => {
    expect([traffic().before.ftpModule, traffic().ftpModule]).toEqual([false, true]);
  });

  test('nat: passive transfers of both kinds arrive, and the client is told the virtual address', () => {
    const { passive, extended, ipv6 } = traffic().ftp;
    expect([passive, extended, ipv6].map(({ file }) => file)).toEqual(Array(3).fill(expect.stringMatching(/^n[12]$/)));
    expect(passive.told).toEqual([expect.stringMatching(/^227 .*\(10,1,0,100,\d+,\d+\)$/)]);
    expect(extended.told).toEqual([expect.stringMatching(/^229 /)]);
  });

  test('nat: active transfers arrive from the virtual address', () => {
    const { active } = traffic().ftp;
    expect(active.file).toMatch(/^n[12]$/);
    expect(active.told).toEqual([expect.stringMatching(/^PORT 10,1,0,10,/)]);
  });

  test('direct: the server names the virtual address, and the data connection finds it', () => {
    const { direct } = traffic().ftp;
    expect(direct.file).toMatch(/^d[12]$/);
    expect(direct.told).toEqual([expect.stringMatching(/^227 .*\(10,1,0,101,/)]);
  });
});

test('a stop leaves no service and no floating address of either IP version', () => {
  const { code, table, addresses } = traffic().left;
  expect([code, table]).toEqual([0, []]);
  expect(addresses).toMatch(/2001:db8:1::2\/64/);
  expect(addresses).not.toMatch(/10\.1\.0\.1\d\d|10\.2\.0\.1\/|2001:db8:1::1\d\d|2001:db8:2::1\//);
});

describe('a hundred services with ten servers each', () => {
  test('are all in the table after the start, written in a few batches', () => {
    const { start, full, batches } = seen.of('scale');
    expect([start, full.services, full.servers]).toEqual([0, 100, 1000]);
    // The services first, then whatever servers were found good while the batch before was written: never one by one.
    expect(batches[0]).toBe(100);
    expect(batches.length).toBeLessThan(40);
    expect(batches.reduce((sum, count) => sum + count)).toBe(1100);
  });

  test('take less than 250 MB with four nannies, everything on the router counted', () => {
    expect(seen.of('scale').memoryInMb).toBeLessThan(250);
  });

  test('stay in the table while every nanny is killed once, and the next nannies check them', () => {
    expect(seen.of('scale').killed).toEqual({ count: 4, given: [], servers: 1000 });
    expect(seen.of('scale').noticed).toEqual(['-d -t 10.1.0.100:8100 -r 10.2.67.241:80']);
  });

  test('reloads of the same file, reordered and with services renamed, give ipvsadm nothing to do', () => {
    const { reloads, lines } = seen.of('scale');
    expect(reloads).toEqual([0, 0, 0]);
    // Only what the third reload dropped.
    expect(lines).toEqual(['-d -t 10.1.0.100:8001 -r 10.2.64.1:80']);
  });
});

describe('on the router', () => {
  const seen_ = () => seen.of('on-router');

  test('a masqueraded service reaches a sorry server and a real server at 127.0.0.1 directly, and clients get the pages', () => {
    expect(seen_().table).toEqual(
      expect.arrayContaining([
        '-a -t 10.1.0.100:80 -r 127.0.0.1:80 -g -w 1',
        '-a -t 10.1.0.101:81 -r 127.0.0.1:81 -g -w 1',
        '-a -t 10.1.0.102:82 -r 10.2.0.2:8082 -m -w 1',
      ]),
    );
    // The second keeps the virtual address; an own address that is not loopback is translated, with its port.
    expect(seen_().answers).toEqual(['r1', 'r1 10.1.0.101 81', 'r1 10.2.0.2 8082']);
  });

  test('a UDP client that keeps its port goes to the other server when its own has died', () => {
    const { udp, setting } = seen_();
    expect([udp.setting, setting]).toEqual(['1', '0']);
    // The checks take 2 s and 2 s; with 0 it would be 300 s.
    expect(udp.withoutAnswer).toBeLessThan(30_000);
  });

  test('check --system warns where the firewall drops the talk of the sync daemons, and only there', () => {
    expect(seen_().firewall).toEqual(['closed', 'answers alone', 'a closing reject', 'another interface']);
  });
});
