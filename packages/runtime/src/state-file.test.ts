import { execFileSync } from 'node:child_process';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readStateFile, writeStateFile } from './state-file.ts';

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
  }).toThrow(`${path} is a directory and not a file: remove it`);
  expect(() => {
    writeStateFile('/proc/nothing/at-all/here', 'text');
  }).toThrow();
});

test('what was written is read again; what is not there has no text', () => {
  const path = join(folder(), 'owner.json');
  expect(readStateFile(path)).toBeUndefined();
  writeStateFile(path, 'one\n');
  expect(readStateFile(path)).toBe('one\n');
});

/** What somebody may put in the place of a file. */
const strangers: Record<string, (path: string) => void> = {
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'a directory': (path) => {
    mkdirSync(path);
  },
  'a symbolic link': (path) => {
    writeFileSync(`${path}.elsewhere`, 'secret');
    symlinkSync(`${path}.elsewhere`, path);
  },
};

test.each(Object.keys(strangers))('%s in its place is named and refused, and holds nobody up', (kind) => {
  const path = join(mkdtempSync(join(tmpdir(), 'piranha-state-')), 'owner.json');
  strangers[kind]?.(path);
  const refusal = `${path} is ${kind} and not a file: remove it`;
  expect(() => readStateFile(path)).toThrow(refusal);
  expect(() => {
    writeStateFile(path, 'text');
  }).toThrow(refusal);
});

test('a FIFO in the place of the file before it is renamed holds nobody up', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'piranha-state-')), 'owner.json');
  execFileSync('mkfifo', [`${path}.new`]);
  writeStateFile(path, 'text');
  expect(readStateFile(path)).toBe('text');
});

const check = process.geteuid?.() === 0 ? test : test.skip;

check('a file or a folder of another user is refused by name', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'piranha-state-')), 'owner.json');
  writeFileSync(path, 'text');
  chownSync(path, 1, 1);
  expect(() => readStateFile(path)).toThrow(`${path} belongs to user 1, not to user 0: remove it`);
  expect(() => {
    writeStateFile(path, 'text');
  }).toThrow('belongs to user 1');
  chownSync(join(path, '..'), 1, 1);
  expect(() => {
    writeStateFile(join(path, '../other.json'), 'text');
  }).toThrow(/the folder .* belongs to user 1/);
});
