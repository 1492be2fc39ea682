// What holds for the init script whatever has booted the machine: every verb in every state, and files that are gone.
/* eslint-disable jest/no-export -- not a test file: two of them share these tests */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import type { Init, Machine } from './machine.ts';
import { makeMachine } from './machine.ts';
import { addAddress, asNobody, configure, hasVip, install, pidsOf, statuses, tell, untilVip, wipe } from './suite.ts';

const complaint = 'lvs.cf:9:10: error: port';

/** A machine for all tests of a file; it is booted, and the suite is installed. */
export function machineFor(init: Init): () => Machine {
  let machine: Machine | undefined;
  const get = (): Machine => {
    if (machine === undefined) throw new Error('the machine did not boot');
    return machine;
  };
  beforeAll(async () => {
    machine = await makeMachine(init);
    await machine.boot();
    await install(machine);
    await addAddress(machine);
  });
  afterAll(async () => machine?.destroy());
  return get;
}

/** Those tests. */
export function initScriptTests(get: () => Machine): void {
  const run = (verb: string, ...as: readonly string[]) => tell(get(), verb, ...as);
  const pid = async (): Promise<string> => (await pidsOf(get(), 'pulse')).join();

  describe('stopped', () => {
    beforeEach(async () => {
      await configure(get(), 'good');
      await run('stop');
    });

    test('it says so, and there is nothing to do', async () => {
      expect(
        await statuses(get(), ['status', 'stop', 'reload', 'force-reload', 'try-restart', 'condrestart', 'dance', '']),
      ).toEqual({
        ...{ status: 3, stop: 0, reload: 7, 'force-reload': 7, 'try-restart': 0, condrestart: 0 },
        ...{ dance: 2, '': 2 },
      });
      expect(await pid()).toBe('');
    });

    test('who is not root may ask how it is, and nothing else', async () => {
      expect(
        await statuses(get(), ['status', 'start', 'stop', 'restart', 'reload', 'condrestart'], ...asNobody),
      ).toEqual({ status: 3, start: 4, stop: 4, restart: 4, reload: 4, condrestart: 4 });
    });

    test('a file with a mistake is complained about, in the system log, too', async () => {
      await configure(get(), 'bad');
      const before = (await get().log()).length;
      const { code, text } = await run('start');
      expect({ code, told: text.includes(complaint) }).toEqual({ code: 6, told: true });
      const log = (await get().log()).slice(before);
      expect(log).toContain(complaint);
      expect(log).toMatch(/pulse\[\d+\]: not started status=78/);
      expect(await statuses(get(), ['status', 'restart'])).toEqual({ status: 3, restart: 6 });
    });

    test('a file that is missing, and a backup that is not wanted, are not configured', async () => {
      await configure(get(), 'unwanted');
      expect((await run('start')).code).toBe(6);
      await get().must('rm', '/etc/sysconfig/ha/lvs.cf');
      expect(await statuses(get(), ['start', 'status', 'restart', 'stop'])).toEqual({
        ...{ start: 6, status: 3, restart: 6, stop: 0 },
      });
    });

    test('a program that is missing is not installed', async () => {
      await get().must('mv', '/usr/sbin/pulse', '/usr/sbin/pulse.away');
      expect(await statuses(get(), ['start', 'status', 'restart', 'stop'])).toEqual({
        ...{ start: 5, status: 3, restart: 5, stop: 0 },
      });
      await get().must('mv', '/usr/sbin/pulse.away', '/usr/sbin/pulse');
    });
  });

  describe('running', () => {
    beforeEach(async () => {
      await configure(get(), 'good');
      await get().must('/etc/init.d/pulse', 'start');
      await untilVip(get());
    });

    test('it stays where that is enough, and is another one after a restart', async () => {
      const first = await pid();
      expect(await statuses(get(), ['status', 'start', 'reload', 'force-reload'])).toEqual({
        ...{ status: 0, start: 0, reload: 0, 'force-reload': 0 },
      });
      expect((await run('status', ...asNobody)).code).toBe(0);
      expect(await pid()).toBe(first);
      const pids = [first];
      for (const verb of ['restart', 'condrestart', 'try-restart']) {
        expect((await run(verb)).code).toBe(0);
        pids.push(await pid());
      }
      expect(new Set(pids).size).toBe(4);
    });

    test('of several orders at once each waits for the one before, and no daemon keeps the lock', async () => {
      const all = await Promise.all(['restart', 'reload', 'restart', 'start', 'restart'].map((verb) => run(verb)));
      expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
      await untilVip(get());
      expect(await pidsOf(get(), 'pulse')).toHaveLength(1);
      expect((await get().run('flock', '--nonblock', '/run/pulse.init.lock', 'true')).code).toBe(0);
    });

    test.each([['mkdir'], ['mkfifo']])(
      'what lies in place of the lock (%s) is told, and hinders nobody',
      async (made) => {
        await get().must('rm', '-f', '/run/pulse.init.lock');
        await get().must(made, '/run/pulse.init.lock');
        const { code, text } = await run('restart');
        await get().must('rm', '-rf', '/run/pulse.init.lock');
        expect({ code, told: text.includes('/run/pulse.init.lock cannot be locked: remove it') }).toEqual({
          code: 0,
          told: true,
        });
      },
    );

    test('a file with a mistake is complained about, and stops nothing', async () => {
      const first = await pid();
      await configure(get(), 'bad');
      for (const verb of ['reload', 'force-reload', 'restart', 'condrestart', 'try-restart']) {
        const { code, text } = await run(verb);
        expect({ verb, failed: code !== 0, told: text.includes(complaint) }).toEqual({
          verb,
          failed: true,
          told: true,
        });
      }
      expect({ pid: await pid(), vip: await hasVip(get()) }).toEqual({ pid: first, vip: true });
      expect((await run('status')).code).toBe(0);
    });

    test('whatever is deleted below /run, it is found, and nobody starts a second one', async () => {
      const first = await pid();
      await wipe(get());
      expect((await run('status')).text).toContain(`pulse is running (pid ${first})`);
      const second = await get().run('/usr/sbin/pulse');
      expect(second).toMatchObject({ code: 1, stderr: `pulse: another pulse is running: pid ${first}\n` });
      const lost = ['/run/pulse.pid', '/run/lvs.pid', '/run/piranha/pulse.sock', '/run/piranha/lvs.sock'];
      await until('all files', 20_000, async () => (await get().run('ls', ...lost)).code === 0);
      expect((await get().run('lvsctl', 'status')).code).toBe(0);
      expect(await get().must('cat', '/run/pulse.pid')).toBe(`${first}\n`);
      await until('the warnings', 20_000, async () => {
        const told = (await get().log()).split('\n').filter((line) => line.includes('were gone: put back'));
        return ['pulse[', 'lvsd['].every((name) => told.some((line) => line.includes(name)));
      });
    });

    test('whatever is deleted below /run, it can be stopped: nothing is left', async () => {
      await wipe(get());
      expect((await run('stop')).code).toBe(0);
      const left = { pulse: await pid(), lvsd: await pidsOf(get(), 'lvsd'), vip: await hasVip(get()) };
      expect(left).toEqual({ pulse: '', lvsd: [], vip: false });
      expect((await run('status')).code).toBe(3);
    });
  });
}
