// A machine with systemd: enabling, the init script in every state as systemctl's other face, and the unit itself.
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import { initScriptTests, machineFor } from './init-script.ts';
import { addAddress, configure, hasVip, kill, pidsOf, statuses, tell, untilVip, wipe } from './suite.ts';

jest.setTimeout(180_000);

const get = machineFor('systemd');
const show = async (property: string): Promise<string> =>
  (await get().must('systemctl', 'show', '--value', '--property', property, 'pulse')).trim();

test('an installation starts nothing, and the unit is known and disabled', async () => {
  expect(await pidsOf(get(), 'pulse')).toEqual([]);
  expect((await get().run('systemctl', 'is-enabled', 'pulse')).stdout).toBe('disabled\n');
});

initScriptTests(get);

describe('the init script', () => {
  test.each(['start', 'restart', 'condrestart'])('%s leaves a pulse that systemd supervises', async (verb) => {
    await configure(get(), 'good');
    if (verb !== 'start') await tell(get(), 'start');
    expect((await tell(get(), verb)).code).toBe(0);
    expect([await show('MainPID')]).toEqual(await pidsOf(get(), 'pulse'));
    expect(await show('ActiveState')).toBe('active');
  });

  test('a pulse that was started without systemd is told of, and a restart puts it in its place', async () => {
    await tell(get(), 'stop');
    await get().must('/usr/sbin/pulse');
    const [stray] = await pidsOf(get(), 'pulse');
    expect((await tell(get(), 'start')).text).toContain(`(pid ${stray}), but not under systemd`);
    expect((await tell(get(), 'restart')).code).toBe(0);
    expect([await show('MainPID')]).toEqual(await pidsOf(get(), 'pulse'));
  });
});

describe('confined by the unit', () => {
  test('systemd rates its exposure 4.0 or better', async () => {
    const unit = '/usr/lib/systemd/system/pulse.service';
    const { stdout } = await get().run('systemd-analyze', 'security', '--offline=true', '--no-pager', unit);
    const exposure = /Overall exposure level for \S+: (\d+\.\d) /.exec(stdout)?.[1];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(4.0);
  });

  test('a router does all that it has to, and each of its processes is confined', async () => {
    await tell(get(), 'stop');
    await get().must('sh', '-c', 'umask 077; head -c 32 /dev/urandom >/root/heartbeat.key');
    await get().must('install', '-d', '-o', 'piranha', '/var/log/checks');
    await configure(get(), 'busy');
    await get().must('systemctl', 'start', 'pulse');
    await untilVip(get());
    await until(
      'the command and the check of the file',
      30_000,
      async () => (await get().run('ls', '/var/log/became-active', '/var/log/checks/checked')).code === 0,
    );
    await until('the server in the table', 30_000, async () =>
      (await get().must('ipvsadm', '-S')).includes('-a -t 192.0.2.100:80 -r 10.2.0.11:80'),
    );
    expect((await get().run('lvsctl', 'drain', 'web', 'one')).code).toBe(0);
    const status = JSON.parse(await get().must('lvsctl', 'status', '--json')) as Record<string, unknown>;
    expect(status).toMatchObject({ state: 'active', troubles: [], lvs: { table: { problem: null }, troubles: [] } });
    for (const name of ['pulse', 'lvsd', 'nanny', 'send_arp']) {
      const [pid = ''] = (await get().must('pgrep', '-x', name)).split('\n');
      const confined = await get().must('grep', '-E', '^(NoNewPrivs|Seccomp):', `/proc/${pid}/status`);
      expect({ name, confined }).toEqual({ name, confined: 'NoNewPrivs:\t1\nSeccomp:\t2\n' });
    }
    const owners = await get().must('stat', '-c', '%U', '/var/log/became-active', '/var/log/checks/checked');
    expect(owners).toBe('root\npiranha\n');
    // Neither of them may look into other processes, mount anything or write what is not root's.
    const few =
      'CAP_KILL CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_MODULE CAP_SYS_NICE';
    expect((await show('CapabilityBoundingSet')).toUpperCase().split(' ').toSorted().join(' ')).toBe(few);
  });

  test('it knows a pulse outside, into which it may not look', async () => {
    await tell(get(), 'stop');
    await configure(get(), 'good');
    await get().must('/usr/sbin/pulse');
    const [stray = ''] = await pidsOf(get(), 'pulse');
    await get().run('systemctl', 'start', 'pulse');
    await get().must('systemctl', 'stop', 'pulse');
    expect(await get().log()).toContain(`another pulse is running: pid ${stray}`);
    expect(await pidsOf(get(), 'pulse')).toEqual([stray]);
    await tell(get(), 'stop');
  });
});

describe('the unit', () => {
  test('does not try again what only an edit can cure', async () => {
    await tell(get(), 'stop');
    await configure(get(), 'bad');
    expect((await get().run('systemctl', 'start', 'pulse')).code).not.toBe(0);
    expect([await show('ActiveState'), await show('ExecMainStatus'), await show('NRestarts')]).toEqual([
      'failed',
      '78',
      '0',
    ]);
    expect(await get().must('journalctl', '--no-pager', '--unit=pulse')).toContain('error: port');
  });

  test('a reload of a bad file fails where it is seen, and stops nothing', async () => {
    await configure(get(), 'good');
    await get().must('systemctl', 'start', 'pulse');
    const main = await show('MainPID');
    await configure(get(), 'bad');
    expect((await get().run('systemctl', 'reload', 'pulse')).code).not.toBe(0);
    expect([await show('MainPID'), await show('ActiveState')]).toEqual([main, 'active']);
    await configure(get(), 'edited');
    await get().must('systemctl', 'reload', 'pulse');
    expect(await show('MainPID')).toBe(main);
  });

  test('a pulse that was killed is started again, though everything below /run is gone, and goes on with its lvsd', async () => {
    await untilVip(get());
    const lvsd = await pidsOf(get(), 'lvsd');
    const [main = ''] = await pidsOf(get(), 'pulse');
    await wipe(get());
    await kill(get(), [main]);
    await until('another pulse', 30_000, async () => !['0', main].includes(await show('MainPID')));
    await until('it to be ready', 30_000, async () => (await show('ActiveState')) === 'active');
    expect({ lvsd: await pidsOf(get(), 'lvsd'), vip: await hasVip(get()) }).toEqual({ lvsd, vip: true });
  });
});

const waits = 'pulse waits for 192.0.2.11: this machine has not got that address yet';

test('enabled, it starts at boot, however late its address comes', async () => {
  await get().must('systemctl', 'enable', 'pulse');
  await get().must(`${process.cwd()}/scripts/install`);
  expect((await get().run('systemctl', 'is-enabled', 'pulse')).stdout).toBe('enabled\n');
  await get().cut();
  await get().boot();
  // What comes before the syslog daemon takes the socket over goes to the journal, and only there.
  await until('pulse to have missed its address', 120_000, async () => {
    const journal = await get().must('journalctl', '--no-pager');
    return `${journal}${await get().log()}`.includes(waits);
  });
  expect(await hasVip(get())).toBe(false);
  await addAddress(get());
  await untilVip(get());
  expect(await statuses(get(), ['status'])).toEqual({ status: 0 });
});

test('an uninstallation stops it, and systemd knows it no more', async () => {
  await get().must(`${process.cwd()}/scripts/uninstall`);
  expect(await pidsOf(get(), 'pulse')).toEqual([]);
  expect((await get().run('systemctl', 'cat', 'pulse')).code).not.toBe(0);
  expect((await get().run('find', '/etc/systemd', '-name', 'pulse*')).stdout).toBe('');
});
