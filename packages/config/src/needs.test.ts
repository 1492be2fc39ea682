import { expect, test } from '@jest/globals';
import { configurationFromText } from './hands/load.ts';

/** What a file needs, one line each. */
function needs(text: string): readonly string[] {
  const loaded = configurationFromText('f', text, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.needs.map(
    ({ line, column, key, type, name, active }) =>
      `${line}:${column} ${key}: ${type} ${name}${active ? '' : ' (inactive)'}`,
  );
}
const virtual = (lines: string, active = 1): string =>
  `virtual v {\nactive = ${active}\naddress = 10.1.0.100 eth0:1\n${lines}\n}\n`;

test('ipvsadm is needed, and the interface of every service', () => {
  expect(needs(virtual(''))).toEqual(['0:0 ipvsadm: program /sbin/ipvsadm', '3:11 address: device eth0']);
  expect(needs(virtual('', 0))).toContain('3:11 address: device eth0 (inactive)');
});

test('the commands of the router, and its interfaces', () => {
  const text = 'ipvsadm = /x/ipvsadm\nactive_cmd = "/x/up now"\nnat_router = 10.2.0.1 eth1:2\nsyncdaemon = 1\n';
  expect(needs(`${text}syncd_iface = eth2\n`)).toEqual([
    '1:11 ipvsadm: program /x/ipvsadm',
    '2:14 active_cmd: program /x/up',
    '3:14 nat_router: device eth1',
    '5:15 syncd_iface: device eth2',
  ]);
  expect(needs('network = direct\nnat_router = 10.2.0.1 eth1:2')).toHaveLength(1);
});

test.each([
  ['send_program = "/x/check %h"', '4:16 send_program: program /x/check'],
  ['load_monitor = rup', '4:16 load_monitor: program rup'],
  ['load_monitor = uptime', '4:16 rsh_command: program rsh'],
  ['load_monitor = "uptime -p"', '4:16 load_monitor: program uptime'],
])('%s: %s', (line, wanted) => {
  expect(needs(virtual(line))[2]).toBe(wanted);
  expect(needs(virtual(line, 0))[2]).toBe(`${wanted} (inactive)`);
});

test.each([
  ['/opt/check %h', []],
  ['/bin/sh /opt/check %h', ['/opt/check']],
  ['/usr/bin/python3.11 -u /opt/check.py', ['/opt/check.py']],
  ['/usr/bin/timeout 5 /bin/sh /opt/check /etc/x', ['/bin/sh', '/opt/check']],
  ['nice -n 5 /opt/check /etc/x', ['/opt/check']],
  ['/usr/bin/flock /run/lock /opt/check', ['/opt/check']],
  ['/usr/bin/flock -n /run/lock', ['/run/lock']],
  ['/usr/bin/setpriv --nnp /opt/check', ['/opt/check']],
  ['/bin/busybox sh /opt/check', ['/opt/check']],
  ['/usr/bin/touch /tmp/became-active', []],
  ['/opt/sh', []],
])('what the command "%s" runs beside its program', (line, scripts) => {
  const found = needs(`active_cmd = "${line}"\n${virtual(`send_program = "${line}"`)}`);
  const named = (place: string) => found.filter((each) => each.startsWith(`${place}: script `));
  expect(named('1:14 active_cmd')).toEqual(scripts.map((each) => `1:14 active_cmd: script ${each}`));
  expect(named('5:16 send_program')).toEqual(scripts.map((each) => `5:16 send_program: script ${each}`));
});

test('uptime goes through rsh_command; nobody asked needs nothing', () => {
  const asked = needs(`rsh_command = "ssh -4"\n${virtual('load_monitor = uptime')}`);
  expect(asked).toContain('1:15 rsh_command: program ssh');
  expect(needs(virtual('load_monitor = none'))).toHaveLength(2);
});

test('a key is needed where heartbeats are signed', () => {
  const pair = 'primary = 10.1.0.1\nbackup = 10.1.0.2\nheartbeat_key_file = /x/key\n';
  expect(needs(`${pair}backup_active = 1`)[0]).toBe('3:22 heartbeat_key_file: key-file /x/key');
  expect(needs(pair)).toHaveLength(1);
  expect(needs(`${pair}backup_active = 1\nheartbeat_auth = off`)).toHaveLength(1);
});
