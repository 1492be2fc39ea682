import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { parseSaved } from './parse-saved.ts';
import { plan } from './plan.ts';
import { restoreLine } from './restore-lines.ts';
import type { Table } from './table.ts';
import { emptyTable } from './table.ts';
import type { Standing } from './wanted.ts';
import { wantedTable } from './wanted.ts';

const tableOf = (...lines: readonly string[]): Table => parseSaved(lines.join('\n')).table;
const virtual = (lines: string, ...servers: readonly string[]): string =>
  ['virtual web {', 'active = 1', 'address = 10.0.0.1 eth0:1', lines, ...servers, '}'].join('\n');
const server = (address: string, lines = 'active = 1'): string => `server s {\naddress = ${address}\n${lines}\n}`;

function wanted(
  text: string,
  health: Readonly<Record<string, Standing>> = {},
  found: Table = emptyTable,
  weights: Readonly<Record<string, number>> = {},
) {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
  const table = wantedTable(
    loaded.value.configuration,
    new Map(Object.entries(health)),
    found,
    new Map(Object.entries(weights)),
  );
  return plan(emptyTable, table, new Set()).map(restoreLine);
}

const service = '-A -t 10.0.0.1:80 -s wlc';
const id = 'tcp 10.0.0.1:80/10.0.1.1:80';
const line = '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w';

test('a service stands whether or not it has servers', () => {
  expect(wanted(virtual(''))).toEqual([service]);
});

test('only active virtual servers and active real servers count', () => {
  const inactive = 'virtual off {\naddress = 10.0.0.2 eth0:2\n}\n';
  expect(wanted(inactive + virtual('', server('10.0.1.1', 'active = 0')), { [id]: 'up' })).toEqual([service]);
});

test('a living server has its configured weight', () => {
  expect(wanted(virtual('', server('10.0.1.1', 'active = 1\nweight = 5')), { [id]: 'up' })).toEqual([
    service,
    `${line} 5`,
  ]);
});

test('a server that was never judged is left as it was found', () => {
  const text = virtual('', server('10.0.1.1'));
  expect(wanted(text)).toEqual([service]);
  expect(wanted(text, {}, tableOf(service, `${line} 9`))).toEqual([service, `${line} 9`]);
});

test('a dead server is out of the table, or has weight 0 there if it shall be quiesced', () => {
  const found = tableOf(service, `${line} 1`);
  const quiesced = virtual('quiesce_server = 1', server('10.0.1.1'));
  expect(wanted(virtual('', server('10.0.1.1')), { [id]: 'down' }, found)).toEqual([service]);
  expect(wanted(quiesced, { [id]: 'down' }, found)).toEqual([service, `${line} 0`]);
  expect(wanted(quiesced, { [id]: 'down' })).toEqual([service]);
});

test('a weight of its own counts instead of the file, while the server is in the table', () => {
  const text = virtual('', server('10.0.1.1'));
  expect(wanted(text, { [id]: 'up' }, emptyTable, { [id]: 0 })).toEqual([service, `${line} 0`]);
  expect(wanted(text, { [id]: 'unknown' }, tableOf(service, `${line} 9`), { [id]: 3 })).toEqual([service, `${line} 3`]);
  expect(wanted(text, { [id]: 'unknown' }, emptyTable, { [id]: 3 })).toEqual([service]);
  expect(wanted(text, { [id]: 'down' }, emptyTable, { [id]: 3 })).toEqual([service]);
});

test('a server that has to be out is out, quiesced or not, and the sorry server serves', () => {
  const text = virtual('quiesce_server = 1\nsorry_server = 10.0.9.9', server('10.0.1.1'));
  const sorry = '-a -t 10.0.0.1:80 -r 10.0.9.9:80 -m -w 1';
  expect(wanted(text, { [id]: 'out' }, tableOf(service, `${line} 1`))).toEqual([service, sorry]);
});

test('masquerading maps ports; the other methods keep the port of the service', () => {
  const health = { 'tcp 10.0.0.1:80/10.0.1.1:8080': 'up' } as const;
  const text = virtual('', server('10.0.1.1', 'active = 1\nport = 8080'));
  expect(wanted(text, health)[1]).toBe('-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 1');
  expect(wanted(`network = direct\n${text}`, health)[1]).toBe('-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 1');
  expect(wanted(`network = tunnel\n${text}`, health)[1]).toBe('-a -t 10.0.0.1:80 -r 10.0.1.1:80 -i -w 1');
});

test.each([
  ['nat', 'active = 1', 80, '-a -f 7 -r 10.0.1.1:0 -m -w 1'],
  ['nat', 'active = 1\nport = 8080', 8080, '-a -f 7 -r 10.0.1.1:8080 -m -w 1'],
  ['nat', 'active = 1\nport = 0', 0, '-a -f 7 -r 10.0.1.1:0 -m -w 1'],
  ['direct', 'active = 1\nport = 8080', 8080, '-a -f 7 -r 10.0.1.1:0 -g -w 1'],
  ['tunnel', 'active = 1', 80, '-a -f 7 -r 10.0.1.1:0 -i -w 1'],
] as const)('marked packets keep their ports unless NAT and the server itself name one: %s, %j', (...each) => {
  const [method, lines, port, line] = each;
  const text = `network = ${method}\n${virtual('fwmark = 7', server('10.0.1.1', lines))}`;
  expect(wanted(text, { [`fwmark 7/10.0.1.1:${port}`]: 'up' })).toEqual(['-A -f 7 -s wlc', line]);
});

test('packets to a service of every port keep their ports, whatever port is checked', () => {
  const text = virtual('port = 0\npersistent = 60', server('10.0.1.1', 'active = 1\nport = 8080'));
  expect(wanted(text, { 'tcp 10.0.0.1:0/10.0.1.1:8080': 'up' })[1]).toBe('-a -t 10.0.0.1:0 -r 10.0.1.1:0 -m -w 1');
});

test('a sorry server of a firewall mark keeps the ports', () => {
  const text = virtual('fwmark = 7\nsorry_server = 10.0.9.9');
  expect(wanted(text)).toEqual(['-A -f 7 -s wlc', '-a -f 7 -r 10.0.9.9:0 -m -w 1']);
});

test('IPv6 services and servers stand in brackets; a mark says which IP version it is for', () => {
  const six = (more: string): string =>
    virtual(`${more}\nsorry_server = 2001:db8::9`).replace('10.0.0.1 eth0:1', '2001:db8::1 eth0');
  expect(wanted(six('persistent = 60\npmask = 64'))).toEqual([
    '-A -t [2001:db8::1]:80 -s wlc -p 60 -M 64',
    '-a -t [2001:db8::1]:80 -r [2001:db8::9]:80 -m -w 1',
  ]);
  expect(wanted(six('fwmark = 7'))).toEqual(['-A -f 7 -6 -s wlc', '-a -f 7 -6 -r [2001:db8::9]:0 -m -w 1']);
});

test('UDP, scheduler and persistence are as configured; the mask of single clients is none', () => {
  expect(wanted(virtual('protocol = udp\nscheduler = sh\npersistent = 60\npmask = 255.255.255.0'))).toEqual([
    '-A -u 10.0.0.1:80 -s sh -p 60 -M 255.255.255.0',
  ]);
  expect(wanted(virtual('persistent = 60\npmask = 255.255.255.255'))).toEqual(['-A -t 10.0.0.1:80 -s wlc -p 60']);
});

test('scheduler flags have the names and the order in which they are read back', () => {
  expect(wanted(virtual('scheduler = sh\nsched_flags = flag-2,sh-fallback'))).toEqual([
    '-A -t 10.0.0.1:80 -s sh -b sh-fallback,sh-port',
  ]);
});

test('a third flag, which sh and mh do not have and ipvsadm does not print for them, is left out', () => {
  expect(wanted(virtual('scheduler = mh\nsched_flags = flag-1 flag-3'))).toEqual([
    '-A -t 10.0.0.1:80 -s mh -b mh-fallback',
  ]);
  expect(wanted(virtual('scheduler = sh\nsched_flags = flag-3'))).toEqual(['-A -t 10.0.0.1:80 -s sh']);
  expect(wanted(virtual('sched_flags = flag-3'))).toEqual(['-A -t 10.0.0.1:80 -s wlc -b flag-3']);
});

test('the sorry server serves exactly while no real server does, and all of them were judged', () => {
  const text = virtual('sorry_server = 10.0.9.9', server('10.0.1.1'));
  const sorry = '-a -t 10.0.0.1:80 -r 10.0.9.9:80 -m -w 1';
  expect(wanted(text)).toEqual([service]);
  expect(wanted(text, { [id]: 'down' })).toEqual([service, sorry]);
  expect(wanted(text, { [id]: 'up' })).toEqual([service, `${line} 1`]);
});

test('the sorry server serves beside quiesced servers, and where no server is active or has a weight', () => {
  const sorry = '-a -t 10.0.0.1:80 -r 10.0.9.9:80 -g -w 1';
  const direct = 'sorry_server = 10.0.9.9\nnetwork = direct\nquiesce_server = 1';
  const found = tableOf(service, '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 1');
  const quiesced = '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -g -w 0';
  const idle = server('10.0.1.1', 'active = 1\nweight = 0');
  expect(wanted(virtual(direct, server('10.0.1.1')), { [id]: 'down' }, found)).toEqual([service, quiesced, sorry]);
  expect(wanted(virtual(direct, idle), { [id]: 'up' })).toEqual([service, quiesced, sorry]);
  expect(wanted(virtual(direct, server('10.0.1.1', 'active = 0')))).toEqual([service, sorry]);
});

test('after a restart the sorry server stays until the servers were judged', () => {
  const text = virtual('sorry_server = 10.0.9.9', server('10.0.1.1'));
  const sorry = '-a -t 10.0.0.1:80 -r 10.0.9.9:80 -m -w 1';
  expect(wanted(text, {}, tableOf(service, sorry))).toEqual([service, sorry]);
});

test('a real server without weight at the address of the sorry server does not count as the sorry server', () => {
  const text = virtual(
    'sorry_server = 10.0.1.1',
    server('10.0.1.1', 'active = 1\nweight = 0\nupper = 5'),
    server('10.0.1.2'),
  );
  const drained = [service, `${line} 0 -x 5`];
  expect(wanted(text, { [id]: 'up' })).toEqual(drained);
  expect(wanted(text, { [id]: 'up' }, tableOf(...drained))).toEqual(drained);
});
