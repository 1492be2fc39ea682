import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseConnections } from './parse-connections.ts';
import { parseSaved } from './parse-saved.ts';

/** As ipvsadm 1.31 printed it. */
const printed = `\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
UDP  10.0.0.1:53 rr ops
  -> 10.0.0.2:53                  Tunnel  1      0          7         
  -> 127.0.0.1:53                 Local   0      0          0         
TCP  [fd00:1111:2222:3333:4444:5555:6666:7777]:8080 mh (mh-port)
  -> [fd00:1111:2222:3333:4444:5555:6666:7778]:8080 Masq    12345  3          4         
TCP  10.0.0.9:80 wlc persistent 20
FWM  5 rr persistent 20
  -> 10.0.0.1:0                   Route   1      0          0         
FWM  5 IPv6 rr persistent 20 mask 64
  -> [fd00::1]:0                  Tunnel  1      4294967295 0         
`;

const plain = (listing: string) =>
  [...parseConnections(listing)].map(([service, loads]) => [
    service,
    [...loads].map(([server, load]) => [server, load.weight, load.activeConnections, load.inactiveConnections]),
  ]);

test('every form of service and server is read', () => {
  expect(plain(printed)).toEqual([
    [
      'udp 10.0.0.1:53',
      [
        ['10.0.0.2:53', 1, 0, 7],
        ['127.0.0.1:53', 0, 0, 0],
      ],
    ],
    [
      'tcp [fd00:1111:2222:3333:4444:5555:6666:7777]:8080',
      [['[fd00:1111:2222:3333:4444:5555:6666:7778]:8080', 12345, 3, 4]],
    ],
    ['tcp 10.0.0.9:80', []],
    ['fwmark 5', [['10.0.0.1:0', 1, 0, 0]]],
    ['fwmark 5 IPv6', [['[fd00::1]:0', 1, 4294967295, 0]]],
  ]);
});

test('the keys are those of the saved table, however an address is spelled', () => {
  const { table } = parseSaved('-A -t [fd00:0::1]:80 -s wlc\n-a -t [fd00:0::1]:80 -r [FD00::0:2]:80 -m -w 1');
  const loads = parseConnections('TCP  [fd00:0::1]:80 wlc\n  -> [FD00::0:2]:80   Masq 1 2 3');
  expect([...loads.keys()]).toEqual([...table.keys()]);
  expect([...loads.values()].flatMap((each) => [...each.keys()])).toEqual(['[fd00::2]:80']);
});

test('a firewall mark that ipvsadm prints as a negative number has the key of the saved table', () => {
  expect([...parseConnections('FWM  -1 wlc\n  -> 10.0.0.2:0   Masq 1 0 0\n').keys()]).toEqual(['fwmark 4294967295']);
});

test('services of an unknown kind keep their servers to themselves', () => {
  const strange = 'TCP  10.0.0.1:80 wlc\nSCTP 10.0.0.1:81 wlc\n  -> 10.0.0.2:81 Masq 1 0 0\n';
  expect(plain(strange)).toEqual([
    ['tcp 10.0.0.1:80', []],
    ['sctp 10.0.0.1:81', [['10.0.0.2:81', 1, 0, 0]]],
  ]);
});

test('any text is read without failing', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...printed.split('\n')))), (lines) => {
      expect(parseConnections(lines.join('\n'))).toBeInstanceOf(Map);
    }),
  );
});
