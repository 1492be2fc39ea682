import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { killedLikeOthers, outliveOthers } from './memory-shortage.ts';

test.each([
  [0, -900],
  [500, -900],
  [-900, -900],
  [-1000, -1000],
])('one that stands at %d stands at %d then', (before, after) => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-shortage-'));
  mkdirSync(join(folder, 'self'));
  const file = join(folder, 'self', 'oom_score_adj');
  writeFileSync(file, `${before}\n`);
  outliveOthers(folder);
  expect(Number(readFileSync(file, 'utf8'))).toBe(after);
  rmSync(folder, { recursive: true });
});

test('a child is killed like others, and one that has ended is no trouble', async () => {
  const child = spawn('sh', ['-c', 'echo 300 >/proc/$$/oom_score_adj; echo ready; read line'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const score = `/proc/${child.pid}/oom_score_adj`;
  expect(readFileSync(score, 'utf8')).toBe('300\n');
  killedLikeOthers(child.pid ?? 0);
  expect(readFileSync(score, 'utf8')).toBe('0\n');
  const ended = once(child, 'close');
  child.stdin.end();
  await ended;
  killedLikeOthers(child.pid ?? 0);
});
