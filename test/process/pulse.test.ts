// The bundled pulse as a real process: what keeps it from starting, and what it tells then.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { folderWithFile, web } from './lvs-cf.ts';

const { folder, file } = await folderWithFile('pulse');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const good = `primary = 127.0.0.1\nipvsadm = /bin/true\n${web}check_user = root\n`;

function pulse(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['build/lib/pulse.cjs', ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

test('a good file passes the test start, which says the role', () => {
  const path = file(good);
  const words = `${path} is good; this machine is the primary\n`;
  expect(pulse('--test-start', '-c', path)).toEqual({ status: 0, stdout: words, stderr: '' });
});

test('what this machine lacks keeps pulse from starting, but for an interface', () => {
  const key = join(folder, 'key');
  writeFileSync(key, 'short', { mode: 0o600 });
  const pair = `backup = 192.0.2.2\nbackup_active = 1\nheartbeat_key_file = ${key}\n`;
  const needy = good.replace('lo:1', 'nosuchdev0:1').replace('/bin/true', '/no/ipvsadm');
  // The machine is neither router of this file: heartbeats have to leave the machine, and the tests do not know its address.
  const path = file(`${pair}${needy.replace('127.0.0.1', '192.0.2.1')}`);
  const { status, stderr } = pulse('-t', '-c', path);
  expect(status).toBe(78);
  expect(stderr.split('\n')).toEqual([
    `${path}:3:22: error: heartbeat_key_file ${key}: 5 bytes: a key has at least 32`,
    expect.stringMatching(/:5:11: error: ipvsadm: "\/no\/ipvsadm" is not there \(nothing can be written/),
    expect.stringMatching(/:8:13: warning: address: the interface "nosuchdev0" is not there/),
    '',
  ]);
  const late = file(good.replace('lo:1', 'nosuchdev0:1'));
  expect(pulse('-t', '-c', late)).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/: warning: address: .*\n$/),
  });
  expect(pulse('-t', '-c', file(good.replace('/bin/true', '/no/ipvsadm'))).status).toBe(1);
});

test.each([['-n'], ['--test-start'], []])('mistakes keep it from starting, in the background too (%j)', (...mode) => {
  const bad = good.replace('port = 80', 'port = web\nprot = udp').replace('active = 1\n  }', 'active = 2\n  }');
  const path = file(bad);
  const { status, stderr } = pulse(...mode, '-c', path);
  expect(status).toBe(78);
  const places = stderr.split('\n').filter((line) => line.includes(': error: '));
  expect(places.map((line) => line.slice(path.length + 1).replace(/: error.*/, ''))).toEqual(['6:10', '7:1', '10:14']);
});

test('a file that does not exist is named', () => {
  const { status, stderr } = pulse('-c', '/nonexistent/lvs.cf');
  expect(status).toBe(78);
  expect(stderr).toMatch(/^\/nonexistent\/lvs\.cf: error: failed to open/);
});

test('a file without an active virtual server is refused in the original words', () => {
  const path = file(good.replace('active = 1', 'active = 0'));
  expect(pulse('-c', path)).toMatchObject({
    status: 78,
    stderr: expect.stringContaining(`${path}: error: no active lvs services defined in ${path} (`),
  });
});

test('failover services are refused in one plain line', () => {
  const path = file(`service = fos\n${good}`);
  const { status, stderr } = pulse('-c', path);
  expect(status).toBe(78);
  expect(stderr).toBe(`${path}:1:11: error: service = fos: failover services are not built yet\n`);
});

test('routers whose names have no address yet are no mistake of the file: starting again may help', () => {
  expect(pulse('-t', '-c', file(good.replace('127.0.0.1', 'no-such-host.invalid'))).status).toBe(1);
});

test('a machine with neither address of the pair is told so', () => {
  // Without the test start it would wait for one.
  const { status, stderr } = pulse('-t', '-c', file(good.replace('127.0.0.1', '192.0.2.1')));
  expect(status).toBe(1);
  expect(stderr).toMatch(/neither of the routers' addresses/);
});

test('a backup whose backup_active is 0 ends with status 255', () => {
  const { status, stderr } = pulse('-c', file(`${good.replace('127.0.0.1', '192.0.2.1')}backup = 127.0.0.1\n`));
  expect(status).toBe(255);
  expect(stderr).toMatch(/lvs\.cf:1:11: error: this machine is the backup, and backup_active is 0/);
});

test.each([['--bogus'], ['surplus']])('the argument %s is refused with status 1', (argument) => {
  expect(pulse(argument).status).toBe(1);
});

test.each([['--version'], ['--help'], ['-?']])('%s is answered with status 0', (argument) => {
  const { status, stdout } = pulse(argument);
  expect(status).toBe(0);
  expect(stdout).toMatch(/pulse/);
});
