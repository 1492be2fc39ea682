import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { mayBeMemoryKill, memoryKills } from './memory-kills.ts';

test('the count is read off the kernel’s list; without one there is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'piranha-vmstat-'));
  const path = join(folder, 'vmstat');
  writeFileSync(path, 'nr_free_pages 5\noom_kill 12\noom_kill_other 3\n');
  expect(memoryKills(path)).toBe(12);
  writeFileSync(path, 'nr_free_pages 5\n');
  expect(memoryKills(path)).toBeUndefined();
  rmSync(folder, { recursive: true });
  expect(memoryKills(path)).toBeUndefined();
});

test('only a count that has grown tells of a kill for want of memory', () => {
  expect(mayBeMemoryKill(3, 4)).toBe(true);
  expect(mayBeMemoryKill(3, 3)).toBe(false);
  expect(mayBeMemoryKill(undefined, 4)).toBe(false);
  expect(mayBeMemoryKill(3, undefined)).toBe(false);
});
