// A machine with sysvinit: enabling, the init script in every state, and what a pulse that was killed leaves.
import { describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/inside/command.ts';
import { initScriptTests, machineFor } from './init-script.ts';
import { addAddress, configure, hasVip, kill, ownAddress, pidsOf, statuses, tell, untilVip, wipe } from './suite.ts';

jest.setTimeout(180_000);

const get = machineFor('sysvinit');
const links = async (): Promise<string> => get().must('sh', '-c', 'ls -d /etc/rc2.d/S*pulse; true');

test('an installation starts nothing, neither now nor at boot', async () => {
  expect(await pidsOf(get(), 'pulse')).toEqual([]);
  expect(await links()).toBe('');
});

initScriptTests(get);

describe('killed', () => {
  test('status 1 as long as anything is left, and a start goes on with the lvsd that it finds', async () => {
    await configure(get(), 'good');
    expect((await tell(get(), 'start')).code).toBe(0);
    await untilVip(get());
    const lvsd = await pidsOf(get(), 'lvsd');
    await get().must('kill', '-STOP', ...lvsd);
    await kill(get(), await pidsOf(get(), 'pulse'));
    expect((await tell(get(), 'status')).code).toBe(1);
    await wipe(get());
    expect((await tell(get(), 'status')).code).toBe(1);
    await get().must('kill', '-CONT', ...lvsd);
    expect((await tell(get(), 'start')).code).toBe(0);
    expect(await pidsOf(get(), 'lvsd')).toEqual(lvsd);
    expect(await hasVip(get())).toBe(true);
  });

  test('a stop ends the lvsd that is left, too, and takes the addresses down', async () => {
    await kill(get(), await pidsOf(get(), 'pulse'));
    await wipe(get());
    expect((await tell(get(), 'stop')).code).toBe(0);
    expect({ lvsd: await pidsOf(get(), 'lvsd'), vip: await hasVip(get()) }).toEqual({ lvsd: [], vip: false });
    expect(await statuses(get(), ['status', 'stop'])).toEqual({ status: 3, stop: 0 });
  });

  test('with nothing alive the address is left: stop says so, and a start and a stop take it down', async () => {
    expect((await tell(get(), 'start')).code).toBe(0);
    await untilVip(get());
    await kill(get(), [...(await pidsOf(get(), 'pulse')), ...(await pidsOf(get(), 'lvsd'))]);
    expect(await statuses(get(), ['status', 'stop'])).toEqual({ status: 1, stop: 1 });
    expect((await tell(get(), 'status')).text).toMatch(/is still up/);
    expect(await statuses(get(), ['start', 'stop'])).toEqual({ start: 0, stop: 0 });
    expect(await hasVip(get())).toBe(false);
    expect((await tell(get(), 'status')).code).toBe(3);
  });
});

test('enabled, it starts at boot; what an administrator has chosen outlives an installation', async () => {
  await get().must('update-rc.d', 'pulse', 'enable');
  expect(await links()).toMatch(/S\d\dpulse/);
  await get().must(`${process.cwd()}/scripts/install`);
  expect(await links()).toMatch(/S\d\dpulse/);
  await get().cut();
  await get().boot(ownAddress);
  await until('pulse', 60_000, async () => (await pidsOf(get(), 'pulse')).length === 1);
  await untilVip(get());
});

test('enabled, it starts at boot, however late its address comes', async () => {
  const before = (await get().log()).length;
  await get().cut();
  await get().boot();
  await until('pulse to have missed its address', 60_000, async () =>
    (await get().log()).slice(before).includes('pulse waits for'),
  );
  expect(await hasVip(get())).toBe(false);
  await addAddress(get());
  await untilVip(get());
  expect(await statuses(get(), ['status'])).toEqual({ status: 0 });
});

test('options are read from both files, and those of /etc/default count', async () => {
  await get().write('/etc/sysconfig/pulse', 'OPTIONS="--bogus"\n');
  expect((await tell(get(), 'restart')).code).not.toBe(0);
  await get().write('/etc/default/pulse', 'OPTIONS="-v"\n');
  expect((await tell(get(), 'restart')).code).toBe(0);
});

test('an uninstallation stops it and leaves nothing at boot', async () => {
  await get().must(`${process.cwd()}/scripts/uninstall`);
  expect(await pidsOf(get(), 'pulse')).toEqual([]);
  expect(await get().must('sh', '-c', 'ls -d /etc/rc?.d/*pulse; true')).toBe('');
});
