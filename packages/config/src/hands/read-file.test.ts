import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readRegularFile } from './read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-file-'));
const file = join(folder, 'file');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** How much is read, or why nothing is. */
const read = async (path: string, most: number): Promise<number | string> => {
  const found = await readRegularFile(path, most);
  return found.ok ? found.value.length : found.error;
};

test.each([0, 1, 65_536, 65_537, 200_000])('%d bytes are read to the end', async (length) => {
  writeFileSync(file, 'x'.repeat(length));
  expect(await read(file, length)).toBe(length);
  expect(await read(file, length + 1)).toBe(length);
});

test('one byte too many is too much', async () => {
  writeFileSync(file, 'x'.repeat(70_000));
  expect(await read(file, 69_999)).toBe('too large');
});

test('a file that says it is empty, and is not, is read no further than it may be', async () => {
  expect(await read('/proc/self/status', 1_000_000)).toBeGreaterThan(100);
  expect(await read('/proc/self/status', 10)).toBe('too large');
});

test('a link is followed; what is no file is refused at once, behind a link too', async () => {
  const [fifo, link, there] = ['fifo', 'link', 'there'].map((name) => join(folder, name)) as [string, string, string];
  execFileSync('mkfifo', [fifo]);
  symlinkSync(fifo, link);
  writeFileSync(file, 'text');
  symlinkSync(file, there);
  expect(await read(there, 10)).toBe(4);
  for (const path of [fifo, link, folder, '/dev/zero']) expect(await read(path, 10)).toBe('not a file');
});
