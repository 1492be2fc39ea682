import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Ending } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { findLvs } from './adopted-lvs.ts';

let folder: string;
let path: string;
let started: { readonly child: ChildProcess; readonly ended: Promise<unknown> }[];

const patience = { answer: milliseconds(2000), socket: milliseconds(2000), end: milliseconds(2000) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-adopted-'));
  path = join(folder, 'lvs.sock');
  started = [];
});

afterEach(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

/** A process that listens as lvs does; `script` says what it does with a connection `socket`. */
async function stranger(script: string, name = 'lvsd'): Promise<ChildProcess> {
  const program = `
    process.title = ${JSON.stringify(name)};
    const standing = (role) => JSON.stringify({ type: 'standing', pid: process.pid, role, term: 3, held: true, digest: null }) + '\\n';
    require('node:net').createServer((socket) => {
      socket.setEncoding('utf8');
      socket.on('error', () => undefined);
      ${script}
    }).listen(${JSON.stringify(path)}, () => console.log('ready'));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push({ child, ended: once(child, 'exit') });
  await once(child.stdout, 'data');
  return child;
}

test('where nobody listens there is none', async () => {
  expect(await findLvs(recordingLogger().log, path, patience)).toEqual({ type: 'absent' });
});

test('an lvs that has lost its pulse is spoken to as a child would be', async () => {
  const child = await stranger(`socket.on('data', (text) => socket.write(
    text.includes('adopt') ? standing('active') + 'early\\n' : 'heard ' + text));`);
  const found = await findLvs(recordingLogger().log, path, patience);
  if (found.type !== 'living') throw new Error(found.type);
  expect(found.lvs.standing).toMatchObject({ pid: child.pid, role: 'active', term: 3, held: true });
  const lines: string[] = [];
  const ending = new Promise<Ending>((resolve) => {
    const onLine = (line: string): void => {
      lines.push(line);
      if (line === 'heard this') lvs.signal('SIGKILL');
    };
    const lvs = found.lvs.attach({ onLine, onEnd: resolve });
    lvs.send('this\n');
  });
  expect(await ending).toEqual({ type: 'vanished' });
  expect(lines).toEqual(['early', 'heard this']);
});

test('one that does not go when it is told to is killed after its grace time', async () => {
  const child = await stranger(`process.on('SIGTERM', () => undefined); socket.write(standing('standby'));`);
  const found = await findLvs(recordingLogger().log, path, patience);
  if (found.type !== 'living') throw new Error(found.type);
  const exit = once(child, 'exit');
  const lvs = found.lvs.attach({ onLine: () => undefined, onEnd: () => undefined });
  expect(await lvs.stop(200)).toEqual({ type: 'vanished' });
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('an lvs that only closes its socket is not left behind', async () => {
  const child = await stranger(`socket.write(standing('active')); setTimeout(() => socket.destroy(), 100);`);
  const exit = once(child, 'exit');
  const found = await findLvs(recordingLogger().log, path, patience);
  if (found.type !== 'living') throw new Error(found.type);
  found.lvs.attach({ onLine: () => undefined, onEnd: () => undefined });
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('one that has a pulse says so', async () => {
  await stranger(`socket.end(JSON.stringify({ type: 'refused', problem: 'another pulse is running' }) + '\\n');`);
  const found = await findLvs(recordingLogger().log, path, patience);
  expect(found).toEqual({ type: 'taken', problem: 'another pulse is running' });
});

test('one that is about to end is waited for', async () => {
  const child = await stranger(`socket.write(standing('ending')); setTimeout(() => process.exit(0), 300);`);
  const exit = once(child, 'exit');
  expect(await findLvs(recordingLogger().log, path, patience)).toEqual({ type: 'absent' });
  expect(await exit).toEqual([0, null]);
});

test('one that hangs is found by its socket, and killed', async () => {
  const child = await stranger('');
  child.kill('SIGSTOP');
  const { log, lines } = recordingLogger();
  const exit = once(child, 'exit');
  expect(await findLvs(log, path, { ...patience, answer: milliseconds(300) })).toEqual({ type: 'absent' });
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(lines.map(({ text }) => text)).toEqual(['an lvs was left that does not answer: killing it']);
});

test('what is not our lvs is left alone', async () => {
  const child = await stranger('', 'somebody');
  expect(await findLvs(recordingLogger().log, path, { ...patience, answer: milliseconds(300) })).toEqual({
    type: 'absent',
  });
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
});
