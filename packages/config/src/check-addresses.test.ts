import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import type { Names } from './host-address.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { configurationFromText } from './hands/load.ts';
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

test('two active services with one firewall mark at two addresses are refused', () => {
  expect(errors(block('a', vip, 'fwmark = 3') + block('b', 'address = 10.1.0.2 eth0:2', 'fwmark = 3'))).toEqual([
    'f:9:10: error: the same firewall mark as virtual "a" in line 1 (a mark is one service with one address: give this one a mark of its own)',
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
  const one = server('address = 10.0.0.2', 'port = 81');
  const { diagnostics } = parseConfiguration(
    block('a', vip, one.replace('81', '80')) + block('b', 'address = 10.1.0.1 eth1:1', 'port = 81', one),
  );
  expect(diagnostics.map((found) => formatDiagnostic('f', found))).toEqual([
    'f:12:11: warning: 10.1.0.1 stands on eth0:1 already (line 3): eth1:1 is not used',
  ]);
});

test('servers of a firewall mark differ by the ports that NAT gives them alone', () => {
  const twice = (lines: string): string =>
    block('a', vip, lines, server('address = 10.0.0.2', 'port = 80'), server('address = 10.0.0.2', 'port = 81'));
  expect(errors(twice('fwmark = 3'))).toEqual([]);
  expect(errors(twice('fwmark = 3\nnetwork = direct'))).toHaveLength(1);
});

const two = server('address = 10.2.0.11');
const diagnosed = (text: string, severity: 'error' | 'warning'): readonly string[] =>
  parseConfiguration(text)
    .diagnostics.filter((one) => one.severity === severity)
    .map((one) => formatDiagnostic('f', one));
const pair = 'primary = 10.1.0.11\nbackup = 10.1.0.12\nbackup_active = 1\n';
const ownHint = '(give the service an address that no machine has by itself)';

test.each([
  ['primary', 'address = 10.1.0.11 eth0:1', 'primary (line 1)'],
  ['backup', 'address = 10.1.0.12 eth0:1', 'backup (line 2)'],
  ['primary_private', 'address = 10.2.0.2 eth0:1', 'primary_private (line 4)'],
  ['backup_private', 'address = 10.2.0.3 eth0:1', 'backup_private (line 5)'],
])('a virtual address that is %s is refused, and both lines are named', (_what, address, named) => {
  const text = `${pair}primary_private = 10.2.0.2\nbackup_private = 10.2.0.3\n${block('a', address, two)}`;
  expect(errors(text)).toEqual([
    `f:8:11: error: the address of virtual "a" is ${named}, an address of a router: it cannot float ${ownHint}`,
  ]);
});

test('nat_router is no address of a router either, as long as it floats', () => {
  const text = `${pair}nat_router = 10.1.0.12 eth1:1\n${block('a', vip, two)}`;
  expect(errors(text)).toEqual([
    `f:4:14: error: nat_router is backup (line 2), an address of a router: it cannot float ${ownHint}`,
  ]);
  expect(errors(`network = direct\n${text}`)).toEqual([]);
});

test('a lone router: its public address cannot float, its private one is left where it is, and a backup is none', () => {
  const alone = (address: string): string =>
    `primary = 10.1.0.11\nbackup = 10.1.0.12\nbackup_active = 0\nprimary_private = 10.2.0.2\n${block('a', `address = ${address} eth0:1`, two)}`;
  expect(errors(alone('10.1.0.11'))).toHaveLength(1);
  expect(errors(alone('10.1.0.12'))).toEqual([]);
  expect(errors(alone('10.2.0.2'))).toEqual([]);
  expect(diagnosed(alone('10.2.0.2'), 'warning').join('\n')).toContain('is primary_private (line 4)');
});

test('a server or sorry server with a floating address is refused', () => {
  const hint = '(name the server by an address of its own; 127.0.0.1 is a server on the router itself)';
  const text = `nat_router = 10.2.0.1 eth1:1\n${block('a', vip, 'sorry_server = 10.1.0.1', server('address = 10.2.0.1'))}`;
  expect(errors(text)).toEqual([
    `f:5:16: error: sorry_server is the address of virtual "a" (line 4), which the active router has: packets would never leave it ${hint}`,
    `f:8:11: error: server "s" is nat_router (line 1), which the active router has: packets would never leave it ${hint}`,
  ]);
});

test('a server that is a router of a pair is warned of with nat alone', () => {
  const warned = (network: string) =>
    diagnosed(`${pair}network = ${network}\n${block('a', vip, server('address = 10.1.0.12'))}`, 'warning').filter(
      (each) => !each.includes('heartbeats are not signed'),
    );
  expect(warned('nat')).toEqual([
    'f:10:11: warning: server "s" is backup (line 2): with nat it answers only while that router is the active one (127.0.0.1 is a server on whichever router is active; or use direct, as for any real server)',
  ]);
  expect(warned('direct')).toEqual([]);
});

test('the broadcast address of a network that the file knows is nobody', () => {
  const text = block('a', vip, 'vip_nmask = 255.255.255.0', server('address = 10.1.0.255'));
  expect(errors(text)).toEqual([
    'f:7:11: error: 10.1.0.255 is the broadcast address of the network of the address of virtual "a" (line 3)',
  ]);
  expect(errors(text.replace('255.255.255.0', '255.255.254.0'))).toEqual([]);
  expect(errors(text.replace('255.255.255.0', '255.255.255.254'))).toEqual([]);
  expect(errors(block('a', 'address = 10.1.0.255 eth0', 'vip_nmask = 255.255.255.0', two))).toHaveLength(1);
});

test('only servers may be at a loopback address; a lone router may name itself so', () => {
  expect(errors(block('a', 'address = 127.0.0.5 eth0:1', two))).toEqual([
    'f:3:11: error: the address of virtual "a": 127.0.0.5 never leaves the machine (no other machine can send to it)',
  ]);
  expect(errors(`${pair.replace('10.1.0.12', '127.0.0.1')}${block('a', vip, two)}`)).toHaveLength(1);
  expect(errors(`primary = 127.0.0.1\n${block('a', vip, server('address = 127.0.0.1'))}`)).toEqual([]);
});

test.each([
  ['10.1.0.1', { www: [], real: [], router: [] }],
  ['10.1.0.12', { www: ['router-address'], real: [], router: ['same-address'] }],
  ['10.1.0.100', { www: [], real: ['floating-server'], router: ['router-address'] }],
  ['0.0.0.0', { www: ['bad-address'], real: ['bad-address'], router: ['bad-address'] }],
  ['224.0.0.1', { www: ['bad-address'], real: ['bad-address'], router: ['bad-address'] }],
  ['255.255.255.255', { www: ['bad-address'], real: ['bad-address'], router: ['bad-address'] }],
  ['127.0.0.1', { www: ['bad-address'], real: [], router: ['bad-address'] }],
  [
    '::ffff:10.0.0.1',
    { www: ['bad-address', 'family'], real: ['family', 'bad-address'], router: ['bad-address', 'family'] },
  ],
])('what is refused of %s is refused of a name that stands for it', (found, expected) => {
  const text = `primary = router\nbackup = 10.1.0.12\nbackup_active = 1\n${block('a', 'address = www eth0:1', server('address = real'))}`;
  const usual = { router: '10.1.0.7', www: '10.1.0.100', real: '10.2.0.11' };
  const refused = (name: string): readonly string[] => {
    const names = Object.entries({ ...usual, [name]: found }).map(([key, value]) => [
      key,
      parseIpAddress(value) ?? null,
    ]);
    const made = configurationFromText('f', text, Object.fromEntries(names) as Names);
    return made.ok
      ? []
      : [...new Set(made.error.filter(({ severity }) => severity === 'error').map(({ code }) => code))];
  };
  expect({ www: refused('www'), real: refused('real'), router: refused('router') }).toEqual(expected);
});

test('masqueraded servers at a loopback address are reached directly, whatever network says; others are not', () => {
  const text = block('a', vip, 'sorry_server = 127.0.0.1', server('address = 127.0.0.2'), server('address = 10.1.0.7'));
  const [virtual] = parseConfiguration(text).configuration?.virtualServers ?? [];
  expect(virtual).toMatchObject({
    network: 'direct',
    servers: [{ network: 'direct', forwardPort: 80 }, { network: 'nat' }],
  });
  const tunnel = parseConfiguration(`network = tunnel\n${text}`).configuration?.virtualServers[0];
  expect(tunnel).toMatchObject({ network: 'tunnel', servers: [{ network: 'tunnel' }, { network: 'tunnel' }] });
});

test('so are names that stand for one, but not before they are looked up', () => {
  const text = block('a', vip, 'sorry_server = page', server('address = 10.1.0.7'));
  const made = configurationFromText('f', text, { page: '127.0.0.1' as IpAddress });
  expect(made.ok && made.value.configuration.virtualServers[0]?.network).toBe('direct');
  expect(parseConfiguration(text).configuration?.virtualServers[0]?.network).toBe('nat');
});

test('a loopback server with a port that packets do not have is refused with nat, and with direct a warning', () => {
  const text = block('a', vip, server('address = 127.0.0.1', 'port = 8080'));
  expect(errors(text)).toEqual([
    'f:7:8: error: server "s" is on the router itself, where packets keep their port 80: nothing arrives at port 8080 (let it listen on port 80 of all addresses, or name an address of the router that does not float)',
  ]);
  expect(errors(`network = direct\n${text}`)).toEqual([]);
});

test('of two blocks with one mark and address the first counts, and the second is as if it were inactive', () => {
  const second = block('b', vip, 'fwmark = 3', 'port = 443', 'persistent = 9', server('address = 10.2.0.12'));
  const first = block('a', vip, 'fwmark = 3', two);
  const [repeated, inactive] = [first + second, first + second.replace('active = 1', 'active = 0')].map((text) => {
    const made = configurationFromText('f', text, {});
    if (!made.ok) throw new Error('refused');
    return made.value;
  });
  expect(repeated?.configuration).toEqual(inactive?.configuration);
  expect(repeated?.digest).toBe(inactive?.digest);
  expect(repeated?.warnings.map((one) => formatDiagnostic('f', one))).toEqual([
    'f:13:10: warning: virtual "a" in line 1 has this firewall mark: virtual "b" is left out (one block with the mark serves every port that the mark is set for; remove this block, or give it a mark of its own)',
  ]);
});

test('two names of one address make one service of a mark, which only shows when they are looked up', () => {
  const text = block('a', 'address = www eth0:1', 'fwmark = 3', two) + block('b', vip, 'fwmark = 3', two);
  const made = configurationFromText('f', text, { www: '10.1.0.1' as IpAddress });
  expect(made.ok && made.value.configuration.virtualServers.map(({ active }) => active)).toEqual([true, false]);
  expect(made.ok && made.value.warnings.map(({ code }) => code)).toEqual(['same-mark']);
});
