import { expect, test } from '@jest/globals';
import { parseConfiguration } from './parse-configuration.ts';

const found = (text: string): readonly string[] =>
  parseConfiguration(text).diagnostics.map(({ line, severity, code }) => `${line} ${severity} ${code}`);

/** The same but for what is said of every pair without a key. */
const foundBut = (text: string): readonly string[] => found(text).filter((each) => !each.endsWith('no-key'));

const active = (name: string, ...lines: readonly string[]): string =>
  [
    `virtual ${name} {`,
    'active = 1',
    ...lines,
    ...(lines.some((each) => each.startsWith('server')) ? [] : [anyServer]),
    '}',
    '',
  ].join('\n');
const anyServer = 'server any {\nactive = 1\naddress = 10.0.0.9\nport = 80\n}';
const web = (name: string, ...lines: readonly string[]): string => active(name, 'address = 10.1.0.1 eth0:1', ...lines);
const server = (name: string, ...lines: readonly string[]): string =>
  [`server ${name} {`, 'active = 1', ...lines, '}'].join('\n');

const pair = 'backup_active = 1\nprimary = 10.0.0.1\nbackup = 10.0.0.2\n';

test('a plain active service with a server has nothing wrong', () => {
  expect(found(web('w', server('a', 'address = 10.0.0.2')))).toEqual([]);
});

test.each([
  ['keepalive = 5\ndeadtime = 5', ['2 warning timers']],
  ['keepalive = 5\nbackup_active = 1\nbackup = 10.0.0.2\nprimary = 10.0.0.1', ['1 error timers']],
  ['keepalive = 5', ['1 warning timers']],
  ['keepalive = 5\nbackup_active = 1\nbackup = 0.0.0.0', ['1 warning timers', '2 warning no-backup']],
  [`keepalive = 2\ndeadtime = 4.4\n${pair}`, ['2 warning timers']],
  [`keepalive = 2\ndeadtime = 4.5\n${pair}`, []],
  ['keepalive = 2\ndeadtime = 4.4', []],
  [`keepalive = x\ndeadtime = 1\n${pair}`, ['1 error not-a-number']],
])('timers %j: %j', (text, expected) => {
  expect(foundBut(text)).toEqual(expected);
});

test.each([
  ['primary_private needs backup_private', `${pair}primary_private = 10.9.0.1`, ['4 error private-channel']],
  ['without a partner it is only a warning', 'primary_private = 10.9.0.1', ['1 warning private-channel']],
  ['backup_private alone has no effect', `${pair}backup_private = 10.9.0.2`, ['4 warning private-channel']],
  ['primary_private may repeat primary', `${pair}primary_private = 10.0.0.1`, []],
  ['both private addresses are fine', `${pair}primary_private = 10.9.0.1\nbackup_private = 10.9.0.2`, []],
  ['a partner needs to know the primary', 'backup_active = 1\nbackup = 10.0.0.2', ['1 error no-primary']],
  ['an active backup needs an address', 'backup_active = 1\nbackup = 0.0.0.0', ['1 warning no-backup']],
  [
    'a router is not its own backup',
    'backup_active = 1\nprimary = 10.0.0.1\nbackup = 10.0.0.1',
    ['3 error same-address'],
  ],
  ['both are of one IP version', 'backup_active = 1\nprimary = 10.0.0.1\nbackup = fd00::2', ['3 error family']],
  ['a signature needs a key', `${pair}heartbeat_auth = require`, ['4 error no-key-file']],
  ['without a partner nothing is signed', 'heartbeat_auth = require', ['1 warning no-key-file']],
  ['a backup without backup_active is surely not meant', 'backup = 10.0.0.2', ['1 warning backup-unused']],
  ['one that is switched off is', 'backup = 10.0.0.2\nbackup_active = 0', []],
  ['nor is it meant that there is none', 'backup = 0.0.0.0', []],
  ['no signature needs none', 'heartbeat_auth = off', []],
])('the pair: %s', (_rule, text, expected) => {
  expect(foundBut(text)).toEqual(expect.arrayContaining([...expected]));
  expect(foundBut(text)).toHaveLength(expected.length);
});

test.each([
  ['a pair without a key is warned of', pair, ['1 warning no-key']],
  ['one with a key is not', `${pair}heartbeat_key_file = /k`, []],
  ['nor one that says it wants none', `${pair}heartbeat_auth = off`, []],
  ['nor a router alone', 'primary = 10.0.0.1', []],
  [
    'a second key without a first one is none',
    `${pair}heartbeat_second_key_file = /k`,
    ['1 warning no-key', '4 error no-key-file'],
  ],
  ['one key twice is one', `${pair}heartbeat_key_file = /k\nheartbeat_second_key_file = /k`, ['5 warning no-effect']],
  ['two keys are for a change of keys', `${pair}heartbeat_key_file = /k\nheartbeat_second_key_file = /l`, []],
  ['without a partner they do nothing', 'heartbeat_second_key_file = /l', ['1 warning no-key-file']],
  ['nobody has more hops left than 255', `${pair}heartbeat_auth = off\nheartbeat_ttl = 256`, ['5 error out-of-range']],
])('signatures: %s', (_rule, text, expected) => {
  expect(found(text)).toEqual(expected);
});

test('a backup that is not active counts as no partner', () => {
  expect(parseConfiguration('backup_active = 1').configuration?.backupActive).toBe(false);
  expect(parseConfiguration(pair).configuration?.backupActive).toBe(true);
});

test('the private channel has both its ends or is none', () => {
  const channel = (text: string): unknown => parseConfiguration(pair + text).configuration?.privateChannel;
  expect(channel('primary_private = 10.9.0.1\nbackup_private = 10.9.0.2')).toEqual({
    primary: '10.9.0.1',
    backup: '10.9.0.2',
  });
  expect(channel('backup_private = 10.9.0.2')).toBeUndefined();
  expect(channel('primary_private = 10.0.0.1\nbackup_private = 10.9.0.2')).toBeUndefined();
});

test.each([
  ['an active service needs an address', active('w'), ['1 error no-address']],
  ['0.0.0.0 is none', active('w', 'address = 0.0.0.0 eth0:1'), ['3 error no-address']],
  ['an active server needs one too', web('w', server('s')), ['4 error no-address']],
  ['port 0 needs persistence', web('w', 'port = 0'), ['4 error zero-port']],
  ['and is fine with it', web('w', 'port = 0', 'persistent = 60'), []],
  ['a mark needs no port', web('w', 'port = 0', 'fwmark = 1'), []],
  [
    'a server of every port is checked at one of its own',
    web(
      'w',
      'port = 0',
      'persistent = 60',
      server('s', 'address = 10.0.0.2'),
      server('t', 'address = 10.0.0.3', 'port = 81'),
    ),
    ['6 warning zero-port'],
  ],
  [
    'a server of a mark without a port too',
    web('w', 'port = 0', 'fwmark = 1', server('s', 'address = 10.0.0.2')),
    ['6 warning zero-port'],
  ],
  [
    'or by a program',
    web('w', 'port = 0', 'fwmark = 1', 'send_program = /bin/true', server('s', 'address = 10.0.0.2')),
    [],
  ],
  [
    'with direct routing the port of a server of every port is nothing to be warned of',
    `network = direct\n${web('w', 'port = 0', 'persistent = 60', server('s', 'address = 10.0.0.2', 'port = 81'))}`,
    [],
  ],
  ['a group of clients needs persistence', web('w', 'pmask = 255.0.0.0'), ['4 warning no-persistence']],
  ['reentry 0 is not at once', web('w', 'reentry = 0'), ['4 warning reentry']],
  ['one-packet scheduling is for udp', web('w', 'ops = 1', 'network = direct'), ['4 error one-packet']],
  [
    'and its answers have to go their own way',
    `network = direct\n${web('w', 'ops = 1', 'protocol = udp', server('s', 'address = 10.0.0.2'), server('t', 'address = 10.0.0.3', 'network = nat'))}`,
    ['11 warning one-packet'],
  ],
  [
    'persistence keeps the ports of a mark',
    web(
      'w',
      'fwmark = 1',
      'persistent = 60',
      server('s', 'address = 10.0.0.2'),
      server('t', 'address = 10.0.0.3', 'port = 81'),
    ),
    ['13 warning port-not-forwarded'],
  ],
  ['flags belong to a scheduler', web('w', 'scheduler = mh', 'sched_flags = sh-port'), ['5 error scheduler-flags']],
  ['a server has a port of its own', web('w', server('s', 'address = 10.0.0.2', 'port = 0')), ['7 error zero-port']],
  [
    'without NAT ports stay as they are',
    `network = direct\n${web('w', server('s', 'address = 10.0.0.2', 'port = 81'))}`,
    ['8 warning port-not-forwarded'],
  ],
  [
    'lower stays below upper',
    web('w', server('s', 'address = 10.0.0.2', 'upper = 2', 'lower = 3')),
    ['8 error thresholds'],
  ],
  [
    'a server copies the port that was known when it began',
    web('w', server('s', 'address = 10.0.0.2'), 'port = 81'),
    ['4 warning port-order'],
  ],
])('%s', (_rule, text, expected) => {
  expect([...found(text)].sort()).toEqual([...expected].sort());
});

test('a server cannot copy a port that nobody knows', () => {
  expect(found('virtual w {\nport = nosuch\nserver a {\n}\nport = 80\n}')).toEqual([
    '3 warning unknown-service',
    '5 warning duplicate-key',
  ]);
  const active = (servers: string) =>
    `virtual w {\nactive = 1\naddress = 10.1.0.1 eth0\nport = nosuch\n${servers}port = 80\n}`;
  expect(found(active('server a {\nactive = 1\naddress = 10.0.0.2\n}\n'))).toContain('5 error unknown-service');
  expect(found(active('server a {\n}\n'))).toContain('5 warning unknown-service');
});

test('inactive blocks may be drafts', () => {
  expect(found('virtual w {\naddress = 0.0.0.0 eth0:1\nport = 0\nops = 1\nserver s {\nactive = 1\n}\n}')).toEqual([]);
});

test('reentry 0 is read as 180 seconds', () => {
  expect(parseConfiguration(web('w', 'reentry = 0')).configuration?.virtualServers[0]?.check.reentry).toBe(180_000);
});

test('all mistakes are found in one run', () => {
  expect(
    found(`max_nannies = a\nunknwon = 1\n${web('w', 'scheduler = x', server('s', 'weight = -1', 'port = http'))}`),
  ).toEqual([
    '1 error not-a-number',
    '2 error unknown-key',
    '6 error not-allowed',
    '7 error no-address',
    '9 error out-of-range',
    '10 error not-a-number',
  ]);
});
