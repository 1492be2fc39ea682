// The files that were tried on the original's parser. Where ours differs from it, the test says so in words.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import type { UnresolvedConfiguration } from './configuration.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { parseConfiguration } from './parse-configuration.ts';

const textOf = (name: string): string =>
  readFileSync(new URL(`../fixtures/lvs.cf-cases/${name}.cf`, import.meta.url), 'utf8');

const said = (text: string, severity: 'error' | 'warning'): readonly string[] =>
  parseConfiguration(text)
    .diagnostics.filter((one) => one.severity === severity)
    .map((one) => formatDiagnostic('f', one));
const errorsIn = (name: string): readonly string[] => said(textOf(name), 'error');

function read(text: string): UnresolvedConfiguration {
  const { configuration } = parseConfiguration(text);
  if (configuration === undefined) throw new Error(said(text, 'error').join('\n'));
  return configuration;
}

test('valid/01: every key of the original is read as the original reads it', () => {
  expect(read(textOf('valid/01-every-key'))).toMatchObject({
    primary: '192.0.2.11',
    backup: '192.0.2.12',
    backupActive: true,
    privateChannel: { primary: '198.51.100.11', backup: '198.51.100.12' },
    service: 'lvs',
    rshCommand: ['ssh'],
    heartbeatPort: 1539,
    keepalive: seconds(4),
    deadtime: seconds(12),
    // It floats with network = nat alone.
    natRouter: undefined,
    activeCommand: ['/usr/local/bin/took-over', 'now'],
    inactiveCommand: ['/usr/local/bin/stood-down'],
    monitorLinks: true,
    ipvsadm: '/usr/local/sbin/ipvsadm',
    syncDaemon: { device: 'ethc', id: 19 },
    timeouts: { tcp: 600, tcpFin: 90, udp: 240 },
  });
});

test('valid/01: every key of virtual and server blocks too; a server inherits port and weight', () => {
  expect(read(textOf('valid/01-every-key')).virtualServers).toEqual([
    {
      name: 'mail',
      active: true,
      vip: { address: '203.0.113.25', device: 'etha:3', prefix: 25 },
      port: 25,
      protocol: 'tcp',
      fwmark: 25,
      scheduler: 'lblcr',
      schedulerFlags: [],
      onePacket: false,
      persistent: 45,
      persistentPrefix: 24,
      network: 'tunnel',
      sorryServer: '192.0.2.99',
      quiesceServer: true,
      check: {
        // Ours takes the quotes off here, the original's lvsd did it later.
        send: String.raw`HELO probe\r\n`,
        expect: '2.*',
        useRegex: true,
        sendProgram: ['/usr/local/bin/mailcheck', '%h', '%p'],
        timeout: seconds(8),
        reentry: seconds(32),
        fall: 1,
      },
      loadMonitor: ['ruptime'],
      slowStart: 'on',
      servers: [
        { name: 'alpha', active: true, address: '198.51.100.31', port: 2525, weight: 6, ...tunnel },
        { name: 'beta', active: false, address: '198.51.100.32', port: 25, weight: 1, ...tunnel },
      ],
    },
  ]);
});

const tunnel = { network: 'tunnel', forwardPort: 0, upper: 0, lower: 0 };

test('valid/01: keys that do nothing, are replaced or are not in effect yet are warned about', () => {
  const warned = parseConfiguration(textOf('valid/01-every-key')).diagnostics.map(
    ({ line, code }) => `${line} ${code}`,
  );
  expect(warned).toEqual([
    ...['5 replaced', '8 no-key', '11 replaced', '19 replaced', '43 replaced'],
    ...['53 no-effect', '54 no-effect', '55 no-effect', '56 no-effect'],
  ]);
});

test('valid/02: ours refuses the weight -2, which the original took for 1, where the server is active', () => {
  const active = textOf('valid/02-lexing')
    .replace('port = 0', 'port = 0\nactive = 1')
    .replace('weight', 'active = 1\nweight');
  expect(said(active, 'error')).toContain('f:21:10: error: weight: "-2" is out of range (0 to 65535)');
  expect(errorsIn('valid/02-lexing')).toEqual([]);
});

test('valid/02: with the weight 2 the rest means the same; octal and hexadecimal numbers stay', () => {
  const configuration = read(textOf('valid/02-lexing').replace('weight = -2', 'weight = 2'));
  expect(configuration).toMatchObject({
    keepalive: seconds(10),
    deadtime: seconds(20),
    rshCommand: ['ssh', '-p', '2222'],
    virtualServers: [
      {
        name: 'two words',
        vip: { address: '203.0.113.10', device: 'etha:1' },
        port: 0,
        check: { send: 'one # two { three }', expect: String.raw`say\"hi\"now`, useRegex: true },
        servers: [{ name: 'x{y', active: false, address: '198.51.100.40', port: 0, weight: 2 }],
      },
    ],
  });
});

test('valid/02: octal numbers count (030 is 24) where the last of two equal keys does not hide them', () => {
  const text = textOf('valid/02-lexing').replace('weight = -2', 'weight = 2').replace('deadtime = +024\n', '');
  expect(read(text).deadtime).toBe(seconds(24));
});

test('valid/03: a server copies the port known so far, and globals may stand anywhere', () => {
  const { network, ...configuration } = { network: 'direct', ...read(textOf('valid/03-order')) };
  expect(configuration.virtualServers[0]).toMatchObject({
    port: 7443,
    servers: [
      { name: 'early', port: 80, network },
      { name: 'late', port: 8443, network },
      { name: 'own', port: 9443, network },
    ],
  });
});

test('valid/03: the backup_private without primary_private is dropped, and ours says so', () => {
  expect(read(textOf('valid/03-order')).privateChannel).toBeUndefined();
  expect(said(textOf('valid/03-order'), 'warning')).toContain(
    'f:21:18: warning: backup_private has no effect without primary_private: there is no private channel',
  );
});

test('valid/04: failover services are read and checked; the daemons refuse them later', () => {
  const { service, virtualServers } = read(textOf('valid/04-failover'));
  expect(service).toBe('fos');
  expect(virtualServers.map(({ name, scheduler, port }) => ({ name, scheduler, port }))).toEqual([
    { name: 'ignored-by-fos', scheduler: 'dh', port: 80 },
  ]);
});

test('valid/05: ours refuses what the original let pass where it has an effect, and names every place', () => {
  const open = [
    'f:10:18: error: the quotation mark is never closed',
    'f:15:1: error: virtual block "twin" is never closed (a line with } is missing)',
    'f:17:6: error: server block "only" is never closed (a line with } is missing)',
  ];
  expect(errorsIn('valid/05-accepted-oddities')).toEqual(open);
  const pair = 'backup_active = 1';
  const [comment = '', ...lines] = textOf('valid/05-accepted-oddities').split('\n');
  const active = lines.join('\n').replace('virtual twin {', 'virtual twin { # first\nactive = 1');
  expect(said(`${pair}\nbackup = 10.0.0.2\nprimary = 10.0.0.1 ${comment}\n${active}`, 'error')).toEqual([
    'f:4:13: error: keepalive: "" is not a number of seconds',
    'f:5:12: error: deadtime: "4294967299" is out of range (0.02 to 86400)',
    'f:10:14: error: pmask: "not-a-mask" is not a netmask (such as 255.255.255.0, or 64 for IPv6)',
    'f:12:13: error: port: "70000" is out of range (0 to 65535)',
    'f:13:18: error: the quotation mark is never closed',
    'f:16:13: error: "tail\\"" ends in a quotation mark that was never opened',
    'f:18:1: error: virtual block "twin" is never closed (a line with } is missing)',
    'f:20:6: error: server block "only" is never closed (a line with } is missing)',
  ]);
});

test('valid/05: the switch with the value 5 is on, as it was, with a warning', () => {
  expect(said(textOf('valid/05-accepted-oddities'), 'warning')).toContain(
    'f:4:17: warning: monitor_links = 5 counts as 1 (write 1 or 0)',
  );
});

test('valid/06: ours reads the whole of a file with CR LF, of which the original saw nothing, and so refuses it', () => {
  expect(errorsIn('valid/06-crlf')).toEqual(['f:3:1: error: unknown key "this" (a line reads KEY = VALUE)']);
  expect(said(textOf('valid/06-crlf'), 'warning')).toEqual([
    'f:2:13: warning: deadtime (5 s) must be longer than keepalive (9 s)',
  ]);
});

test('valid/06: without the line that is no entry ours reads it as it looks', () => {
  const text = textOf('valid/06-crlf').replace(/^this.*\r\n/m, 'deadtime = 18\r\n');
  expect(read(text)).toMatchObject({ keepalive: seconds(9), deadtime: seconds(18), service: 'fos' });
});

test('invalid/01: ours accepts key=value without blanks', () => {
  expect(read(textOf('invalid/01-glued-equals')).deadtime).toBe(seconds(15));
});

test('invalid/02: ours accepts a comment after a value', () => {
  expect(read(textOf('invalid/02-inline-comment')).virtualServers[0]).toMatchObject({ port: 80, active: true });
});

test('invalid/03: ours accepts a blank after a quoted word', () => {
  expect(read(textOf('invalid/03-blank-after-quoted-word')).keepalive).toBe(seconds(5));
});

test('invalid/04: the brace on the next line is refused once, and taken for what it is', () => {
  expect(errorsIn('invalid/04-brace-on-next-line')).toEqual([
    'f:6:9: error: the opening brace must end the line of virtual',
  ]);
});

test('invalid/05: upper and lower case count in words; in an inactive block that is a warning', () => {
  expect(said(textOf('invalid/05-word-case'), 'warning')).toEqual([
    'f:5:18: warning: scheduler: "WLC" is not allowed here; nothing depends on it here (did you mean "wlc"?)',
  ]);
});

test('invalid/06: a server takes its port by number alone; in an inactive block that is a warning', () => {
  expect(said(textOf('invalid/06-server-port-name'), 'warning')).toEqual([
    'f:7:17: warning: port: "https" is not a whole number; nothing depends on it here',
  ]);
});
