import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import { recordingLogger } from '@piranha/testing';
import { timersFile } from './timers-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piranha-timers-'));
  path = join(folder, 'run', 'timers.json');
});

afterEach(() => {
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

test('where it cannot be written pulse goes on, and says so', () => {
  const { log, lines } = recordingLogger();
  timersFile(log, '/proc/piranha/timers.json').keep(timers);
  expect(lines).toHaveLength(1);
});
