import { describe, expect, test } from '@jest/globals';
import type { Configuration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import { failure, success } from '@piranha/domain';
import { decodeInterfaces } from '@piranha/protocol';
import type { Facts, FirewallReport } from './facts.ts';
import { findings } from './findings.ts';
import { parseIptables } from './iptables.ts';
import { parseNft } from './nft.ts';
import { sysctlPaths } from './sysctl-names.ts';
import { unchecked } from './unchecked.ts';

const web = (more = ''): string => `virtual web {
  active = 1
  address = 10.1.0.100 eth0:1
  ${more}
  server one {
    active = 1
    address = 10.2.0.11
  }
}
`;
const pair = 'primary = 10.1.0.2\nbackup = 10.1.0.3\nbackup_active = 1\n';
const nat = `${pair}nat_router = 10.2.0.1 eth1:1\n`;
const direct = `${pair}network = direct\n`;

function configurationOf(text: string): Configuration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
  return loaded.value.configuration;
}

const card = (name: string, address: string, flags = ['BROADCAST', 'UP', 'LOWER_UP']) => ({
  ifname: name,
  flags,
  address: '52:54:00:12:34:56',
  addr_info: [{ local: address, prefixlen: 24 }],
});
const interfacesOf = (...cards: readonly ReturnType<typeof card>[]): Facts['interfaces'] =>
  decodeInterfaces(JSON.stringify(cards));

const nftWith = (...items: readonly string[]): FirewallReport => ({
  tool: 'nft',
  firewall: parseNft(`{"nftables": [${items.join(', ')}]}`),
});
const absent = (tool: FirewallReport['tool']): FirewallReport => ({ tool, firewall: undefined });
const chain = (hook: string, policy: string): string =>
  `{"chain": {"family": "inet", "table": "t", "name": "c", "handle": 1, "type": "filter", "hook": "${hook}", "prio": 0, "policy": "${policy}"}}`;
const rule = (expression: string): string =>
  `{"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 2, "expr": [${expression}]}}`;
const setsMark = (mark: number): string => rule(`{"mangle": {"key": {"meta": {"key": "mark"}}, "value": ${mark}}}`);

/** A router on which all is well, but for what a test changes. */
function facts(
  configuration: Configuration,
  changes: Partial<Facts> = {},
  sysctls: Record<string, number> = {},
): Facts {
  const wellSet = sysctlPaths(configuration).map(
    (path) => [path, path.endsWith('ing') || path.endsWith('forward') ? 1 : 0] as const,
  );
  return {
    interfaces: interfacesOf(card('eth0', '10.1.0.2'), card('eth1', '10.2.0.2')),
    defaultDevices: success(['eth0']),
    sysctls: new Map([...wellSet, ...Object.entries(sysctls)]),
    firewalls: [nftWith(), absent('iptables-save'), absent('ip6tables-save')],
    domain: success(undefined),
    ...changes,
  };
}

type Changes = readonly [changes?: Partial<Facts>, sysctls?: Record<string, number>];

const found = (text: string, ...changes: Changes) =>
  findings(configurationOf(text), facts(configurationOf(text), ...changes));
const codes = (text: string, ...changes: Changes) => found(text, ...changes).map((each) => each.code);
const messages = (text: string, ...changes: Changes) => found(text, ...changes).map((each) => each.message);

describe('where all is well nothing is said', () => {
  test.each([
    ['nat', nat + web()],
    ['direct routing', direct + web()],
    ['a tunnel', `${pair}network = tunnel\n${web()}`],
    ['no partner', `primary = 10.1.0.2\n${web()}`],
  ])('%s', (_what, text) => {
    expect(found(text)).toEqual([]);
  });

  test('nor where nothing could be learnt; but then that is told', () => {
    const dark: Facts = {
      interfaces: failure('ip: not found'),
      defaultDevices: failure('ip: not found'),
      sysctls: new Map(),
      firewalls: [{ tool: 'nft', firewall: failure('permission denied') }],
      domain: failure('not readable'),
    };
    const configuration = configurationOf(direct + web('fwmark = 80'));
    expect(findings(configuration, dark)).toEqual([]);
    expect(unchecked(configuration, dark).map((each) => each.what)).toEqual([
      'interfaces and addresses',
      'the default route',
      ...sysctlPaths(configuration).map((path) => path.replaceAll('/', '.')),
      'the rules of nft',
      'SELinux',
    ]);
  });
});

describe('a partner in another network', () => {
  const routed = (more = ''): string => `primary = 10.1.0.2\nbackup = 192.0.2.3\nbackup_active = 1\n${more}${web()}`;
  const said = (text: string) => messages(`network = direct\n${text}`).filter((each) => each.startsWith('192.0.2.3'));

  test.each([
    ['', ['192.0.2.3 is in another network: from how far away its heartbeats come does not count']],
    ['heartbeat_ttl = 255\n', ['192.0.2.3 is in another network: with heartbeat_ttl = 255 it cannot be heard']],
    ['heartbeat_ttl = 254\n', []],
  ])('with %j', (more, expected) => {
    expect(said(routed(more))).toEqual(expected);
  });
});

describe('forwarding', () => {
  test('that is off is a warning with nat alone, and the hint says how to set it', () => {
    const off = { 'net/ipv4/ip_forward': 0, 'net/ipv6/conf/all/forwarding': 0 };
    expect(found(nat + web(), {}, off)).toEqual([
      {
        code: 'forwarding-off',
        severity: 'warning',
        message:
          'net.ipv4.ip_forward is 0: the answers of real servers do not reach clients of virtual server web (nat)',
        hint: 'sysctl -w net.ipv4.ip_forward=1; the same in a file of /etc/sysctl.d keeps it',
      },
    ]);
    expect(codes(direct + web(), {}, off)).toEqual([]);
    expect(codes(nat + web('network = tunnel'), {}, off)).toEqual([]);
  });

  test('of IPv6 is another setting', () => {
    const six = nat + web().replace('10.1.0.100', '2001:db8::100').replace('10.2.0.11', '2001:db8:1::11');
    expect(messages(six, {}, { 'net/ipv6/conf/all/forwarding': 0 })[0]).toMatch(
      /^net\.ipv6\.conf\.all\.forwarding is 0/,
    );
    expect(codes(six, {}, { 'net/ipv4/ip_forward': 0 })).toEqual([]);
  });
});

describe('a strict rp_filter', () => {
  const rpFilter = (all: number, own: number) => ({
    'net/ipv4/conf/all/rp_filter': all,
    'net/ipv4/conf/eth0/rp_filter': own,
  });
  const elsewhere = { defaultDevices: success(['eth1']) };

  test('is a warning where the default route leaves by another interface, or there is none', () => {
    expect(codes(direct + web(), elsewhere, rpFilter(0, 1))).toEqual(['strict-rp-filter']);
    expect(codes(direct + web(), elsewhere, rpFilter(1, 0))).toEqual(['strict-rp-filter']);
    expect(codes(`${pair}network = tunnel\n${web()}`, { defaultDevices: success([]) }, rpFilter(1, 1))).toEqual([
      'strict-rp-filter',
    ]);
  });

  test('is none where the default route leaves by it, where the filter is loose, and with nat', () => {
    expect(codes(direct + web(), {}, rpFilter(1, 1))).toEqual([]);
    expect(codes(direct + web(), elsewhere, rpFilter(1, 2))).toEqual([]);
    expect(codes(direct + web(), elsewhere, rpFilter(0, 0))).toEqual([]);
    expect(codes(nat + web(), elsewhere, rpFilter(1, 1))).toEqual([]);
  });

  test('names an interface with a dot as sysctl takes it', () => {
    const vlan = direct + web().replace('eth0:1', 'eth0.5:1');
    const interfaces = interfacesOf(card('eth0.5', '10.1.0.2'));
    const [only] = found(vlan, { ...elsewhere, interfaces }, { 'net/ipv4/conf/eth0.5/rp_filter': 1 });
    expect(only?.hint).toMatch(/^sysctl -w net\/ipv4\/conf\/eth0\.5\/rp_filter=2;/);
  });
});

describe('redirects', () => {
  const sent = { 'net/ipv4/conf/all/send_redirects': 1 };
  const oneNetwork = nat + web().replace('10.2.0.11', '10.1.0.11');

  test('are a warning with nat where a real server is in the network of the clients', () => {
    expect(codes(oneNetwork, {}, sent)).toEqual(['redirects-sent']);
    expect(codes(oneNetwork, {}, { 'net/ipv4/conf/eth0/send_redirects': 1 })).toEqual(['redirects-sent']);
  });

  test('are none where servers are elsewhere, where clients are, with direct routing, and where they are off', () => {
    expect(codes(nat + web(), {}, sent)).toEqual([]);
    expect(codes(oneNetwork, { defaultDevices: success(['eth1']) }, sent)).toEqual([]);
    expect(codes(oneNetwork.replace(nat, direct), {}, sent)).toEqual([]);
    expect(codes(oneNetwork)).toEqual([]);
  });
});

describe('a firewall mark', () => {
  const marked = direct + web('fwmark = 80');
  const withNft = (...items: readonly string[]) => ({ firewalls: [nftWith(...items), absent('iptables-save')] });
  const saved = (target: string): FirewallReport => ({
    tool: 'iptables-save',
    firewall: success(parseIptables(`*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ${target}\nCOMMIT\n`, 4)),
  });

  test('that no rule sets is a warning', () => {
    expect(messages(marked)).toEqual([
      'no rule of nft or iptables sets firewall mark 80: virtual server web gets no packets',
    ]);
    expect(found(marked)[0]?.hint).toMatch(/: ip daddr 10\.1\.0\.100 tcp dport 80 meta mark set 80$/);
    expect(codes(marked, withNft(chain('prerouting', 'accept'), setsMark(81)))).toEqual(['mark-not-set']);
    expect(codes(marked, { firewalls: [absent('nft'), saved('MARK --set-xmark 0x51/0xffffffff')] })).toEqual([
      'mark-not-set',
    ]);
  });

  test('that nft or iptables sets is none', () => {
    expect(codes(marked, withNft(chain('prerouting', 'accept'), setsMark(80)))).toEqual([]);
    expect(codes(marked, { firewalls: [nftWith(), saved('MARK --set-xmark 0x50/0xffffffff')] })).toEqual([]);
  });

  test('is left alone where rules cannot be read, or only by iptables, or there is no program to list them', () => {
    const xt = rule('{"xt": {"type": "target", "name": "MARK"}}');
    expect(codes(marked, withNft(chain('prerouting', 'accept'), xt))).toEqual([]);
    expect(codes(marked, { firewalls: [nftWith(), { tool: 'iptables-save', firewall: failure('status 4') }] })).toEqual(
      [],
    );
    const none = { firewalls: [absent('nft'), absent('iptables-save'), absent('ip6tables-save')] };
    expect(codes(marked, none)).toEqual([]);
    const configuration = configurationOf(marked);
    expect(unchecked(configuration, facts(configuration, none))).toEqual([
      { what: 'packet filter rules', reason: 'neither nft nor iptables-save is there' },
    ]);
  });

  test('in a rule that nft cannot show is found in that of iptables', () => {
    const xt = rule('{"xt": {"type": "target", "name": "MARK"}}');
    const firewalls = [nftWith(chain('prerouting', 'accept'), xt), saved('MARK --set-xmark 0x51/0xffffffff')];
    expect(codes(marked, { firewalls })).toEqual(['mark-not-set']);
  });
});

describe('a firewall in the way of heartbeats', () => {
  const closed = { firewalls: [nftWith(chain('input', 'drop'))] };

  test('is a warning that names the addresses and the port', () => {
    const twoWays = `${pair}primary_private = 10.2.0.2\nbackup_private = 10.2.0.3\nheartbeat_port = 1050\n${web('network = direct')}`;
    expect(messages(twoWays, closed)).toEqual([
      'the firewall drops heartbeats of the partner (10.1.0.3, 10.2.0.3, UDP port 1050)',
    ]);
    const saved = '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.2.0.3/32 -j ACCEPT\nCOMMIT\n';
    const firewalls: FirewallReport[] = [{ tool: 'iptables-save', firewall: success(parseIptables(saved, 4)) }];
    expect(messages(twoWays, { firewalls })[0]).toMatch(/partner \(10\.1\.0\.3, UDP/);
  });

  test('is none where there is no partner, or where its heartbeats may come in', () => {
    expect(codes(`primary = 10.1.0.2\n${web('network = direct')}`, closed)).toEqual([]);
    const established = rule('{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "established"}}, {"accept": null}'); // prettier-ignore
    expect(codes(direct + web(), { firewalls: [nftWith(chain('input', 'drop'), established)] })).toEqual([]);
  });

  test('that lets in by another interface or for another address only is a warning', () => {
    const rules = (left: string, right: string) => ({
      firewalls: [
        nftWith(
          chain('input', 'drop'),
          rule(`{"match": {"op": "==", "left": ${left}, "right": "${right}"}}, {"accept": null}`),
        ),
      ],
    });
    const byName = (name: string) => codes(direct + web(), rules('{"meta": {"key": "iifname"}}', name));
    expect(['eth0', 'eth1'].map(byName)).toEqual([[], ['heartbeat-dropped']]);
    const to = (address: string) =>
      codes(direct + web(), rules('{"payload": {"protocol": "ip", "field": "daddr"}}', address));
    expect(['10.1.0.2', '10.1.0.100'].map(to)).toEqual([[], ['heartbeat-dropped']]);
  });
});

describe('the talk of the sync daemons', () => {
  const privately = `${pair}primary_private = 10.2.0.2\nbackup_private = 10.2.0.3\nsyncdaemon = 1\n`;
  const text = (device: string, more = ''): string =>
    `${privately}syncd_iface = ${device}\n${more}${web('network = direct')}`;
  const interfaces = interfacesOf(card('eth0', '10.1.0.2'), card('eth1', '10.2.0.2'), card('eth2', '10.3.0.2'));

  test('on a network without clients is nothing to warn of', () => {
    expect(codes(text('eth1'), { interfaces })).toEqual([]);
    expect(codes(text('eth2'), { interfaces })).toEqual([]);
  });

  test('on the interface of the virtual or of the public address is a warning', () => {
    expect(messages(text('eth0'), { interfaces })).toEqual([
      'the kernels tell each other of connections over eth0, in the public network: neither signed nor encrypted',
    ]);
    const elsewhere = interfacesOf(card('eth0', '10.9.0.2'), card('eth1', '10.2.0.2'), card('eth2', '10.1.0.2'));
    expect(codes(text('eth2'), { interfaces: elsewhere })).toEqual(['sync-public']);
  });

  test('is a warning where syncd_iface is left out, for then it is on eth0', () => {
    expect(codes(`${privately}${web('network = direct')}`, { interfaces })).toEqual(['sync-public']);
  });

  test('is nothing to warn of where it is off, or there is no partner', () => {
    expect(codes(text('eth0', 'syncdaemon = 0\n'), { interfaces })).toEqual([]);
    expect(codes(`primary = 10.1.0.2\nsyncdaemon = 1\n${web('network = direct')}`, { interfaces })).toEqual([]);
  });

  test('that the firewall drops is a warning, one that may come in is none', () => {
    const accepting = (port: number): string =>
      rule(`{"match": {"op": "==", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": ${port}}}, {"accept": null}`); // prettier-ignore
    const firewall = (...rules: readonly string[]) => ({
      interfaces,
      firewalls: [nftWith(chain('input', 'drop'), accepting(539), ...rules)],
    });
    expect(messages(text('eth1'), firewall())).toEqual([
      "the firewall drops what the partner's kernel tells of connections (224.0.0.81, UDP port 8848)",
    ]);
    expect(codes(text('eth1'), firewall(accepting(8848)))).toEqual([]);
  });

  test('is never the word of an answer, and comes from the partner in the network of its interface', () => {
    const rules = (...expressions: readonly string[]) => ({
      interfaces,
      firewalls: [nftWith(chain('input', 'drop'), ...expressions.map((each) => rule(`${each}, {"accept": null}`)))],
    });
    const matching = (left: string, right: string): string =>
      `{"match": {"op": "==", "left": ${left}, "right": ${right}}}`;
    const established = matching('{"ct": {"key": "state"}}', '{"set": ["established", "related"]}');
    const by = (device: string): string => matching('{"meta": {"key": "iifname"}}', `"${device}"`);
    const from = (address: string): string =>
      matching('{"payload": {"protocol": "ip", "field": "saddr"}}', `"${address}"`);
    expect(codes(text('eth1'), rules(established))).toEqual(['sync-dropped']);
    expect(codes(text('eth1'), rules(established, by('eth0')))).toEqual(['sync-dropped']);
    expect(codes(text('eth1'), rules(established, by('eth1')))).toEqual([]);
    expect(codes(text('eth1'), rules(established, from('10.1.0.3')))).toEqual(['sync-dropped']);
    expect(codes(text('eth1'), rules(established, from('10.2.0.3')))).toEqual([]);
    // Whose address the partner has there is in no file.
    expect(codes(text('eth2'), rules(established, from('10.3.0.3')))).toEqual([]);
    expect(codes(text('eth2'), rules(established, from('2001:db8::3')))).toEqual(['sync-dropped']);
  });
});

describe('this machine', () => {
  test('with an interface that is down', () => {
    const interfaces = interfacesOf(card('eth1', '10.1.0.2', ['BROADCAST']));
    expect(messages(nat + web(), { interfaces })).toEqual(['interface eth1 is down, and nat_router belongs on it']);
    expect(codes(nat + web().replace('active = 1', 'active = 0'), { interfaces })).toEqual(['device-down']);
  });
});

test.each([
  ['piranha_pulse_t', ['selinux']],
  ['unconfined_service_t', []],
  ['initrc_t', []],
])('SELinux that enforces: the domain %s gives %j', (domain, expected) => {
  expect(codes(direct + web(), { domain: success(domain) })).toEqual(expected);
});
