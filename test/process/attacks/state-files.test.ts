// What somebody has put below /run before a start: a folder that is not root's alone is refused, and files that are none of
// ours hold nobody up and lead nowhere. Nor does a full disk or a small limit of descriptors keep a router from serving.
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import type { Machine } from '../boot/machine.ts';
import { makeMachine } from '../boot/machine.ts';
import { addAddress, configure, hasVip, install, pidsOf, tell, untilVip, wipe } from '../boot/suite.ts';

jest.setTimeout(180_000);

let machine: Machine;
const folder = '/run/piranha';

beforeAll(async () => {
  machine = await makeMachine('sysvinit');
  await machine.boot();
  await install(machine);
  await configure(machine, 'good');
  // A server that is judged at once: nothing waits for it.
  await machine.must('sed', '-i', 's|port = 80|send_program = "/usr/bin/true"|', '/etc/sysconfig/ha/lvs.cf');
  await addAddress(machine);
});

afterAll(async () => machine.destroy());

afterEach(async () => {
  await tell(machine, 'stop');
  await machine.run('umount', folder);
  await wipe(machine);
});

const sh = (script: string): Promise<string> => machine.must('bash', '-c', script);
const modeOf = async (path: string): Promise<string> => (await machine.must('stat', '-c', '%a %U', path)).trim();

describe('the folder', () => {
  test.each(['000', '077'])('is made for root alone, and so is all in it, under umask %s', async (mask) => {
    await sh(`umask ${mask}; /etc/init.d/pulse start`);
    expect(await modeOf(folder)).toBe('700 root');
    const files = await until('files of pulse and lvsd', 20_000, async () => {
      const listed = await machine.must('find', folder, '-mindepth', '1', '-printf', '%m %u %f\n');
      const lines = listed.trim().split('\n');
      return ['owner.json', 'pulse.sock', 'lvs.sock'].every((name) => listed.includes(name)) ? lines : undefined;
    });
    expect(files.filter((line) => !line.startsWith('600 root '))).toEqual([]);
    expect(await modeOf('/run/pulse.pid')).toBe('644 root');
  });

  const wrong: Readonly<Record<string, readonly [make: string, said: string]>> = {
    'a link': [
      `mkdir -p /run/elsewhere; ln -s /run/elsewhere ${folder}`,
      `${folder} is a symbolic link and not a folder`,
    ],
    "somebody else's": [`mkdir -m 700 ${folder}; chown 65534 ${folder}`, `the folder ${folder} belongs to user 65534`],
    'one that everybody may write': [`mkdir -m 777 ${folder}`, `others may write the folder ${folder} (mode 0777)`],
    'one like /tmp': [`mkdir -m 1777 ${folder}`, `others may write the folder ${folder} (mode 01777)`],
    'one that a group may write': [
      `mkdir -m 770 ${folder}; chgrp 65534 ${folder}`,
      `others may write the folder ${folder} (mode 0770)`,
    ],
    'a FIFO': [`mkfifo ${folder}`, `${folder} is a FIFO and not a folder`],
  };

  test.each(Object.entries(wrong))('%s: pulse does not start, and says what to do', async (_, [make, said]) => {
    await sh(make);
    const { code, text } = await tell(machine, 'start');
    expect({ code, told: text.includes(`pulse: ${said}: remove it`) }).toEqual({ code: 1, told: true });
    await until('its end', 20_000, async () => (await pidsOf(machine, 'pulse')).length === 0);
    expect(await hasVip(machine)).toBe(false);
    expect((await machine.run('ls', '-A', '/run/elsewhere')).stdout).toBe('');
    // lvsctl asks nobody there either.
    expect((await machine.run('lvsctl', 'status')).code).not.toBe(0);
    await machine.must('rm', '-rf', folder);
    expect((await tell(machine, 'start')).code).toBe(0);
  });

  test('that others may only read is taken, and closed', async () => {
    await sh(`mkdir -m 755 ${folder}`);
    expect((await tell(machine, 'start')).code).toBe(0);
    expect(await modeOf(folder)).toBe('700 root');
  });
});

const names = ['owner.json', 'timers.json', 'addresses.json', 'orders.json', 'owner.json.new', 'orders.json.new'];

describe('files in it', () => {
  test.each([
    ['FIFOs', 'mkfifo $0'],
    ['links to a file of root', 'ln -s /run/victim $0'],
    ["somebody else's", 'echo {} >$0; chown 65534 $0'],
    ['endless', 'truncate -s 1T $0'],
  ])('that are %s hold up nobody, and nothing happens behind them', async (_, make) => {
    await sh(`echo untouched >/run/victim; chmod 600 /run/victim; mkdir -m 700 ${folder}`);
    for (const name of names) await machine.must('bash', '-c', make, `${folder}/${name}`);
    expect((await tell(machine, 'start')).code).toBe(0);
    await until('pulse to be active', 20_000, async () =>
      (await machine.run('lvsctl', 'status')).stdout.startsWith('primary, active'),
    );
    expect([await machine.must('cat', '/run/victim'), await modeOf('/run/victim')]).toEqual([
      'untouched\n',
      '600 root',
    ]);
  });

  test('for which there is no room keep no router from serving', async () => {
    await sh(
      `mkdir -m 700 ${folder}; mount -t tmpfs -o mode=700,size=4k full ${folder}; head -c 8192 /dev/zero >${folder}/filler || true`,
    );
    expect((await tell(machine, 'start')).code).toBe(0);
    await untilVip(machine);
    expect(await machine.log()).toMatch(/No space left on device|ENOSPC/);
  });
});

test('64 descriptors are enough for a small file', async () => {
  await sh('ulimit -Hn 64; ulimit -Sn 64; /etc/init.d/pulse start');
  await untilVip(machine);
  const status = JSON.parse(await machine.must('lvsctl', 'status', '--json')) as { lvs: { table: unknown } };
  expect(status.lvs.table).toMatchObject({ problem: null });
});
