import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { success } from '@piranha/domain';
import { readHeartbeatKey } from './heartbeat-key.ts';

let folder = '';
const me = process.getuid?.() ?? 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heartbeat-key-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function keyFile(content: Uint8Array | string, mode = 0o600): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const openly = { owner: me, secretly: () => success(undefined) };

const read = async (path: string, owner = me): Promise<string> => {
  const key = await readHeartbeatKey(path, { ...openly, owner });
  return key.ok ? `${key.value.length} bytes` : key.error;
};

test('the key is every byte of the file, a newline at its end too', async () => {
  const content = Buffer.from([...Array.from({ length: 31 }, (_, index) => index * 8), 10]);
  const key = await readHeartbeatKey(keyFile(content), openly);
  expect(key.ok && Buffer.from(key.value).equals(content)).toBe(true);
});

test.each([
  [31, /key: 31 bytes: a key has at least 32$/],
  [32, /^32 bytes$/],
  [4096, /^4096 bytes$/],
  [4097, /key: over 4096 bytes: a key has at most 4096$/],
  [0, /key: 0 bytes: a key has at least 32$/],
])('%d bytes', async (length, answer) => {
  expect(await read(keyFile(new Uint8Array(length)))).toMatch(answer);
});

test.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])('mode %o is refused', async (mode) => {
  expect(await read(keyFile('x'.repeat(32), mode))).toMatch(
    new RegExp(`^${folder}/key: mode 0${mode.toString(8)} lets others at it: chmod 600$`),
  );
});

test.each([0o600, 0o400])('mode %o is good', async (mode) => {
  expect(await read(keyFile('x'.repeat(32), mode))).toBe('32 bytes');
});

test("another user's file is refused", async () => {
  expect(await read(keyFile('x'.repeat(32)), me + 1)).toMatch(/belongs to user \d+: give it to root \(chown root\)$/);
});

test('a missing file is named with what to do', async () => {
  expect(await read(join(folder, 'none'))).toMatch(/^\/.*\/none: .*ENOENT.*: make one/);
});

test('a FIFO is refused at once, also behind a link; so are a folder and a device', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const link = join(folder, 'link');
  symlinkSync(fifo, link);
  for (const path of [fifo, link, folder, '/dev/zero']) expect(await read(path)).toMatch(/: not a regular file/);
});

test('a link to a good file is good', async () => {
  const link = join(folder, 'link');
  symlinkSync(keyFile('x'.repeat(40)), link);
  expect(await read(link)).toBe('40 bytes');
});

test('the memory of a process with a key is hidden, and only of such a one', async () => {
  let hidden = 0;
  const secretly = () => {
    hidden += 1;
    return success(undefined);
  };
  await readHeartbeatKey(keyFile('x'.repeat(40)), { owner: me, secretly });
  expect(hidden).toBe(1);
  await readHeartbeatKey(join(folder, 'none'), { owner: me, secretly });
  expect(hidden).toBe(1);
});
