import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { identify, listenersAt, lives, signalProcess } from './process-identity.ts';

test('a process is told from another one with its number', async () => {
  const child = spawn('sleep', ['60']);
  const ended = once(child, 'exit');
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child has no identity');
  expect(lives(identity)).toBe(true);
  const other = { ...identity, startedAt: '1' };
  expect(lives(other)).toBe(false);
  signalProcess(other, 'SIGKILL');
  expect(lives(identity)).toBe(true);
  signalProcess(identity, 'SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(lives(identity)).toBe(false);
});

test('who listens at a socket is found by it and its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'piranha-identity-'));
  const path = join(folder, 'a.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const name = readFileSync('/proc/self/comm', 'utf8').trim();
  expect(listenersAt(path, name)).toEqual([identify(process.pid)]);
  expect(listenersAt(path, 'somebody-else')).toEqual([]);
  expect(listenersAt(join(folder, 'b.sock'), name)).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
