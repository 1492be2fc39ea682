import { expect, test } from '@jest/globals';
import { formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

const errors = (text: string): readonly string[] =>
  parseConfiguration(text)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map((one) => formatDiagnostic('f', one));

const block = (name: string, ...lines: readonly string[]): string =>
  [`virtual ${name} {`, 'active = 1', ...lines, '}', ''].join('\n');
const vip = 'address = 10.1.0.1 eth0:1';
const server = (...lines: readonly string[]): string => ['server s {', 'active = 1', ...lines, '}'].join('\n');

test('two active services with one address, port and protocol are refused', () => {
  expect(errors(block('a', vip) + block('b', vip, 'port = 0x50'))).toEqual([
    'f:7:11: error: the same address, port and protocol as virtual "a" in line 1',
  ]);
});

test('IPv6 addresses are the same however they are written', () => {
  expect(errors(block('a', 'address = fd00::1 eth0') + block('b', 'address = FD00:0::1 eth0'))).toHaveLength(1);
});

test.each([
  ['another port', block('b', vip, 'port = 81')],
  ['another protocol', block('b', vip, 'protocol = udp')],
  ['a firewall mark', block('b', vip, 'fwmark = 3')],
  ['being inactive', `virtual b {\n${vip}\n}\n`],
])('%s makes a service another one', (_difference, other) => {
  expect(errors(block('a', vip) + other)).toEqual([]);
});

test('two active services with one firewall mark are refused', () => {
  expect(errors(block('a', vip, 'fwmark = 3') + block('b', 'address = 10.1.0.2 eth0:2', 'fwmark = 3'))).toEqual([
    'f:9:10: error: the same firewall mark as virtual "a" in line 1',
  ]);
});

test('one host name is the same address even before it is looked up', () => {
  const named = 'address = www.example.com eth0:1';
  expect(errors(block('a', named) + block('b', named))).toHaveLength(1);
});

test('two active servers of a service with one address and port are refused', () => {
  const twice = block('a', vip, server('address = 10.0.0.2'), server('address = 10.0.0.2', 'port = 80'));
  expect(errors(twice)).toEqual(['f:10:11: error: the same address and port as the server in line 4']);
  expect(errors(twice.replace('port = 80', 'port = 81'))).toEqual([]);
});

test('without NAT a different port does not make another server', () => {
  const twice = block('a', vip, server('address = 10.0.0.2'), server('address = 10.0.0.2', 'port = 81'));
  expect(errors(`network = direct\n${twice}`)).toHaveLength(1);
});

test('a server whose port is not kept is the same as one that has the port of the virtual server', () => {
  const mixed = (port: number): string =>
    block(
      'a',
      vip,
      server('address = 10.0.0.2', 'network = direct', 'port = 81'),
      server('address = 10.0.0.2', `port = ${port}`),
    );
  expect(errors(mixed(80))).toEqual(['f:12:11: error: the same address and port as the server in line 4']);
  expect(errors(mixed(82))).toEqual([]);
});

test('the kernel reaches no server of one link alone: such addresses are refused', () => {
  const local = block('a', 'address = fd00::1 eth0', 'sorry_server = fe80::2', server('address = FE80::1'));
  expect(errors(local)).toEqual([
    'f:4:16: error: fe80::2 is an address of one link alone',
    'f:7:11: error: fe80::1 is an address of one link alone',
  ]);
  expect(errors(local.replaceAll(/fe80/gi, 'fd80'))).toEqual([]);
});

test('an IPv4 address in the clothes of IPv6 is refused, and the plain one is named', () => {
  expect(errors(block('a', 'address = fd00::1 eth0', server('address = ::FFFF:c000:0207')))).toEqual([
    'f:6:11: error: address: "::FFFF:c000:0207" is an IPv4 address (write 192.0.2.7)',
  ]);
});

test('a netmask is written for the version of its address', () => {
  expect(errors(block('a', vip, 'vip_nmask = 24'))).toEqual([
    'f:4:13: error: the address 10.1.0.1 takes a netmask such as 255.255.255.0',
  ]);
  expect(errors(block('a', 'address = fd00::1 eth0', 'vip_nmask = 255.255.255.0'))).toEqual([
    'f:4:13: error: the address fd00::1 takes a prefix length such as 64',
  ]);
});

test('servers have the IP version of their service, except behind a tunnel', () => {
  const mixed = block('a', vip, server('address = fd00::2'));
  expect(errors(mixed)).toEqual(['f:6:11: error: server "s" and the virtual address are not of one IP version']);
  expect(errors(`network = tunnel\n${mixed}`)).toEqual([]);
  expect(errors(block('a', vip, 'sorry_server = fd00::9'))).toHaveLength(1);
});

test('one address on two devices is warned about: the first one counts', () => {
  const { diagnostics } = parseConfiguration(block('a', vip) + block('b', 'address = 10.1.0.1 eth1:1', 'port = 81'));
  expect(diagnostics.map((one) => formatDiagnostic('f', one))).toEqual([
    'f:7:11: warning: 10.1.0.1 stands on eth0:1 already (line 3): eth1:1 is not used',
  ]);
});

test('servers of a firewall mark differ by the ports that NAT gives them alone', () => {
  const twice = (lines: string): string =>
    block('a', vip, lines, server('address = 10.0.0.2', 'port = 80'), server('address = 10.0.0.2', 'port = 81'));
  expect(errors(twice('fwmark = 3'))).toEqual([]);
  expect(errors(twice('fwmark = 3\nnetwork = direct'))).toHaveLength(1);
});
