import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { milliseconds, seconds } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { askControlSocket, keptSocket, listenPrivately, openControlSocket } from './control-socket.ts';
import type { FileKeeper } from './kept-files.ts';
import { fileKeeper } from './kept-files.ts';
import { removePidFile, writePidFile } from './pid-file.ts';

let folder = '';
let keeper: FileKeeper;
let lines: ReturnType<typeof recordingLogger>['lines'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-kept-'));
  const recording = recordingLogger();
  lines = recording.lines;
  keeper = fileKeeper(recording.log, milliseconds(20));
});

afterEach(async () => {
  await keeper.close();
  rmSync(folder, { recursive: true });
});

const texts = (): string[] => lines.map(({ text }) => text);
const gone = 'files that others need were gone: put back';
const impossible = 'a file that others need is gone and cannot be put back';

async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = performance.now() + seconds(20);
  while (!holds()) {
    await sleep(5);
    if (performance.now() > limit) throw new Error(`waited in vain for ${what}`);
  }
}

test('files that are deleted together come back, with one warning', async () => {
  const paths = ['one', 'two'].map((name) => join(folder, name));
  keeper.keep(...paths.map(writePidFile));
  for (const path of paths) rmSync(path);
  await until('the warning', () => lines.length > 0);
  await until('both files', () => paths.every((path) => readFileSync(path, 'utf8') === `${process.pid}\n`));
  expect(texts().every((text) => text === gone)).toBe(true);
});

test('what cannot be put back is complained about once, and comes back when it can', async () => {
  const path = join(folder, 'in', 'file');
  mkdirSync(join(folder, 'in'));
  const file = writePidFile(path);
  let tries = 0;
  const restore = (): void | Promise<void> => {
    tries += 1;
    return file.restore();
  };
  keeper.keep({ ...file, restore });
  rmSync(join(folder, 'in'), { recursive: true });
  writeFileSync(join(folder, 'in'), 'in the way');
  await until('three tries', () => tries >= 3);
  expect(texts()).toEqual([impossible]);
  rmSync(join(folder, 'in'));
  await until('the file', () => lines.length > 1);
  expect(texts()).toEqual([impossible, gone]);
});

test('a pid file of nobody is not ours; one that names us is', () => {
  const path = join(folder, 'pid');
  const file = writePidFile(path);
  expect(file.stands()).toBe(true);
  for (const content of ['', '1\n', 'nonsense']) {
    writeFileSync(path, content);
    expect(file.stands()).toBe(false);
  }
  void file.restore();
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
});

test('a pid file that is not ours any more is not removed', () => {
  const path = join(folder, 'pid');
  writeFileSync(path, '1\n');
  removePidFile(path);
  expect(readFileSync(path, 'utf8')).toBe('1\n');
  writePidFile(path);
  removePidFile(path);
  expect(() => readFileSync(path)).toThrow('ENOENT');
});

test.each([['its file'], ['its folder'], ['its file, and another in its place']])(
  'a socket that lost %s listens again',
  async (what) => {
    const path = join(folder, 'run', 'socket');
    const opened = await openControlSocket({
      path,
      answer: (line) => Promise.resolve(`${line}!\n`),
      onError: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error);
    keeper.keep(opened.value.kept);
    rmSync(what === 'its folder' ? join(folder, 'run') : path, { recursive: true });
    if (what.includes('another')) writeFileSync(path, '');
    await until('the warning', () => lines.length > 0);
    expect(await askControlSocket(path, 'hello\n')).toEqual({ ok: true, value: 'hello!' });
    expect(texts()).toEqual([gone]);
    await keeper.close();
    await opened.value.close();
  },
);

test('a socket that stands is left alone', async () => {
  const path = join(folder, 'socket');
  const server = createServer();
  await listenPrivately(server, path);
  const file = keptSocket(server, path);
  let looks = 0;
  const stands = (): boolean => {
    looks += 1;
    return file.stands();
  };
  keeper.keep({ ...file, stands });
  await until('three looks', () => looks >= 3);
  expect(texts()).toEqual([]);
  await keeper.close();
  server.close();
});

test('a file in place of the folder ends nothing: it is complained about once, and all comes back when it is gone', async () => {
  const inside = join(folder, 'in');
  const path = join(inside, 'file');
  mkdirSync(inside);
  const server = createServer();
  await listenPrivately(server, join(inside, 'socket'));
  keeper.keep(writePidFile(path), keptSocket(server, join(inside, 'socket')));
  rmSync(inside, { recursive: true });
  writeFileSync(inside, '');
  await until('both complaints', () => texts().filter((text) => text === impossible).length === 2);
  rmSync(inside);
  await until('the pid file', () => existsSync(path) && existsSync(join(inside, 'socket')));
  expect(texts().filter((text) => text === impossible)).toHaveLength(2);
  server.close();
});

test('what the system cannot look at is not put back', async () => {
  let [looks, restored] = [0, 0];
  const stands = (): boolean => {
    looks += 1;
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  };
  keeper.keep({ path: 'any', stands, restore: () => void (restored += 1) });
  await until('some looks', () => looks > 3);
  expect([restored, texts()]).toEqual([0, []]);
});

test("another daemon's socket stays where it is", async () => {
  const path = join(folder, 'socket');
  const [ours, theirs] = [createServer(), createServer()];
  await listenPrivately(ours, path);
  keeper.keep(keptSocket(ours, path));
  rmSync(path);
  await listenPrivately(theirs, path);
  await until('the complaint, or the taking', () => texts().length > 0);
  expect(texts()).toEqual([impossible]);
  expect(existsSync(path)).toBe(true);
  ours.close();
  theirs.close();
});
