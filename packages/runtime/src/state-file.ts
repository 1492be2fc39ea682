// Small files under /run and /var by which a later life knows what an earlier one did. What somebody else put in their
// place is refused by name: it could hold us up (a FIFO), lead elsewhere (a link) or make us believe something.
import type { Stats } from 'node:fs';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Nothing larger is one of ours. */
const mostBytes = 16 * 1024 * 1024;

/** Does not wait for the other end of a FIFO, follows no link, and no terminal gets hold of us. */
const careful = constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** Writes it for root alone (or with another mode); at no time is there half a file. Throws where that is not possible. */
export function writeStateFile(path: string, text: string, mode = 0o600): void {
  const folder = dirname(path);
  // Not recursive: below /proc, say, Node would try for ever.
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  refuseStrangersFolder(folder);
  const stranger = strangerAt(path);
  if (stranger !== undefined) throw new Error(stranger);
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | careful, mode);
  try {
    // Whatever the umask is.
    fchmodSync(fd, mode);
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
}

/** The folder of sockets and small files. */
export const stateFolder = '/run/piranha';

const writable = { group: 0o020, all: 0o002 };

/** Why a folder is none in which we read and write, with the cure; undefined where it is one, or is not there. */
export function folderProblem(folder: string): string | undefined {
  const found = ifThere(() => lstatSync(folder));
  if (found === undefined) return undefined;
  const { uid, gid, mode } = found;
  if (!found.isDirectory()) return `${folder} is ${kindOf(found)} and not a folder: remove it`;
  if (![0, process.geteuid?.()].includes(uid)) return `the folder ${folder} belongs to user ${uid}: remove it`;
  const others = (mode & writable.all) !== 0 || ((mode & writable.group) !== 0 && gid !== 0);
  if (!others) return undefined;
  return `others may write the folder ${folder} (mode 0${(mode & 0o7777).toString(8)}): remove it`;
}

/** Throws where a folder is none, or somebody else could put there what he likes. */
export function refuseStrangersFolder(folder: string): void {
  const problem = folderProblem(folder);
  if (problem !== undefined) throw new Error(problem);
}

/** Its text; undefined where there is none. Throws where it cannot be read, or is none of ours. */
export function readStateFile(path: string): string | undefined {
  refuseStrangersFolder(dirname(path));
  const stranger = strangerAt(path);
  if (stranger !== undefined) throw new Error(stranger);
  const fd = ifThere(() => openSync(path, constants.O_RDONLY | careful));
  if (fd === undefined) return undefined;
  try {
    // Another one may stand under its name by now.
    const changed = problemOf(path, fstatSync(fd));
    if (changed !== undefined) throw new Error(changed);
    return readStart(path, fd);
  } finally {
    closeSync(fd);
  }
}

/** It may still grow: no more is read than a file of ours has. */
function readStart(path: string, fd: number): string {
  const pieces: Buffer[] = [];
  for (let length = 0; ;) {
    const room = Buffer.allocUnsafe(64 * 1024);
    const read = readSync(fd, room);
    if (read === 0) return Buffer.concat(pieces).toString('utf8');
    length += read;
    if (length > mostBytes) throw new Error(`${path} is too large: remove it`);
    pieces.push(room.subarray(0, read));
  }
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** What stands at a path and is no file of ours, in words; undefined where nothing or the right thing does. */
function strangerAt(path: string): string | undefined {
  const found = ifThere(() => lstatSync(path));
  return found === undefined ? undefined : problemOf(path, found);
}

function problemOf(path: string, found: Stats): string | undefined {
  const own = process.geteuid?.();
  if (!found.isFile()) return `${path} is ${kindOf(found)} and not a file: remove it`;
  if (found.uid !== own) return `${path} belongs to user ${found.uid}, not to user ${own ?? '?'}: remove it`;
  return found.size > mostBytes ? `${path} is too large: remove it` : undefined;
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return 'a FIFO';
  if (found.isDirectory()) return 'a directory';
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isFile()) return 'a file';
  return found.isSocket() ? 'a socket' : 'a device';
}
