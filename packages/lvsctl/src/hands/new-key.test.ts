import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newKey } from './new-key.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'new-key-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const make = (file: string, isRoot = true) => newKey({ type: 'new-key', file, json: false }, isRoot);

test('a key is 64 bytes that are no others, with mode 0600 whatever the umask is', async () => {
  const before = process.umask(0);
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  try {
    expect(await make(one)).toMatchObject({ status: 0, complaint: '' });
    process.umask(0o777);
    expect(await make(two)).toMatchObject({ status: 0 });
  } finally {
    process.umask(before);
  }
  expect([one, two].map((path) => statSync(path).mode & 0o7777)).toEqual([0o600, 0o600]);
  expect([one, two].map((path) => statSync(path).size)).toEqual([64, 64]);
  expect(readFileSync(one).equals(readFileSync(two))).toBe(false);
});

test('what is to be done with it is said, with its whole path', async () => {
  const path = join(folder, 'key');
  const { output } = await make(path);
  expect(output).toContain(`scp -p ${path} root@OTHER-ROUTER:${path}`);
  expect(output).toContain(`heartbeat_key_file = ${path}`);
  expect(output).not.toContain(readFileSync(path).toString('hex'));
});

test('a file that is there is left alone, and a link is not followed', async () => {
  const [path, link] = [join(folder, 'key'), join(folder, 'link')];
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  symlinkSync(join(folder, 'elsewhere'), link);
  for (const each of [path, link]) {
    const made = await make(each);
    expect(made.status).toBe(1);
    expect(made.complaint).toMatch(/is there already and is left alone: .*heartbeat_second_key_file/);
  }
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test('a folder that is not there is named', async () => {
  const made = await make(join(folder, 'none', 'key'));
  expect(made).toMatchObject({ status: 1, output: '' });
  expect(made.complaint).toMatch(/none\/key cannot be written: Error: ENOENT/);
});

test('nobody but root makes one: pulse would refuse it', async () => {
  expect(await make(join(folder, 'key'), false)).toMatchObject({
    status: 1,
    complaint: 'lvsctl: a key has to belong to root: run this as root\n',
  });
});
