import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeSettings } from './ipvs-settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipvs-settings-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const wanted = { expire_nodest_conn: 1, expire_quiescent_template: 1, conn_reuse_mode: 2 };

test('what differs is written, what is right is left, what is missing is told and not made', () => {
  writeFileSync(join(folder, 'expire_nodest_conn'), '0\n');
  writeFileSync(join(folder, 'expire_quiescent_template'), '1\n', { mode: 0o400 });
  expect(makeSettings(wanted, folder)).toEqual([
    { name: 'expire_nodest_conn', wanted: 1, found: 0, problem: '' },
    { name: 'expire_quiescent_template', wanted: 1, found: 1, problem: '' },
    { name: 'conn_reuse_mode', wanted: 2, found: undefined, problem: expect.stringContaining('ENOENT') },
  ]);
  expect(readFileSync(join(folder, 'expire_nodest_conn'), 'utf8')).toBe('1\n');
  expect(() => readFileSync(join(folder, 'conn_reuse_mode'))).toThrow('ENOENT');
});

test('without settings nothing is looked at', () => {
  expect(makeSettings(undefined, '/nonexistent')).toEqual([]);
});

test('several numbers in one setting are compared as a text, whatever stands between them', () => {
  writeFileSync(join(folder, 'sync_threshold'), '3\t50\n');
  const settings = { sync_threshold: '3 0' };
  expect(makeSettings(settings, folder)).toEqual([
    { name: 'sync_threshold', wanted: '3 0', found: '3 50', problem: '' },
  ]);
  writeFileSync(join(folder, 'sync_threshold'), '3\t0\n', { mode: 0o400 });
  expect(makeSettings(settings, folder)).toMatchObject([{ found: '3 0', problem: '' }]);
});
