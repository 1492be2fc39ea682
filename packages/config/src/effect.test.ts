import { expect, test } from '@jest/globals';
import { notInEffect } from './effect.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { keysOf } from './schema.ts';

const warnings = (text: string): readonly string[] =>
  parseConfiguration(text).diagnostics.map(({ line, severity, code }) => `${line} ${severity} ${code}`);
const block = (...lines: readonly string[]): string =>
  ['virtual v {', 'active = 1', 'address = 10.1.0.1 eth0:1', ...lines, server, '}'].join('\n');
const server = 'server s {\nactive = 1\naddress = 10.2.0.1\n}';

test.each(['notify_cmd = /x'])('%s is announced as not in effect yet', (line) => {
  expect(warnings(line)).toEqual(['1 warning not-in-effect']);
});

test.each([
  'arp_refresh = 30',
  'virtual v {\nactive = 1\naddress = fd00::1 eth0\nserver s {\nactive = 1\naddress = fd00:2::1\n}\n}',
  'network = nat\n\nnat_router = fd00::2 eth1:1',
])('what is in effect needs no warning: %j', (text) => {
  expect(warnings(text)).toEqual([]);
});

test.each(['heartbeat = 0', 'debug_level = 2', 'sync = 1'])('%s is said to do nothing', (line) => {
  expect(warnings(line)).toEqual(['1 warning no-effect']);
});

test.each(['heartbeat = 1', 'debug_level = NONE', 'sync = 0', 'hard_shutdown = 1', 'hard_shutdown = 0'])(
  "%s, as the original's own tool always wrote, is no warning",
  (line) => {
    expect(warnings(line)).toEqual([]);
  },
);

test.each(['primary_shared = /dev/sdx', 'reservation_conflict_action = preempt'])(
  '%s is said to be replaced',
  (line) => {
    expect(warnings(line)).toEqual(['1 warning replaced']);
  },
);

test('another monitor program is said to be replaced, the usual one is not', () => {
  expect(warnings(block('client_monitor = /opt/nanny'))).toEqual(['4 warning replaced']);
  expect(warnings(block('client_monitor = /usr/sbin/nanny'))).toEqual([]);
});

test('what the web interface writes into every file is accepted without a word', () => {
  expect(warnings(`serial_no = 42\nservice = lvs\n${block('load_monitor = none', 'quiesce_server = 0')}`)).toEqual([]);
});

test('inactive blocks are not warned about', () => {
  expect(warnings('virtual v {\nsend_program = /x\nmaster = 10.0.0.1\n}')).toEqual([]);
});

test('failover blocks that nothing uses raise one warning, whatever is in them', () => {
  const failover = 'failover f {\nactive = 1\nstart_cmd = /x\nserver s {\n}\n}\n';
  expect(warnings(failover + failover)).toEqual(['1 warning unused-failover']);
  expect(warnings(`${failover}service = fos\n`)).toEqual([]);
  expect(warnings('failover f {\nactive = 1\nport = x y\n}')).toContain('3 warning surplus-value');
});

test('only keys that exist are listed as not in effect', () => {
  const unknown = (['global', 'virtual', 'server'] as const).flatMap((scope) =>
    notInEffect[scope].filter((key) => !Object.hasOwn(keysOf[scope], key)),
  );
  expect(unknown).toEqual([]);
});
