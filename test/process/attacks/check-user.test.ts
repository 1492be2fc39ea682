// A nanny that strangers have taken over: it is no more than a user of its own, and neither it nor its programs get at
// what makes a router.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import { childrenOf, nannyProgram, startNanny } from '../nanny-process.ts';
import { web } from '../lvs-cf.ts';
import { safeFolder } from '../safe-folder.ts';

jest.setTimeout(120_000);

const stranger = 65_534;
const folder = await safeFolder('check-user');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** As root has them on a router: the heartbeat's key, a folder like /run/piranha with a file in it. */
const key = write('key', 'x'.repeat(32), 0o600);
const state = join(folder, 'state');
mkdirSync(state);
chmodSync(state, 0o700);
const owner = write('state/owner.json', '{}', 0o600);

/** The lines of /proc/PID/status that tell what a process may do. */
function powersOf(pid: number | 'self'): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':').map((part) => part.trim().replaceAll(/\s+/g, ' ')));
  const wanted = ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapAmb'];
  return Object.fromEntries(
    fields.flatMap(([name = '', value = '']) => (wanted.includes(name) ? [[name, value]] : [])),
  );
}

const all = (id: number): string => [id, id, id, id].join(' ');
const none = '0000000000000000';
const powerless = {
  ...{ Uid: all(stranger), Gid: all(stranger), Groups: '' },
  ...{ CapInh: none, CapPrm: none, CapEff: none, CapAmb: none },
};

/** What whoever has taken a nanny over would try. Each line that it prints is something that it got. */
const attempts = `
id -u | grep -qx ${stranger} || echo "is $(id)"
grep -q '^CapEff:\\s*${none}' /proc/self/status || echo has-capabilities
cat ${key} 2>/dev/null && echo read-key
cat ${owner} 2>/dev/null && echo read-state
ls ${state} 2>/dev/null && echo listed-state
touch ${state}/lvs.sock 2>/dev/null && echo wrote-state
echo 1 2>/dev/null >${folder}/lvs.cf && echo wrote-file
kill -0 1 2>/dev/null && echo signalled-init
kill -0 ${process.pid} 2>/dev/null && echo signalled-root
cat /proc/1/environ 2>/dev/null && echo read-environment
[ "$HOME" = /root ] && echo root-home
true`;

describe('a nanny with --user', () => {
  test('is that user for good, with no group and no privilege left, and so is what it runs', async () => {
    const nanny = startNanny(
      folder,
      { PATH: process.env['PATH'], HOME: '/root' },
      [process.execPath],
      [`--user=${stranger}:${stranger}`],
    );
    const { verdict } = await nanny.check({
      port: 80 as never,
      program: ['sh', '-c', `{ ${attempts}\n} | grep . >&2 && exit 1; :`],
    });
    expect(verdict).toBe('up');
    expect(powersOf(nanny.pid)).toEqual(powerless);
    expect(await nanny.end()).toEqual({ status: 0, complaints: '' });
  });

  test('the same attempts succeed as root: they can fail', async () => {
    const nanny = startNanny(folder, { PATH: process.env['PATH'], HOME: '/root' });
    const { verdict } = await nanny.check({
      port: 80 as never,
      program: ['sh', '-c', `{ ${attempts}\n} | grep . >&2 && exit 1; :`],
    });
    expect(verdict).toMatch(/^down: .*status 1, "is uid=0/s);
    expect(powersOf(nanny.pid)).toMatchObject({ Uid: all(0) });
    await nanny.end();
    rmSync(join(folder, 'lvs.cf'), { force: true });
  });

  test.each([
    ['a number that it may not become', `${stranger - 1}:${stranger}`, stranger, /cannot run as .*EPERM/],
    ['root', '0:0', stranger, /cannot run as 0:0: .*EPERM/],
    ['nobody that there is', 'no-such-user-here', 0, /cannot run as no-such-user-here: there is no such user/],
  ])('does not work as somebody else: %s', (_, user, uid, complaint) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [nannyProgram, '--commands', `--user=${user}`], {
      ...{ uid, gid: uid, encoding: 'utf8', timeout: 60_000, input: '{"type":"ping"}\n' },
    });
    expect({ status, stdout, stderr }).toEqual({ status: 77, stdout: '', stderr: expect.stringMatching(complaint) });
    expect(stderr).toContain('no server is judged by that');
  });

  test('by hand it takes a name', () => {
    const args = [nannyProgram, '-h', '127.0.0.1', '--once', '--user', 'nobody', '-e', 'sh -c id>&2;false'];
    const { stderr, stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    expect({ status, text: stdout + stderr }).toMatchObject({ status: 2 });
    const lost = spawnSync(process.execPath, [...args.slice(0, 4), '--user', 'no-such-user-here'], {
      encoding: 'utf8',
    });
    expect(lost).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no such user') });
  });
});

/** lvs by hand where it can leave no trace: a /run of its own, no network. */
async function withLvs(line: string, look: (nanny: number, lvs: ChildProcess) => Promise<void>): Promise<string> {
  const nanny = write('nanny', `#!/bin/sh\nexec ${process.execPath} ${nannyProgram} "$@"\n`, 0o755);
  const sleeper = web.replace('active = 1', 'active = 1\n  send_program = "/usr/bin/sleep 23"\n  timeout = 25');
  const file = write('lvs.cf', `${line}primary = 192.0.2.1\nipvsadm = /bin/true\n${sleeper}`, 0o644);
  const script = 'mount -t tmpfs none /run && exec "$@"';
  const program = [process.execPath, resolve('build/lib/lvs.cjs'), '-n', '-c', file, '--nanny', nanny];
  const lvs = spawn('unshare', ['--mount', '--net', 'sh', '-c', script, 'sh', ...program]);
  const said = Promise.all([text(lvs.stdout), text(lvs.stderr)]);
  const ended = once(lvs, 'close');
  try {
    const pid = await until('a nanny', 60_000, () =>
      childrenOf(lvs.pid ?? 0).find((each) => readFileSync(`/proc/${each}/comm`, 'utf8').startsWith('nanny')),
    );
    await look(Number(pid), lvs);
  } finally {
    lvs.kill('SIGTERM');
    await ended;
  }
  return (await said).join('');
}

describe('lvs', () => {
  test('a nanny of lvs is the user of lvs.cf and nothing more', async () => {
    const said = await withLvs('check_user = nobody\n', async (nanny) => {
      const program = await until('its program', 60_000, () => childrenOf(nanny)[0]);
      expect(powersOf(nanny)).toEqual(powerless);
      expect(powersOf(Number(program))).toEqual(powerless);
    });
    // lvs is root: it can end what is another user's now.
    expect(said).not.toMatch(/as root|SIGKILL/);
  });

  test('root is a choice, and needs no warning', async () => {
    const said = await withLvs('check_user = root\n', (nanny) => {
      expect(powersOf(nanny)).toMatchObject({ Uid: all(0) });
      return Promise.resolve();
    });
    expect(said).not.toContain('as root');
  });

  test('does not start for a user that there is not', () => {
    const file = write(
      'lost.cf',
      `check_user = no-such-user-here\nprimary = 127.0.0.1\nipvsadm = /bin/true\n${web}`,
      0o644,
    );
    const run = (name: string, ...args: readonly string[]) =>
      spawnSync(process.execPath, [`build/lib/${name}.cjs`, ...args, file], { encoding: 'utf8', timeout: 60_000 });
    const complaint = `${file}:1:14: error: check_user: nothing can be run as "no-such-user-here": there is no such user`;
    const safe = ['--lvsd', '/bin/true', '--send-arp', '/bin/true'];
    for (const { status, stderr, stdout } of [run('pulse', '-t', ...safe, '-c'), run('lvsctl', 'check', '--system')]) {
      expect(stdout + stderr).toContain(complaint);
      expect(status).not.toBe(0);
    }
  });

  test('a program that this user cannot run is told before it counts against servers', () => {
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o700);
    const program = write('closed/check', '#!/bin/sh\n', 0o755);
    const checked = web.replace('active = 1', `active = 1\n  send_program = "${program} %h"`);
    const file = write('barred.cf', `check_user = nobody\nprimary = 127.0.0.1\nipvsadm = /bin/true\n${checked}`, 0o644);
    const checkedBy = (command: string) => {
      writeFileSync(file, readFileSync(file, 'utf8').replace(/send_program = ".*"/, `send_program = "${command}"`));
      const { stdout, status } = spawnSync(process.execPath, ['build/lib/lvsctl.cjs', 'check', '--system', file], {
        ...{ encoding: 'utf8', timeout: 60_000 },
      });
      return { status, barred: stdout.includes('cannot be run by the user nobody, who runs checks') };
    };
    expect(checkedBy(`${program} %h`)).toEqual({ status: 1, barred: true });
    expect(checkedBy(`/bin/sh ${program} %h`)).toEqual({ status: 1, barred: true });
    expect(checkedBy('/bin/sh -c true')).toEqual({ status: 0, barred: false });
  });
});
