import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { checksOf } from './checks.ts';

/** How the only server of one virtual server is asked for its load. */
function loadFor(lines: string, globals = '', serverLines = '') {
  const server = `server web1 {\nactive = 1\naddress = 10.0.1.1\n${serverLines}\n}`;
  const text = `${globals}\nvirtual web {\nactive = 1\naddress = 10.0.0.100 eth0:1\n${lines}\n${server}\n}\n`;
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
  return [...checksOf(loaded.value.configuration)][0]?.[1].check.load ?? null;
}

const programFor = (monitor: string, globals?: string) => loadFor(`load_monitor = "${monitor}"`, globals)?.program;

test.each(['', 'load_monitor = none', 'load_monitor = ""'])('nobody is asked where the file has %j', (line) => {
  expect(loadFor(line)).toBeNull();
});

test('nobody is asked about a server of weight 0: nothing can raise it', () => {
  expect(loadFor('load_monitor = rup', '', 'weight = 0')).toBeNull();
});

test('uptime is run on the server, through rsh where the file does not say how', () => {
  expect(programFor('uptime')).toEqual(['rsh', '10.0.1.1', 'uptime']);
});

test.each([
  ['rsh -l mon', ['rsh', '-l', 'mon', '10.0.1.1', 'uptime']],
  ['/opt/shell', ['/opt/shell', '10.0.1.1', 'uptime']],
])('uptime is run on the server through %s where the file says so', (shell, program) => {
  expect(programFor('uptime', `rsh_command = "${shell}"`)).toEqual(program);
});

const unattended = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=8'];

test.each([
  ['ssh', ['ssh', ...unattended]],
  ['/usr/bin/ssh -p 2222', ['/usr/bin/ssh', ...unattended, '-p', '2222']],
  ['sudo -u mon ssh', ['sudo', '-u', 'mon', 'ssh', ...unattended]],
  ['ssh gateway rsh', ['ssh', ...unattended, 'gateway', 'rsh']],
])('ssh, as in %j, never asks for a password and does not wait for ever', (shell, before) => {
  expect(programFor('uptime', `rsh_command = "${shell}"`)).toEqual([...before, '10.0.1.1', 'uptime']);
});

test.each([
  ['ssh -o batchmode=no', ['ssh', '-o', 'ConnectTimeout=8', '-o', 'batchmode=no']],
  ['ssh -oConnectTimeout=3', ['ssh', '-o', 'BatchMode=yes', '-oConnectTimeout=3']],
])('what %j says about that counts', (shell, before) => {
  expect(programFor('uptime', `rsh_command = "${shell}"`)).toEqual([...before, '10.0.1.1', 'uptime']);
});

test('ssh may take as long as the check, but for two seconds to complain in', () => {
  expect(loadFor('load_monitor = ssh\ntimeout = 30')?.program).toContain('ConnectTimeout=28');
});

test.each([
  ['rup', ['rup', '10.0.1.1']],
  ['/opt/load --fast', ['/opt/load', '--fast', '10.0.1.1']],
  ['/usr/bin/rsh', ['/usr/bin/rsh', '10.0.1.1', 'uptime']],
  ['ssh -p 22', ['ssh', ...unattended, '-p', '22', '10.0.1.1', 'uptime']],
])('%j as the monitor is given the address, and a remote shell what to run too', (monitor, program) => {
  expect(loadFor(`load_monitor = "${monitor}"`)).toEqual({ program, every: 20_000, host: null });
});

test.each(['ruptime', '/usr/bin/ruptime'])(
  '%s tells of all hosts: the line with the name of the server counts',
  (monitor) => {
    expect(loadFor(`load_monitor = ${monitor}`)).toEqual({ program: [monitor], every: 20_000, host: 'web1' });
  },
);

test.each([
  [0.5, 20_000],
  [6, 18_000],
  [10, 20_000],
  [15, 15_000],
  [20, 20_000],
  [21, 21_000],
  [60, 60_000],
])('with a check each %d s the load is asked for each %d ms', (timeout, every) => {
  expect(loadFor(`load_monitor = rup\ntimeout = ${timeout}`)?.every).toBe(every);
});
