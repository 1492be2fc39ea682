import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { folderProblem, readStateFile, writeStateFile } from './state-file.ts';

const made: string[] = [];

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'piranha-state-'));
  made.push(path);
  return path;
}

const folder = (): string => join(newFolder(), 'piranha');

test('the last text stands alone in its folder, which is made, and only root may read them', () => {
  const path = join(folder(), 'owner.json');
  writeStateFile(path, 'one\n');
  writeStateFile(path, 'two\n');
  expect(readFileSync(path, 'utf8')).toBe('two\n');
  expect(readdirSync(join(path, '..'))).toEqual(['owner.json']);
  expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
});

test.each([0o000, 0o077])('a mode that is asked for is given, with a umask of %o, too', (mask) => {
  const path = join(folder(), 'pid');
  const before = process.umask(mask);
  writeStateFile(path, 'one\n', 0o644);
  process.umask(before);
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test('what cannot be written is thrown', () => {
  const path = folder();
  mkdirSync(path);
  expect(() => {
    writeStateFile(path, 'text');
  }).toThrow(`${path} is a directory and not a file: remove it`);
  expect(() => {
    writeStateFile('/proc/nothing/at-all/here', 'text');
  }).toThrow();
});

test.each([
  [0o777, true],
  [0o1777, true],
  [0o702, true],
  [0o755, false],
  [0o700, false],
])('a folder of mode %o is refused: %s', (mode, refused) => {
  const inside = newFolder();
  const path = join(inside, 'owner.json');
  writeStateFile(path, 'text');
  chmodSync(inside, mode);
  const problem = `others may write the folder ${inside} (mode 0${mode.toString(8)}): remove it`;
  expect(folderProblem(inside)).toBe(refused ? problem : undefined);
  const said = (act: () => unknown): string => {
    try {
      act();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect([
    said(() => readStateFile(path)),
    said(() => {
      writeStateFile(path, 'text');
    }),
  ]).toEqual(refused ? [problem, problem] : ['', '']);
});

test('a folder that is not there is no trouble, and one behind a link is', () => {
  const inside = newFolder();
  expect(folderProblem(join(inside, 'none'))).toBeUndefined();
  expect(readStateFile(join(inside, 'none/owner.json'))).toBeUndefined();
  mkdirSync(join(inside, 'real'), { mode: 0o700 });
  symlinkSync('real', join(inside, 'link'));
  expect(folderProblem(join(inside, 'link'))).toBe(`${inside}/link is a symbolic link and not a folder: remove it`);
  expect(() => readStateFile(join(inside, 'link/owner.json'))).toThrow('is a symbolic link');
});

test('a file of more than 16 MB is none of ours', () => {
  const path = join(newFolder(), 'owner.json');
  writeFileSync(path, '');
  truncateSync(path, 16 * 1024 * 1024);
  expect(readStateFile(path)).toHaveLength(16 * 1024 * 1024);
  truncateSync(path, 16 * 1024 * 1024 + 1);
  expect(() => readStateFile(path)).toThrow(`${path} is too large: remove it`);
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
  const path = join(newFolder(), 'owner.json');
  strangers[kind]?.(path);
  const refusal = `${path} is ${kind} and not a file: remove it`;
  expect(() => readStateFile(path)).toThrow(refusal);
  expect(() => {
    writeStateFile(path, 'text');
  }).toThrow(refusal);
});

test('a FIFO in the place of the file before it is renamed holds nobody up', () => {
  const path = join(newFolder(), 'owner.json');
  execFileSync('mkfifo', [`${path}.new`]);
  writeStateFile(path, 'text');
  expect(readStateFile(path)).toBe('text');
});

const check = process.geteuid?.() === 0 ? test : test.skip;

check('a file or a folder of another user is refused by name', () => {
  const path = join(newFolder(), 'owner.json');
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
