import { expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import type { UnresolvedConfiguration, VirtualServerOf } from './configuration.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

const configurationOf = (text: string): UnresolvedConfiguration => {
  const { configuration, diagnostics } = parseConfiguration(text);
  if (configuration === undefined) throw new Error(diagnostics.map((one) => formatDiagnostic('f', one)).join('\n'));
  return configuration;
};

const virtualOf = (...lines: readonly string[]): VirtualServerOf<string> | undefined =>
  configurationOf(['virtual v {', ...lines, '}'].join('\n')).virtualServers[0];

const errorsOf = (text: string): readonly string[] =>
  parseConfiguration(text)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map((one) => formatDiagnostic('f', one));

test('a file of comments alone gives the defaults of the original', () => {
  expect(configurationOf('# nothing\n')).toEqual({
    service: 'lvs',
    primary: undefined,
    backup: undefined,
    privateChannel: undefined,
    backupActive: false,
    heartbeatPort: 539,
    heartbeatKeyFile: undefined,
    heartbeatAuth: 'off',
    keepalive: seconds(2),
    deadtime: seconds(5),
    failback: 'manual',
    failbackDelay: 0,
    monitorLinks: false,
    hotStandby: false,
    arpRefresh: seconds(60),
    maxNannies: 32,
    natRouter: undefined,
    syncDaemon: undefined,
    timeouts: { tcp: 0, tcpFin: 0, udp: 0 },
    ipvsSettings: { expire_nodest_conn: 0, expire_quiescent_template: 1, conn_reuse_mode: 1 },
    ipvsadm: '/sbin/ipvsadm',
    rshCommand: ['rsh'],
    activeCommand: undefined,
    inactiveCommand: undefined,
    notifyCommand: undefined,
    insecurePrograms: false,
    checkUser: undefined,
    virtualServers: [],
  });
});

test('an empty virtual block gives the defaults of the original', () => {
  expect(virtualOf()).toEqual({
    name: 'v',
    active: false,
    vip: { address: '0.0.0.0', device: '', prefix: undefined },
    port: 80,
    protocol: 'tcp',
    fwmark: undefined,
    scheduler: 'wlc',
    schedulerFlags: [],
    onePacket: false,
    persistent: undefined,
    persistentPrefix: undefined,
    network: 'nat',
    sorryServer: undefined,
    quiesceServer: false,
    check: {
      send: undefined,
      expect: undefined,
      useRegex: false,
      sendProgram: undefined,
      timeout: seconds(10),
      reentry: seconds(180),
      fall: 1,
    },
    loadMonitor: undefined,
    slowStart: 'on',
    servers: [],
  });
});

test('every global key that the original does not have is read', () => {
  const configuration = configurationOf(`
    keepalive = 0.1
    deadtime = 0.75
    heartbeat_key_file = /etc/piranha.key
    heartbeat_auth = accept
    failback = auto
    failback_delay = 30
    arp_refresh = 0
    hot_standby = 1
    max_nannies = 8
    notify_cmd = "/usr/bin/notify --all"
    insecure_programs = 1
    check_user = piranha-check
    expire_nodest_conn = 1
    expire_quiescent_template = 0
    conn_reuse_mode = 2
    syncdaemon = 1
    syncd_refresh = 30
  `);
  expect(configuration).toMatchObject({
    keepalive: 100,
    deadtime: 750,
    heartbeatKeyFile: '/etc/piranha.key',
    heartbeatAuth: 'accept',
    failback: 'auto',
    failbackDelay: seconds(30),
    arpRefresh: 0,
    hotStandby: true,
    maxNannies: 8,
    notifyCommand: ['/usr/bin/notify', '--all'],
    insecurePrograms: true,
    checkUser: 'piranha-check',
    ipvsSettings: {
      ...{ expire_nodest_conn: 1, expire_quiescent_template: 0, conn_reuse_mode: 2 },
      ...{ backup_only: 0, sync_threshold: '3 0', sync_refresh_period: 30 },
    },
  });
});

test('syncd_refresh = 0 leaves to the kernel when it tells of a connection', () => {
  const { ipvsSettings } = configurationOf('syncdaemon = 1\nsyncd_refresh = 0\n');
  expect(Object.keys(ipvsSettings).filter((name) => name.startsWith('sync'))).toEqual([]);
});

test('without syncdaemon nothing of it is set', () => {
  const { ipvsSettings } = configurationOf('syncd_refresh = 30\n');
  expect(Object.keys(ipvsSettings)).toEqual(['expire_nodest_conn', 'expire_quiescent_template', 'conn_reuse_mode']);
});

test('every virtual and server key that the original does not have is read', () => {
  const virtual = virtualOf(
    'protocol = udp',
    'ops = 1',
    'fall = 3',
    'timeout = 0.5',
    'scheduler = sh',
    'sched_flags = sh-fallback,sh-port',
    'slow_start = 2.5',
    'server s {',
    'upper = 100',
    'lower = 80',
    'weight = 0',
    '}',
  );
  expect(virtual).toMatchObject({
    onePacket: true,
    check: { fall: 3, timeout: 500 },
    scheduler: 'sh',
    schedulerFlags: ['sh-fallback', 'sh-port'],
    slowStart: 2500,
    servers: [{ upper: 100, lower: 80, weight: 0 }],
  });
});

test.each(['sed', 'nq', 'mh', 'fo', 'ovf', 'lblcr'])('the scheduler %s is known', (name) => {
  expect(virtualOf(`scheduler = ${name}`)?.scheduler).toBe(name);
});

test('the nearest network line counts, wherever it stands', () => {
  const { virtualServers } = configurationOf(
    'virtual v {\nserver a {\nnetwork = tunnel\n}\nserver b {\n}\nnetwork = direct\n}\nvirtual w {\nserver c {\n}\n}\n',
  );
  expect(virtualServers.flatMap(({ servers }) => servers.map(({ network }) => network))).toEqual([
    'tunnel',
    'direct',
    'nat',
  ]);
});

test.each([
  ['0x0A', 10_000],
  ['030', 24_000],
  ['+024', 20_000],
  ['" 7"', 7000],
  ['0.07', 70],
])('deadtime = %s is %i milliseconds', (text, expected) => {
  expect(configurationOf(`keepalive = 0.02\ndeadtime = ${text}`).deadtime).toBe(expected);
});

test.each([
  ['backup_active = yes', '1:17: error: backup_active: "yes" is neither 1 nor 0 (write 1 for yes, 0 for no)'],
  ['max_nannies = 1001', '1:15: error: max_nannies: "1001" is out of range (1 to 1000)'],
  ['primary = 10.0.0.300', '1:11: error: primary: "10.0.0.300" is not an address'],
  ['primary = 010.0.0.1', '1:11: error: primary: "010.0.0.1" is not an address (leading zeros are not allowed)'],
  ['primary = 10.1', '1:11: error: primary: "10.1" is not an address (all four numbers are needed)'],
  ['primary = 0.0.0.0', '1:11: error: primary: "0.0.0.0" is no host'],
  ['primary = 224.0.0.18', '1:11: error: primary: "224.0.0.18" is the address of no single host'],
  ['primary = fe80::1::2', '1:11: error: primary: "fe80::1::2" is not an address'],
  ['primary = a/b', '1:11: error: primary: "a/b" is neither an address nor a host name'],
  ['nat_router = 10.0.0.1', '1:14: error: nat_router: a device is needed after the address (such as eth0:1)'],
  ['nat_router = 10.0.0.1 e/0', '1:23: error: nat_router: "e/0" is not a device'],
  [
    'nat_router = 10.0.0.1 enp0s31f6a7:long',
    '1:23: error: nat_router: "enp0s31f6a7:long" is too long for a device (15 bytes at most)',
  ],
  ['nat_nmask = 255.0.255.0', '1:13: error: nat_nmask: the netmask 255.0.255.0 has holes'],
  [
    'rsh_command = ssh -p 22',
    '1:19: error: rsh_command: unexpected "-p" after the value (a value of several words needs quotation marks around it)',
  ],
  ['ipvsadm = ipvsadm', '1:11: error: ipvsadm: "ipvsadm" is not a path that begins with /'],
  ['service = LVS', '1:11: error: service: "LVS" is not allowed here (did you mean "lvs"?)'],
  ['service =', '1:1: error: service has no value'],
  ['service lvs', '1:9: error: = is expected after service'],
  ['= lvs', '1:1: error: a key is missing before ='],
])('%j is refused with its place', (line, error) => {
  expect(errorsOf(line)).toEqual([`f:${error}`]);
});

const counts = 'primary = 10.0.0.1\nbackup = 10.0.0.2\nbackup_active = 1\nsyncdaemon = 1\n';

test.each([
  ['keepalive = 0', '5:13: error: keepalive: "0" is out of range (0.02 to 86400)'],
  ['keepalive = -1', '5:13: error: keepalive: "-1" is out of range (0.02 to 86400)'],
  ['keepalive = 5s', '5:13: error: keepalive: "5s" is not a number of seconds'],
  ['heartbeat_port = 0', '5:18: error: heartbeat_port: "0" is out of range (1 to 65535)'],
  ['syncd_id = 256', '5:12: error: syncd_id: "256" is out of range (0 to 255)'],
  [
    'heartbeat_port = gopherd',
    '5:18: error: heartbeat_port: "gopherd" is neither a port nor a service of /etc/services',
  ],
])('%j is refused where it has an effect, and is a warning where it has none', (line, error) => {
  expect(errorsOf(counts + line)).toEqual([`f:${error}`]);
  expect(errorsOf(line)).toEqual([]);
  const [found] = parseConfiguration(line).diagnostics;
  expect(found?.message).toContain('; nothing depends on it here');
});

test.each([
  'serial_no = 202611301530',
  'serial_no = 08',
  'debug_level = NONE"',
  'hard_shutdown = yes',
  'failback_delay = -1',
  'backup = 10.0.0.300',
  'primary_private = 10.1',
  'network = direct\nnat_router = 10.0.0.1',
  'network = direct\nnat_nmask = 255.0.255.0',
  'keepalive = x\nkeepalive = 3',
  'failover v {\nactive = 1\nport = 70000\n}',
])('what has no effect does not keep a file from starting: %j', (text) => {
  const { diagnostics, configuration } = parseConfiguration(text);
  expect(configuration).toBeDefined();
  expect(diagnostics.map(({ severity }) => severity)).toContain('warning');
});

test('a value that was refused leaves what counts without it', () => {
  expect(configurationOf('keepalive = 0\nheartbeat_port = gopherd\n')).toMatchObject({
    keepalive: seconds(2),
    heartbeatPort: 539,
  });
});

test.each([
  ['timeout = 0', '3:11: error: timeout: "0" is out of range (0.02 to 86400)'],
  ['port = 70000', '3:8: error: port: "70000" is out of range (0 to 65535)'],
  ['fwmark = -1', '3:10: error: fwmark: "-1" is out of range (0 to 4294967295)'],
  ['fall = 0', '3:8: error: fall: "0" is out of range (1 to 100)'],
  ['pmask = none', '3:9: error: pmask: "none" is not a netmask (such as 255.255.255.0, or 64 for IPv6)'],
  ['slow_start = maybe', '3:14: error: slow_start: "maybe" is not a number of seconds'],
  ['sched_flags = sh-prt', '3:15: error: sched_flags: "sh-prt" is not allowed here (did you mean "sh-port"?)'],
])('%j in an active virtual block is refused, and is a warning in an inactive one', (line, error) => {
  const block = (active: number): string =>
    `virtual v {\nactive = ${active}\n${line}\npersistent = 60\naddress = 10.0.0.1 eth0\n}`;
  expect(errorsOf(block(1))).toEqual([`f:${error}`]);
  expect(errorsOf(block(0))).toEqual([]);
  expect(parseConfiguration(block(0)).diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
});

test('an unknown key in a block without an active line is an error: it may be that line, misspelt', () => {
  expect(errorsOf('virtual v {\nactiv = 1\n}')).toEqual(['f:2:1: error: unknown key "activ" (did you mean "active"?)']);
  expect(errorsOf('virtual v {\nactive = 0\nfoo = 1\n}')).toEqual([]);
  expect(errorsOf('virtual v {\nactive = 2\nfoo = 1\n}')).toHaveLength(2);
});

test('an inactive server is a draft, too, and one in an inactive block', () => {
  const server = (virtual: number, active: number): string =>
    `virtual v {\nactive = ${virtual}\naddress = 10.0.0.1 eth0\nserver s {\nactive = ${active}\naddress = 10.2.0.1\nweight = -2\n}\n}`;
  expect([server(1, 1), server(1, 0), server(0, 1)].map((text) => errorsOf(text).length)).toEqual([1, 0, 0]);
});

test('an IPv6 address in brackets is refused with the way to write it', () => {
  const expected =
    'f:1:11: error: primary: "[2001:DB8::1]" is not an address (write 2001:db8::1 without brackets or port)';
  expect(errorsOf('primary = [2001:DB8::1]')).toEqual([expected]);
  expect(errorsOf('primary = [::1]:80')[0]).toContain('write ::1 without brackets or port');
  expect(errorsOf('primary = [nowhere]')[0]).toContain('is neither an address nor a host name');
});

test.each([
  ['kepalive = 1', 'unknown key "kepalive" (did you mean "keepalive"?)'],
  ['DEADTIME = 1', 'unknown key "DEADTIME" (did you mean "deadtime"?)'],
  ['debug = NONE', 'unknown key "debug" (did you mean "debug_level"?)'],
  ['active_command = /x', 'unknown key "active_command" (did you mean "active_cmd"?)'],
  ['port = 80', 'unknown key "port" (it belongs in a virtual block or in a server block)'],
  ['weight = 1', 'unknown key "weight" (it belongs in a server block)'],
  ['log_file = /x', 'unknown key "log_file"'],
  ['some words', 'unknown key "some" (a line reads KEY = VALUE)'],
])('%j is refused with what may be meant', (line, message) => {
  expect(errorsOf(line)).toEqual([`f:1:1: error: ${message}`]);
});

test.each([
  ['virtual v {\nexpect_program = "x"\n}', 'expect_program'],
  ['failover v {\nheartbeat = 1\n}\nservice = fos', 'heartbeat'],
  ['virtual v {\ndeadtime = 1\n}', 'deadtime'],
  ['virtual v {\nserver s {\n\n}\n}'.replace('\n\n', '\nnmask = 255.255.255.0\n'), 'nmask'],
])('a key that only the web interface writes is named as such: %j', (text, key) => {
  const [error] = errorsOf(text);
  expect(error).toContain(`unknown key "${key}" (the web interface leaves it behind; the line can be removed)`);
});

test('names of services are looked up for the own protocol of the block, wherever its line stands', () => {
  const services = 'time 37/tcp\ntime 38/udp\n';
  const ports = (text: string): unknown => parseConfiguration(text, services).configuration?.virtualServers[0]?.port;
  expect(ports('virtual v {\nport = time\nprotocol = udp\n}')).toBe(38);
  expect(ports('virtual v {\nport = time\n}')).toBe(37);
});

test('quoted values lose their quotes and keep their escapes; single quotes mean the same', () => {
  const virtual = virtualOf(
    String.raw`send = "GET / HTTP/1.0\r\n\r\n"`,
    `expect = 'HTTP'`,
    'send_program = "/x  %h %p"',
  );
  expect(virtual?.check).toMatchObject({
    send: String.raw`GET / HTTP/1.0\r\n\r\n`,
    expect: 'HTTP',
    sendProgram: ['/x', '%h', '%p'],
  });
});

test('IPv6 addresses may stand wherever an address may, with a prefix length as netmask', () => {
  const virtual = virtualOf(
    'active = 1',
    'address = 2001:DB8:0::10 eth0',
    'vip_nmask = 64',
    'persistent = 30',
    'pmask = 48',
    'sorry_server = 2001:db8::99',
    'server s {',
    'active = 1',
    'address = 2001:db8::21',
    '}',
  );
  expect(virtual).toMatchObject({
    vip: { address: '2001:db8::10', device: 'eth0', prefix: 64 },
    persistentPrefix: 48,
    sorryServer: '2001:db8::99',
    servers: [{ address: '2001:db8::21' }],
  });
});

test('a mask of all ones, or of none, groups no clients', () => {
  const group = (mask: string): number | undefined => virtualOf('persistent = 9', `pmask = ${mask}`)?.persistentPrefix;
  expect([group('255.255.255.255'), group('0.0.0.0'), group('255.255.0.0')]).toEqual([undefined, undefined, 16]);
});
