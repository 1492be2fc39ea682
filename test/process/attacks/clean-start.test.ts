// Whoever starts the suite, and however: its processes begin in a clean place, and no debugger can be opened in them.
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import type { Machine } from '../boot/machine.ts';
import { makeMachine } from '../boot/machine.ts';
import { addAddress, install, ownAddress, untilVip } from '../boot/suite.ts';

jest.setTimeout(180_000);

let machine: Machine;

// The hook and the check program run on, so that they can be looked at.
const file = `primary = ${ownAddress}
keepalive = 1
deadtime = 60
network = direct
active_cmd = "/usr/bin/sleep 21"
virtual web {
  active = 1
  address = 192.0.2.100 eth0:1
  vip_nmask = 255.255.255.0
  port = 80
  send_program = "/usr/bin/sleep 22"
  timeout = 25
  server one {
    active = 1
    address = 10.2.0.11
  }
}
`;

beforeAll(async () => {
  machine = await makeMachine('sysvinit');
  await machine.boot();
  await install(machine);
  await machine.write('/etc/sysconfig/ha/lvs.cf', file);
  await addAddress(machine);
});

afterAll(async () => machine.destroy());

const sh = (script: string): Promise<string> => machine.must('bash', '-c', script);
const read = (pid: string, what: string): Promise<string> => machine.must('cat', `/proc/${pid}/${what}`);
const pidOf = (name: string): Promise<string> =>
  until(`a process ${name}`, 60_000, async () => {
    const pattern = name.startsWith('/') ? ['-f', `^${name}$`] : ['-x', name];
    return (await machine.run('pgrep', '--oldest', ...pattern)).stdout.trim() || undefined;
  });

/** Everything that is to be hoped for in the starter's shell, and worse. */
const dirtyStart = `
cd /run/elsewhere; umask 000; ulimit -c unlimited; echo 300 >/proc/self/oom_score_adj
exec 5>/run/lock.5 9>/run/lock.9 14>/run/lock.14 200>/run/lock.200; for fd in 5 9 14 200; do flock $fd; done
export LD_LIBRARY_PATH=/run/elsewhere NODE_OPTIONS=--require=/run/elsewhere/evil.cjs NODE_PATH=/run/elsewhere
export NODE_EXTRA_CA_CERTS=/run/elsewhere/ca NODE_DEBUG=net GCONV_PATH=/run/elsewhere MALLOC_CHECK_=3 UV_USE_IO_URING=1
export OPENSSL_CONF=/run/elsewhere/conf SSL_CERT_FILE=/run/elsewhere/ca LANG=C.UTF-8 TZ=UTC
cd () { touch /run/function-ran; }; umask () { touch /run/function-ran; }; env () { touch /run/function-ran; }
export -f cd umask env
(export LISTEN_PID=$BASHPID LISTEN_FDS='a[$(touch /run/function-ran)]'; exec /usr/sbin/pulse)`;

const daemons = ['pulse', 'lvsd', 'nanny', 'send_arp'];
const programs = ['/usr/bin/sleep 21', '/usr/bin/sleep 22'];

/** Names of the variables of a process. */
const variablesOf = async (pid: string): Promise<readonly string[]> =>
  (await read(pid, 'environ'))
    .split('\0')
    .filter((each) => each !== '')
    .map((each) => each.replace(/=.*/s, ''))
    .toSorted();

async function startDirty(): Promise<void> {
  await machine.must('mkdir', '-p', '/run/elsewhere');
  await machine.write('/run/elsewhere/evil.cjs', "require('node:fs').writeFileSync('/run/evil-ran', '');\n");
  await sh(dirtyStart);
  await untilVip(machine);
}

describe('started from a shell with everything that should not be inherited', () => {
  const found = new Map<string, string>();

  beforeAll(async () => {
    await startDirty();
    for (const name of [...programs, ...daemons]) found.set(name, await pidOf(name));
  });

  const each = async (names: readonly string[], look: (pid: string) => Promise<unknown>): Promise<unknown> => {
    const seen: (readonly [string, unknown])[] = [];
    for (const name of names) seen.push([name, await look(found.get(name) ?? '')]);
    return Object.fromEntries(seen);
  };
  const all = (names: readonly string[], value: unknown): Readonly<Record<string, unknown>> =>
    Object.fromEntries(names.map((name) => [name, value]));

  test('every process has the root folder, a umask of 077 and no core dumps', async () => {
    const names = [...daemons, ...programs];
    expect(await each(names, async (pid) => (await machine.must('readlink', `/proc/${pid}/cwd`)).trim())).toEqual(
      all(names, '/'),
    );
    expect(await each(names, async (pid) => /^Umask:\s*(\d+)$/m.exec(await read(pid, 'status'))?.[1])).toEqual(
      all(names, '0077'),
    );
    const cores = await each(names, async (pid) => /core file size\s+(\S+)\s+(\S+)/.exec(await read(pid, 'limits')));
    expect(JSON.stringify(cores).match(/"0","0"/g)).toHaveLength(names.length);
  });

  test("nannies and check programs are piranha's, hooks and all else are root's", async () => {
    const names = [...daemons, ...programs];
    const ofChecks = ['nanny', '/usr/bin/sleep 22'];
    const number = (await machine.must('id', '-u', 'piranha')).trim();
    expect(number).not.toBe('0');
    const users = await each(names, async (pid) => /^Uid:\s*(.*)$/m.exec(await read(pid, 'status'))?.[1]?.split('\t'));
    expect(users).toEqual({ ...all(names, Array(4).fill('0')), ...all(ofChecks, Array(4).fill(number)) });
    const powers = await each(ofChecks, async (pid) =>
      (await read(pid, 'status')).split('\n').filter((line) => /^(Groups|Cap(Inh|Prm|Eff|Amb)|NoNewPrivs):/.test(line)),
    );
    const none = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => `${name}:\t0000000000000000`);
    const [caps, privileges] = [none.slice(0, 3), 'NoNewPrivs:\t1'];
    expect(powers).toEqual(all(ofChecks, ['Groups:\t ', ...caps, none[3], privileges]));
    expect((await machine.must('getent', 'passwd', 'piranha')).trim()).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
  });

  test('the environment holds nothing by which Node or the loader reads other files', async () => {
    const allowed = [
      'HOME',
      'USER',
      'LOGNAME',
      'LANG',
      'PATH',
      'PIRANHA_CHECK',
      'PIRANHA_STARTUP_FD',
      'SHELL',
      'TERM',
      'TZ',
    ];
    const strange = await each([...daemons, ...programs], async (pid) =>
      (await variablesOf(pid)).filter((name) => !allowed.includes(name)),
    );
    expect(strange).toEqual(all([...daemons, ...programs], []));
    expect(await variablesOf(found.get('lvsd') ?? '')).toEqual(['LANG', 'PATH', 'SHELL', 'TERM', 'TZ']);
    expect((await machine.run('ls', '/run/evil-ran', '/run/function-ran')).stdout).toBe('');
  });

  test('locks of the shell are free again once it has ended', async () => {
    for (const fd of [5, 9, 14, 200])
      expect(await machine.run('flock', '-n', `/run/lock.${fd}`, 'true')).toMatchObject({ code: 0 });
    const held = await sh("ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c '/run/lock' || true");
    expect(held.trim()).toBe('0');
  });

  test('nannies and programs are killed like others when memory runs out; pulse and lvs are not, or say why', async () => {
    const scores = await each(['pulse', 'lvsd', 'nanny', ...programs], async (pid) =>
      Number(await read(pid, 'oom_score_adj')),
    );
    // Root in a container may often not lower it.
    const may = (await machine.run('sh', '-c', 'echo -900 >/proc/self/oom_score_adj')).code === 0;
    expect(scores).toEqual({ ...all(['pulse', 'lvsd'], may ? -900 : 300), ...all(['nanny', ...programs], 0) });
    expect((await machine.log()).includes('can be the first that is killed when memory runs out')).toBe(!may);
  });

  test('signals are taken as usual: none that the launcher ignores stays ignored', async () => {
    const usr1 = 1n << 9n;
    const ignored = await each([...daemons, ...programs], async (pid) => {
      const mask = /^SigIgn:\s*(\w+)$/m.exec(await read(pid, 'status'))?.[1] ?? '';
      return (BigInt(`0x${mask}`) & usr1) === 0n;
    });
    expect(ignored).toEqual(all([...daemons, ...programs], true));
  });
});

describe('SIGUSR1', () => {
  beforeAll(async () => {
    await machine.run('/etc/init.d/pulse', 'stop');
    await machine.must('rm', '-rf', '/run/fifo');
    await machine.must('mkfifo', '/run/fifo');
  });

  // From the first moment to long after Node has begun to work. The shell in which it begins has no wish to die of it.
  const shower = (start: string): string => `
trap '' USR1; ${start} & pid=$!
for i in $(seq 300); do kill -USR1 $pid || exit 9; sleep 0.002; done
grep -c ' 0A ' /proc/net/tcp /proc/net/tcp6; kill -KILL $pid`;

  test.each([
    ['nanny', 'exec 8<>/run/fifo; /usr/sbin/nanny --commands <&8 >/dev/null'],
    ['send_arp', 'exec 8<>/run/fifo; /usr/sbin/send_arp --commands <&8 >/dev/null'],
    ['lvsd', '/usr/sbin/lvsd --nofork'],
    ['pulse', '/usr/sbin/pulse --nofork'],
  ])('%s opens no debugger, and lives', async (_, start) => {
    const { stdout, stderr, code } = await machine.run('bash', '-c', shower(start));
    expect({ code, stdout, stderr: stderr.includes('Debugger listening') }).toEqual({
      ...{ code: 0, stdout: '/proc/net/tcp:0\n/proc/net/tcp6:0\n', stderr: false },
    });
    await machine.run('/etc/init.d/pulse', 'stop');
  });
});

test('what systemd hands over stays open, and nothing else', async () => {
  await machine.must('rm', '-rf', '/run/fifo');
  await machine.must('mkfifo', '/run/fifo');
  const script = `exec 3>/run/given 4>/run/other 7<>/run/fifo; export LISTEN_FDS=1 LISTEN_PID=$$ NOTIFY_SOCKET=/run/notify
exec /usr/sbin/nanny --commands <&7`;
  const pid = await sh(`(${script.replace('LISTEN_PID=$$', 'LISTEN_PID=$BASHPID')}) >/dev/null 2>&1 & echo $!`);
  const opened = await until('the nanny', 30_000, async () => {
    const { stdout } = await machine.run('sh', '-c', `cat /proc/${pid.trim()}/comm && ls -l /proc/${pid.trim()}/fd`);
    return stdout.startsWith('nanny') ? stdout : undefined;
  });
  expect(opened).toContain('/run/given');
  expect(opened).not.toContain('/run/other');
  expect(await variablesOf(pid.trim())).toEqual(expect.arrayContaining(['LISTEN_FDS', 'LISTEN_PID', 'NOTIFY_SOCKET']));
  await machine.must('kill', '-KILL', pid.trim());
});

test('a nanny that is another user, and is stopped by a signal, goes on and ends when lvs dies', async () => {
  await sh('rm -rf /run/lifeline; mkfifo /run/lifeline');
  const script =
    'sleep 600 >/run/lifeline & echo $! >/run/holder; /usr/sbin/nanny --commands --user=65534:65534 </run/lifeline >/run/said & wait';
  const parent = (await sh(`(exec bash -c '${script}') >/dev/null 2>&1 & echo $!`)).trim();
  await until('the nanny to be ready', 30_000, async () => (await sh('cat /run/said || :')).includes('ready'));
  const nanny = (await machine.must('pgrep', '--newest', '-x', 'nanny')).trim();
  expect(await read(nanny, 'status')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
  await machine.must('kill', '-STOP', nanny);
  await machine.must('kill', '-KILL', parent);
  await machine.must('kill', '-KILL', (await sh('cat /run/holder')).trim());
  await until(
    'the end of the nanny',
    30_000,
    async () => (await machine.run('test', '-d', `/proc/${nanny}`)).code !== 0,
  );
});
