import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { adoptRequest, encodeLine } from '@piranha/protocol';
import { readLines } from '@piranha/runtime';
import { openParent } from './parent.ts';

let folder: string;
let path: string;
let ended: (() => void)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-parent-'));
  path = join(folder, 'run', 'lvs.sock');
  ended = [];
});

afterEach(() => {
  for (const end of ended) end();
  rmSync(folder, { recursive: true });
});

/** Waits until something holds; fails after some seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 500) throw new Error('it did not happen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const listens = (): boolean => {
  try {
    return statSync(path).isSocket() && (statSync(path).mode & 0o777) === 0o600;
  } catch {
    return false;
  }
};

/** An lvs below a pulse, with all that it hears in order. */
async function lvsBelowPulse() {
  const pipes = { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() };
  const heard: string[] = [];
  const read: string[] = [];
  readLines(pipes.output, (line) => read.push(line));
  const parent = openParent(
    path,
    {
      onLine: (line) => heard.push(line),
      onGone: () => heard.push('gone'),
      onHeir: (greet) => {
        heard.push('heir');
        // As lvs does: it takes note of the new pulse first, and has something to say to it at once.
        parent.tell('news for the heir\n');
        greet('welcome\n');
      },
      onSocket: () => undefined,
      onNoSocket: (problem) => heard.push(problem),
    },
    pipes,
  );
  ended.push(parent.close);
  await until(listens);
  return { parent, pipes, heard, read };
}

function heir() {
  const lines: string[] = [];
  let closed = false;
  const socket: Socket = connect(path);
  readLines(socket, (line) => lines.push(line));
  socket.once('close', () => (closed = true));
  socket.write(encodeLine(adoptRequest));
  ended.push(() => socket.destroy());
  return { socket, lines, closed: () => closed };
}

test('what pulse says is heard, and it is told what lvs says', async () => {
  const { parent, pipes, heard, read } = await lvsBelowPulse();
  pipes.input.write('one\ntwo\n');
  parent.tell('answer\n');
  await until(() => heard.length === 2 && read.length === 1);
  expect([heard, read]).toEqual([['one', 'two'], ['answer']]);
});

test('while pulse is there another is refused in words', async () => {
  const { heard } = await lvsBelowPulse();
  const other = heir();
  await until(other.closed);
  expect(other.lines).toEqual([expect.stringMatching(/"refused".*another pulse is running/)]);
  expect(heard).toEqual([]);
});

test('when it is gone another is welcome, and hears and tells from then on what the first one did', async () => {
  const { parent, pipes, heard, read } = await lvsBelowPulse();
  pipes.input.end('last\n');
  await until(() => heard.includes('gone'));
  parent.tell('to nobody\n');
  const other = heir();
  await until(() => other.lines.length === 2);
  other.socket.write('next\n');
  await until(() => heard.includes('next'));
  parent.tell('to the heir\n');
  await until(() => other.lines.length === 3);
  expect(heard).toEqual(['last', 'gone', 'heir', 'next']);
  expect(other.lines).toEqual(['welcome', 'news for the heir', 'to the heir']);
  expect(read).toEqual([]);
});

test('one that connects while the end of the first is on its way is not refused', async () => {
  const { pipes, heard } = await lvsBelowPulse();
  const other = heir();
  await new Promise((resolve) => setTimeout(resolve, 100));
  pipes.input.end();
  await until(() => other.lines.length === 2);
  expect(heard).toEqual(['gone', 'heir']);
});

test('of two heirs one is refused, and the end of the other makes room', async () => {
  const { pipes, heard } = await lvsBelowPulse();
  pipes.input.end();
  const first = heir();
  await until(() => first.lines.length === 2);
  const second = heir();
  await until(second.closed);
  expect(second.lines).toEqual([expect.stringContaining('refused')]);
  first.socket.destroy();
  await until(() => heard.filter((each) => each === 'gone').length === 2);
  const third = heir();
  await until(() => third.lines.length === 2);
  expect(third.lines).toEqual(['welcome', 'news for the heir']);
});

test('who connects and asks for something else is cut off and changes nothing', async () => {
  const { pipes, heard } = await lvsBelowPulse();
  pipes.input.end();
  const socket = connect(path);
  socket.on('error', () => undefined);
  let closed = false;
  socket.once('close', () => (closed = true));
  socket.write('{"type":"tick","role":"active","term":9}\n');
  await until(() => closed);
  expect(heard).toEqual(['gone']);
});

test('a pipe that is broken does no harm', async () => {
  const { parent, pipes, heard } = await lvsBelowPulse();
  pipes.output.destroy(new Error('EPIPE'));
  pipes.errors.destroy(new Error('EPIPE'));
  parent.tell('lost\n');
  pipes.input.end();
  await until(() => heard.includes('gone'));
  expect(heard).toEqual(['gone']);
});
