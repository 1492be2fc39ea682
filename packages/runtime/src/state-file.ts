// Small files under /run and /var by which a later life knows what an earlier one did. What somebody else put in their
// place is refused by name: it could hold us up (a FIFO), lead elsewhere (a link) or make us believe something.
import type { Stats } from 'node:fs';
import { closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
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
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
}

/** Throws where a folder is none, or belongs to somebody who could put there what he likes. */
export function refuseStrangersFolder(folder: string): void {
  const found = lstatSync(folder);
  const trusted = [0, process.geteuid?.()];
  if (!found.isDirectory()) throw new Error(`${folder} is ${kindOf(found)} and not a folder: remove it`);
  if (!trusted.includes(found.uid)) throw new Error(`the folder ${folder} belongs to user ${found.uid}: remove it`);
}

/** Its text; undefined where there is none. Throws where it cannot be read, or is none of ours. */
export function readStateFile(path: string): string | undefined {
  const stranger = strangerAt(path);
  if (stranger !== undefined) throw new Error(stranger);
  const fd = ifThere(() => openSync(path, constants.O_RDONLY | careful));
  if (fd === undefined) return undefined;
  try {
    // Another one may stand under its name by now.
    const changed = problemOf(path, fstatSync(fd));
    if (changed !== undefined) throw new Error(changed);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
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
