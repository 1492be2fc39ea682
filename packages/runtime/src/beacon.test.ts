import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { Shown } from './beacon.ts';
import { othersShown, showBeacon, untilAlone } from './beacon.ts';
import { identify } from './process-identity.ts';

const program = `beacon-test-${process.pid}`;
const patience = milliseconds(5000);
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** A process of a name that holds the beacon of `pid`, its own where that is not said. */
async function daemon(name: string, pid?: number) {
  const code = `process.title = ${JSON.stringify(name)};
    require('net').createServer().listen('\\0piranha-${program}/' + ${pid ?? 'process.pid'}, () => console.log('shown'));`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  ends.push(end);
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, end };
}

const shown: Shown = { program, processName: 'shown' };

test('a process is found as long as it runs, and no file is needed for it', async () => {
  expect(othersShown(shown)).toEqual([]);
  const { pid, end } = await daemon('shown');
  expect(othersShown(shown)).toEqual([identify(pid)]);
  await end();
  expect(othersShown(shown)).toEqual([]);
});

test('who has another name does not count, nor who takes the name of somebody else', async () => {
  await daemon('other');
  const { pid, end } = await daemon('shown');
  await end();
  await daemon('shown', pid);
  await daemon('shown', 1);
  expect(othersShown(shown)).toEqual([]);
});

test('our own name is no other, and is free again when it is closed', async () => {
  const own: Shown = { program, processName: 'node' };
  const beacon = await showBeacon(own);
  if (!beacon.ok) throw new Error(beacon.error);
  expect(othersShown(own)).toEqual([]);
  expect(await untilAlone(own, patience)).toEqual({ ok: true, value: undefined });
  expect(await showBeacon(own)).toMatchObject({ ok: false });
  beacon.value.close();
});

test('the older of two waits until the younger has given way', async () => {
  const younger = await daemon('shown');
  const alone = untilAlone(shown, patience);
  await younger.end();
  expect(await alone).toEqual({ ok: true, value: undefined });
});

test('the older waits no longer than its patience', async () => {
  const { pid } = await daemon('shown');
  expect(await untilAlone(shown, milliseconds(100))).toEqual({
    ok: false,
    error: `another ${program} is running: pid ${pid}`,
  });
});
