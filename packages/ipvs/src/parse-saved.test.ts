import { expect, test } from '@jest/globals';
import { parseSaved } from './parse-saved.ts';
import { withThresholds } from './parse-thresholds.ts';
import { plan } from './plan.ts';
import { restoreLine } from './restore-lines.ts';
import type { Table } from './table.ts';
import { emptyTable } from './table.ts';

/** As ipvsadm 1.31 printed it. */
const printed = `\
-A -t 10.0.0.1:80 -s wlc
-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 3
-a -t 10.0.0.1:80 -r 127.0.0.1:8080 -m -w 3
-A -t 10.0.0.9:0 -s wlc -p 360
-A -t 10.0.0.10:5060 -s wlc -p 60 --pe sip
-A -u 10.0.0.1:53 -s rr -o
-a -u 10.0.0.1:53 -r 10.0.0.3:53 -g -w 0
-a -u 10.0.0.1:53 -r 10.0.0.4:53 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
-A -t [fd00::1]:80 -s mh -b mh-port
-a -t [fd00::1]:80 -r [fd00::2]:81 -m -w 2
-A -f 5 -s sh -p 300 -M 255.255.255.0 -b sh-fallback,sh-port
-a -f 5 -r 10.0.0.4:99 -g -w 1
-A -f 5 -6 -s wrr -p 20 -M 64
-a -f 5 -6 -r [fd00::1]:99 -g -w 1
`;

const format = (table: Table): string[] => plan(emptyTable, table, new Set()).map(restoreLine);

test('every service and server that ipvsadm prints is understood', () => {
  const { table, unknown } = parseSaved(printed);
  expect(unknown).toEqual([]);
  expect([...table].map(([key, service]) => [key, ...service.destinations.keys()])).toEqual([
    ['tcp 10.0.0.1:80', '10.0.0.2:8080', '127.0.0.1:8080'],
    ['tcp 10.0.0.9:0'],
    ['tcp 10.0.0.10:5060'],
    ['udp 10.0.0.1:53', '10.0.0.3:53', '10.0.0.4:53'],
    ['tcp [fd00::1]:80', '[fd00::2]:81'],
    ['fwmark 5', '10.0.0.4:99'],
    ['fwmark 5 IPv6', '[fd00::1]:99'],
  ]);
});

test('what was read is written again as the same lines', () => {
  expect(format(parseSaved(printed).table).sort()).toEqual(printed.trim().split('\n').sort());
});

test('a plain tunnel is one without options', () => {
  const { table } = parseSaved('-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.0.0.4:80 -i -w 1 --tun-type ipip');
  expect(format(table)).toEqual(['-A -t 10.0.0.1:80 -s wlc', '-a -t 10.0.0.1:80 -r 10.0.0.4:80 -i -w 1']);
});

test('lines about something unknown are handed back and do no harm', () => {
  const strange = [
    '-A --sctp-service 10.0.0.11:5060 -s wlc',
    '-a --sctp-service 10.0.0.11:5060 -r 10.0.0.2:1 -m -w 1',
    '-a -t 9.9.9.9:80 -r 10.0.0.2:1 -m -w 1',
    '-A -t 10.0.0.5:80 -s wlc --novelty 5',
  ];
  const { table, unknown } = parseSaved([...strange, '-A -t 10.0.0.1:80 -s wlc'].join('\n'));
  expect([...table.keys()]).toEqual(['tcp 10.0.0.1:80']);
  expect(unknown).toEqual(strange);
});

test('a firewall mark above 2147483647 is printed as a negative number', () => {
  const lines = '-A -f -1 -s wlc\n-a -f -1 -r 10.0.0.2:0 -g -w 1\n-A -f -6 -6 -s wlc';
  const { table, unknown } = parseSaved(lines);
  expect([[...table.keys()], unknown]).toEqual([['fwmark 4294967295', 'fwmark 4294967290 IPv6'], []]);
  expect(format(table)).toContain('-a -f 4294967295 -r 10.0.0.2:0 -g -w 1');
  const listing = 'FWM  -1 wlc\n  -> 10.0.0.2:0   10   5   0   0\n';
  const [service] = withThresholds(table, listing).values();
  expect([...(service?.destinations.values() ?? [])][0]?.thresholds).toEqual({ upper: 10, lower: 5 });
});

test('flags that have no name are printed as nothing', () => {
  expect(format(parseSaved('-A -t 10.0.0.1:80 -s mh -b ').table)).toEqual(['-A -t 10.0.0.1:80 -s mh']);
});

test('thresholds of a service that is not understood are not those of the one before it', () => {
  const { table } = parseSaved('-A -t 10.0.0.1:80 -s wlc\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1');
  const listing = `\
TCP  10.0.0.1:80 wlc
  -> 10.0.0.2:80                  5          0          0          0
SCTP 10.0.0.1:80 wlc
  -> 10.0.0.2:80                  3          0          0          0
`;
  const [service] = withThresholds(table, listing).values();
  expect([...(service?.destinations.values() ?? [])][0]?.thresholds).toEqual({ upper: 5, lower: 0 });
});

test('thresholds come from the listing that shows them', () => {
  const listing = `\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
TCP  10.0.0.1:80 wlc
  -> 10.0.0.2:8080                10         5          0          0
  -> 127.0.0.1:8080               0          0          0          0
FWM  5 IPv6 wrr persistent 20 mask 64
  -> [fd00::1]:99                 7          0          0          0
`;
  const table = withThresholds(parseSaved(printed).table, listing);
  const all = [...table.values()].flatMap((service) => [...service.destinations.values()]);
  expect(all.map((destination) => destination.thresholds)).toEqual([
    { upper: 10, lower: 5 },
    { upper: 0, lower: 0 },
    undefined,
    undefined,
    undefined,
    undefined,
    { upper: 7, lower: 0 },
  ]);
});
