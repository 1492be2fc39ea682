// `lvsctl key new`: makes a key for heartbeats, which nobody but root can read, and says what to do with it.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Order } from './options.ts';
import type { Result } from '../rules/result.ts';
import { failed, shown, shownAsJson } from '../rules/result.ts';

/** More than SHA-256 makes use of (bytes). */
const keyBytes = 64;

/** Whatever stands there is left alone, a link, too: the routers may sign with it. */
const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Makes it, on this router only. */
export async function newKey(
  { file, json }: Extract<Order, { readonly type: 'new-key' }>,
  isRoot = process.getuid?.() === 0,
): Promise<Result> {
  if (!isRoot) return failed('a key has to belong to root: run this as root');
  const path = resolve(file);
  const problem = await write(path, randomBytes(keyBytes));
  if (problem !== undefined) return failed(problem);
  return json ? shownAsJson({ file: path }) : shown(advice(path));
}

/** Why it cannot be written; undefined where it is on the disk. */
async function write(path: string, key: Uint8Array): Promise<string | undefined> {
  try {
    const file = await open(path, flags, 0o600);
    const problem = await fill(file, key).catch((error: unknown) => String(error));
    // Half a key would be taken for one of somebody else the next time.
    if (problem !== undefined) await unlink(path);
    return problem === undefined ? undefined : `${path} cannot be written: ${problem}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      return `${path} is there already and is left alone: for a new key beside it name another file (lvs.cf(5), heartbeat_second_key_file)`;
    return `${path} cannot be written: ${String(error)}`;
  }
}

async function fill(file: FileHandle, key: Uint8Array): Promise<undefined> {
  try {
    await file.chmod(0o600);
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
}

const advice = (path: string): readonly string[] => [
  `Made ${path}: ${keyBytes} bytes, which only root can read.`,
  `Copy it to the other router, for example: scp -p ${path} root@OTHER-ROUTER:${path}`,
  'Then, in lvs.cf on both routers:',
  `  A pair that does not run yet: heartbeat_key_file = ${path}`,
  `  A pair that runs without a key: heartbeat_key_file = ${path} and heartbeat_auth = accept; reload one router after the`,
  "    other; when lvsctl status says on both that the partner's heartbeats are signed, remove heartbeat_auth and reload both.",
  `  A pair that has a key already: leave heartbeat_key_file as it is. First heartbeat_second_key_file = ${path}; reload`,
  '    both; then exchange the two files in lvs.cf, reload both; then remove the second one, and reload both.',
];
