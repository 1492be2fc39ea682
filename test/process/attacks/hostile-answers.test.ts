// A real server that answers its check with what is worst for the expression: its nanny goes on checking others, hears lvs,
// and has time left.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, jest, test } from '@jest/globals';
import { nannyProgram } from '../nanny-process.ts';

jest.setTimeout(120_000);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'piranha-hostile-')));
const cleanUp: (() => void)[] = [];
afterAll(() => {
  for (const each of cleanUp) each();
  rmSync(folder, { recursive: true });
});

async function serve(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    answer(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** No two places of it look alike to (a|b)*a[ab]{N}c, and the last letter is there, so that nobody can tell at a glance. */
const hard = (bytes: number): string =>
  `c${[...randomBytes(bytes - 1)].map((byte) => (byte & 1 ? 'a' : 'b')).join('')}`;

/** In drips, so that every piece makes the nanny look again. */
function drip(socket: Socket): void {
  const text = hard(64 * 1024);
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text.slice(at, at + 200));
    at += 200;
  }, 2);
  socket.once('close', () => {
    clearInterval(timer);
  });
}

const atOnce = (socket: Socket): void => void socket.end(hard(64 * 1024));

/** Processor time of a process so far, in ms. */
function processorTime(pid: number): number {
  const [utime, stime] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * 10;
}

test.each([
  ['all at once, (a|b)*a[ab]{100}c', atOnce, '(a|b)*a[ab]{100}c'],
  ['in drips, (a|b)*a[ab]{100}c', drip, '(a|b)*a[ab]{100}c'],
  ['all at once, (a|b)*a.{900}c', atOnce, '(a|b)*a.{900}c'],
  ['in drips, (a|b)*a.{900}c', drip, '(a|b)*a.{900}c'],
])('%s: two of three servers do it, and the third is checked in time', async (_, answer, expression) => {
  const nanny = spawn(process.execPath, [nannyProgram, '--commands', '--user=65534:65534'], {
    ...{ cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] },
  });
  const ended = once(nanny, 'close');
  const say = (command: unknown): void => void nanny.stdin.write(`${JSON.stringify(command)}\n`);
  const verdicts = new Map<string, string>();
  let alive: (() => void) | undefined;
  createInterface(nanny.stdout).on('line', (line) => {
    const { type, watch: server, reason = '' } = JSON.parse(line) as Readonly<Record<string, string>>;
    if (type === 'alive') alive?.();
    if ((type === 'up' || type === 'down') && server !== undefined) verdicts.set(server, `${type} ${reason}`);
  });
  const usual = {
    ...{ kind: 'dialogue', virtual: '192.0.2.100:80', address: '127.0.0.1', protocol: 'tcp', send: null, load: null },
    ...{ fall: 1, rise: 1, expect: expression, useRegex: true, timeout: 1000 },
  };
  const watch = (server: string, check: object): void => {
    say({ type: 'watch', watch: server, known: 'unknown', check: { ...usual, ...check } });
  };
  const evil = await serve(answer);
  watch('one', { port: evil });
  watch('two', { port: evil });
  watch('well', { port: await serve((socket) => socket.end('OK\n')), expect: 'OK', timeout: 500 });
  let slowest = 0;
  const [began, usedBefore] = [performance.now(), processorTime(nanny.pid ?? 0)];
  while (performance.now() - began < 4000) {
    const asked = performance.now();
    const answered = new Promise<void>((resolve) => (alive = resolve));
    say({ type: 'ping' });
    await answered;
    slowest = Math.max(slowest, performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const share = (processorTime(nanny.pid ?? 0) - usedBefore) / (performance.now() - began);
  nanny.stdin.end();
  await ended;
  expect([...verdicts.keys()].toSorted()).toEqual(['one', 'two', 'well']);
  expect(verdicts.get('well')).toBe('up ');
  expect(verdicts.get('one')).toMatch(/^down (?:unexpected answer|READ to)/);
  // Far more than it is, for a machine that is busy with other tests.
  expect(slowest).toBeLessThan(900);
  expect(share).toBeLessThan(0.5);
});
