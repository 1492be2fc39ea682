// A key of the heartbeat, from its file.
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import { forbidCoreDumps } from '@piranha/runtime';

const least = 32;
const most = 4096;
const root = 0;

/** FIFOs and terminals neither hold up whoever opens them nor get hold of us. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * The key is the whole content of the file, byte for byte: a newline at its end belongs to it. The file must be a
 * regular one of `owner` that nobody else may read or write. The error names it and says what to do.
 */
export async function readHeartbeatKey(
  path: string,
  { owner = root, secretly = forbidCoreDumps } = {},
): Promise<Outcome<Uint8Array, string>> {
  try {
    // Looked at before it is opened, for opening a device can already do something.
    const problem = problemOf(await stat(path), owner);
    // Who cannot hide its memory works all the same: launchers have set the limit of core dumps to 0.
    if (problem === undefined) secretly();
    const refused = problem ?? (await readChecked(path, owner));
    return typeof refused === 'string' ? failure(`${path}: ${refused}`) : success(refused);
  } catch (error) {
    return failure(`${path}: ${String(error)}: make one with lvsctl key new, the same on both routers (lvs.cf(5))`);
  }
}

/** The key, or what is wrong with the file. */
async function readChecked(path: string, owner: number): Promise<Uint8Array | string> {
  const file = await open(path, openFlags);
  try {
    // Another one may stand under its name by now.
    return problemOf(await file.stat(), owner) ?? problemOfLength(await readStart(file));
  } finally {
    await file.close();
  }
}

type Stat = { readonly isFile: () => boolean; readonly uid: number; readonly mode: number };

function problemOf(file: Stat, owner: number): string | undefined {
  if (!file.isFile()) return 'not a regular file: name one that holds the key';
  if (file.uid !== owner) return `belongs to user ${file.uid}: give it to root (chown root)`;
  if ((file.mode & 0o077) !== 0) return `mode 0${(file.mode & 0o777).toString(8)} lets others at it: chmod 600`;
  return undefined;
}

function problemOfLength(key: Uint8Array): Uint8Array | string {
  if (key.length < least) return `${key.length} bytes: a key has at least ${least}`;
  if (key.length > most) return `over ${most} bytes: a key has at most ${most}`;
  return key;
}

/** As much as a key may have and one byte, so that more is noticed. */
async function readStart(file: FileHandle): Promise<Uint8Array> {
  const room = new Uint8Array(most + 1);
  let length = 0;
  while (length < room.length) {
    const { bytesRead } = await file.read(room, length, room.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return room.subarray(0, length);
}
