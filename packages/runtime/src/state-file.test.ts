import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeStateFile } from './state-file.ts';

const folder = (): string => join(mkdtempSync(join(tmpdir(), 'piranha-state-')), 'piranha');

test('the last text stands alone in its folder, which is made, and only root may read them', () => {
  const path = join(folder(), 'owner.json');
  writeStateFile(path, 'one\n');
  writeStateFile(path, 'two\n');
  expect(readFileSync(path, 'utf8')).toBe('two\n');
  expect(readdirSync(join(path, '..'))).toEqual(['owner.json']);
  expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
});

test('what can not be written is thrown', () => {
  const path = folder();
  mkdirSync(path);
  expect(() => {
    writeStateFile(path, 'text');
  }).toThrow(/EISDIR/);
  expect(() => {
    writeStateFile('/proc/nothing/at-all/here', 'text');
  }).toThrow();
});
