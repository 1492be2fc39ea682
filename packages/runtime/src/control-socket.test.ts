import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fork } from 'node:child_process';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { ControlSocket, ControlSocketOptions } from './control-socket.ts';
import { askControlSocket, openControlSocket } from './control-socket.ts';

let folder = '';
let path = '';
let open: ControlSocket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-control-'));
  path = join(folder, 'run', 'test.sock');
  open = [];
});

afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(open.map((each) => each.close()));
  rmSync(folder, { recursive: true });
});

const echo = (line: string): Promise<string> => Promise.resolve(`you said ${line}\n`);

async function listening(options: Partial<ControlSocketOptions> = {}): Promise<void> {
  const opened = await openControlSocket({ path, answer: echo, onError: () => undefined, ...options });
  if (!opened.ok) throw new Error(opened.error);
  open.push(opened.value);
}

async function connected(): Promise<Socket> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the other end hangs up. */
const heard = (socket: Socket): Promise<string> => text(socket).catch(() => 'cut off');

test('a line in is a line out, one for each connection', async () => {
  await listening();
  expect(await askControlSocket(path, 'hello\n')).toEqual({ ok: true, value: 'you said hello' });
  const socket = await connected();
  socket.end('one\ntwo\n');
  expect(await heard(socket)).toBe('you said one\n');
});

test('a request may come in pieces', async () => {
  await listening();
  const socket = await connected();
  socket.write('hel');
  // Who is answered meanwhile came later: the first piece has been read.
  expect(await askControlSocket(path, 'other\n')).toEqual({ ok: true, value: 'you said other' });
  socket.write('lo\n');
  expect(await heard(socket)).toBe('you said hello\n');
});

test('only root may use it: folder 0700, socket 0600', async () => {
  await listening();
  const modes = [join(folder, 'run'), path].map((each) => statSync(each).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
});

test('an answer of megabytes arrives whole', async () => {
  const long = 'x'.repeat(3_000_000);
  await listening({ answer: () => Promise.resolve(`${long}\n`) });
  const asked = await askControlSocket(path, 'hello\n');
  expect(asked.ok && asked.value.length).toBe(3_000_000);
});

test('a client that asks nothing is cut off after a while', async () => {
  await listening({ patience: milliseconds(50) });
  const silent = await connected();
  const dripping = await connected();
  const drip = setInterval(() => dripping.write('x'), 10);
  expect(await Promise.all([heard(silent), heard(dripping)])).not.toContain('you said');
  clearInterval(drip);
});

test('a client that does not read its answer is cut off, and others are answered meanwhile', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const asked = new EventEmitter();
  const answer = (line: string): Promise<string> => {
    asked.emit(line);
    return Promise.resolve(`${'x'.repeat(4_000_000)}\n`);
  };
  await listening({ answer, patience: milliseconds(300) });
  const deaf = await connected();
  const taken = once(asked, 'from the deaf');
  deaf.pause();
  deaf.write('from the deaf\n');
  await taken;
  const other = await askControlSocket(path, 'hello\n');
  expect(other.ok).toBe(true);
  jest.advanceTimersByTime(300);
  // What was on its way is still there; the rest never came.
  expect((await heard(deaf)).length).toBeLessThan(4_000_000);
});

test('a line over 64 KiB is not taken, whether it ends or not', async () => {
  const seen: string[] = [];
  await listening({
    answer: (line) => {
      seen.push(line);
      return echo(line);
    },
  });
  for (const end of ['', '\n']) {
    const socket = await connected();
    socket.write('x'.repeat(64 * 1024 + 1) + end);
    expect(await heard(socket)).not.toMatch(/you said/);
  }
  expect(seen).toEqual([]);
});

test('a seventeenth connection is refused while sixteen are there', async () => {
  await listening();
  const first = await connected();
  const others = await Promise.all(Array.from({ length: 15 }, connected));
  const one = await askControlSocket(path, 'hello\n');
  expect(one).toMatchObject({ ok: false, error: { type: 'broken' } });
  const gone = once(first, 'close');
  first.destroy();
  await gone;
  // The daemon hears of it a little later.
  let tries = 1;
  while (!(await askControlSocket(path, 'hello\n')).ok && tries < 1000) tries += 1;
  expect(tries).toBeLessThan(1000);
  for (const socket of others) socket.destroy();
});

test('a client that hangs up before it has asked is forgotten', async () => {
  await listening();
  const socket = await connected();
  socket.end('half a req');
  expect(await heard(socket)).toBe('');
});

test('the socket of a daemon that is dead is replaced', async () => {
  await listening();
  await Promise.all(open.splice(0).map((each) => each.close()));
  await leaveBehind(path);
  expect(existsSync(path)).toBe(true);
  expect(await askControlSocket(path, 'hello\n')).toMatchObject({ ok: false, error: { type: 'absent' } });
  await listening();
  expect((await askControlSocket(path, 'hello\n')).ok).toBe(true);
});

/** Has a process bind a socket and die without taking it away. */
async function leaveBehind(where: string): Promise<void> {
  const script = join(folder, 'bind.cjs');
  const words = `require('node:net').createServer().listen(${JSON.stringify(where)}, () => process.kill(process.pid, 'SIGKILL'))`;
  writeFileSync(script, words);
  await once(fork(script, { execArgv: [] }), 'exit');
}

test('the socket of a living daemon is not replaced', async () => {
  await listening();
  const second = await openControlSocket({ path, answer: echo, onError: () => undefined });
  expect(second).toMatchObject({ ok: false, error: expect.stringContaining('another daemon listens there') });
  expect(await askControlSocket(path, 'hello\n')).toEqual({ ok: true, value: 'you said hello' });
});

test('where it cannot be made the reason is told', async () => {
  writeFileSync(join(folder, 'run'), 'not a folder');
  const opened = await openControlSocket({ path, answer: echo, onError: () => undefined });
  expect(opened).toEqual({ ok: false, error: `${join(folder, 'run')} is a file and not a folder: remove it` });
});

test('closing cuts off who is connected and removes the socket', async () => {
  await listening();
  const socket = await connected();
  const end = heard(socket);
  await Promise.all(open.splice(0).map((each) => each.close()));
  await end;
  expect(existsSync(path)).toBe(false);
  expect(await askControlSocket(path, 'hello\n')).toMatchObject({ ok: false, error: { type: 'absent' } });
});

test('a daemon that hangs does not keep who asks waiting', async () => {
  await listening({ answer: () => new Promise(() => undefined) });
  const asked = await askControlSocket(path, 'hello\n', milliseconds(50));
  expect(asked).toMatchObject({ ok: false, error: { type: 'broken', problem: expect.stringContaining('50 ms') } });
});

test('a daemon that hangs up without an answer is told from one that is not there', async () => {
  const server = createServer((socket) => socket.resume().end());
  const bare = join(folder, 'bare.sock');
  server.listen(bare);
  await once(server, 'listening');
  expect(await askControlSocket(bare, 'hello\n')).toMatchObject({ ok: false, error: { type: 'broken' } });
  const closed = once(server, 'close');
  server.close();
  await closed;
});
