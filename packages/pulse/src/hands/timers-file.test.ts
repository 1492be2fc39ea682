import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { milliseconds, seconds } from '@piranha/domain';
import { fileKeeper } from '@piranha/runtime/sockets';
import { recordingLogger } from '@piranha/testing';
import type { TimersFile } from './timers-file.ts';
import { timersFile } from './timers-file.ts';

let folder: string;
let path: string;
let closing: (() => Promise<void>) | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-timers-'));
  path = join(folder, 'run', 'timers.json');
});

afterEach(async () => {
  await closing?.();
  rmSync(folder, { recursive: true });
});

const timers = { keepalive: seconds(1), deadtime: seconds(18), shortest: seconds(6) };

test('what was kept is recalled by the next pulse', () => {
  const { log, lines } = recordingLogger();
  expect(timersFile(log, path).recall()).toBeUndefined();
  timersFile(log, path).keep(timers);
  expect(timersFile(log, path).recall()).toEqual(timers);
  expect(lines).toEqual([]);
});

test.each(['', '{"type":"timers"}\n', '{"type":"timers","keepalive":1,"deadtime":-1,"shortest":1}\n'])(
  'a file that says %p is logged, and the timers of lvs.cf count',
  (content) => {
    const { log, lines } = recordingLogger();
    timersFile(log, path).keep(timers);
    writeFileSync(path, content);
    expect(timersFile(log, path).recall()).toBeUndefined();
    expect(lines).toHaveLength(1);
  },
);

test('a file that cannot be read is logged once, however often it is asked', () => {
  const { log, lines } = recordingLogger();
  timersFile(log, path).keep(timers);
  writeFileSync(path, '');
  const file = timersFile(log, path);
  expect([file.recall(), file.recall()]).toEqual([undefined, undefined]);
  expect(lines).toHaveLength(1);
});

test('where it cannot be written pulse goes on, and says so', () => {
  const { log, lines } = recordingLogger();
  timersFile(log, '/proc/piranha/timers.json').keep(timers);
  expect(lines).toHaveLength(1);
});

describe('a file that somebody deletes', () => {
  test.each([
    [
      'was written',
      (file: TimersFile) => {
        file.keep(timers);
      },
    ],
    ['was found', (file: TimersFile) => file.recall()],
  ])('comes back as it %s', async (_how, begin) => {
    const { log } = recordingLogger();
    timersFile(log, path).keep(timers);
    const before = readFileSync(path, 'utf8');
    const file = timersFile(log, path);
    begin(file);
    const putBack = new Promise<void>((resolve) => {
      const restore = async (): Promise<void> => {
        await file.kept.restore();
        resolve();
      };
      const keeper = fileKeeper(log, milliseconds(20));
      keeper.keep({ ...file.kept, restore });
      closing = keeper.close;
    });
    rmSync(path);
    await putBack;
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('does not come back where no timers are known', () => {
    const { log } = recordingLogger();
    const { kept } = timersFile(log, path);
    expect(kept.stands()).toBe(true);
    void kept.restore();
    expect(kept.stands()).toBe(true);
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});

test('a FIFO in its place holds nobody up', () => {
  const { log, lines } = recordingLogger();
  timersFile(log, path).keep(timers);
  rmSync(path);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  expect(timersFile(log, path).recall()).toBeUndefined();
  expect(String(lines[0]?.fields['problem'])).toContain('is a FIFO and not a file: remove it');
});
