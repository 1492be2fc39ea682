import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { hasAccessList } from './access-list.ts';

let folder = '';

afterEach(async () => {
  if (folder !== '') await rm(folder, { recursive: true });
  folder = '';
});

test('a file has an access control list from setfacl on, until it is removed', async () => {
  folder = await mkdtemp(join(tmpdir(), 'piranha-acl-'));
  const path = join(folder, 'file');
  await writeFile(path, '');
  expect(hasAccessList(path)).toBe(false);
  expect(spawnSync('setfacl', ['-m', 'u:65534:rw', path]).status).toBe(0);
  expect(hasAccessList(path)).toBe(true);
  expect(spawnSync('setfacl', ['-b', path]).status).toBe(0);
  expect(hasAccessList(path)).toBe(false);
});

test('what is not there has none', () => {
  expect(hasAccessList('/nowhere/at/all')).toBe(false);
});
