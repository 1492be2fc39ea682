// Whether somebody besides root may change a file, or put another one in its place.
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasAccessList } from '@piranha/libc';
import { searchPath } from './find-program.ts';

/** Who may change something, in words, and what to do about it. */
export type Exposure = { readonly problem: string; readonly cure: string };

/** `listed` tells whether an access control list lets in others than the mode names (acl(5)). */
type Standing = Pick<Stats, 'uid' | 'gid' | 'mode'> & { readonly listed?: boolean };
type Found = Standing & Pick<Stats, 'isSymbolicLink' | 'isDirectory'>;

/** How paths are looked at. All may throw as the system does. */
export type Looks = {
  readonly look: (path: string) => Promise<Found>;
  readonly listed: (path: string) => boolean;
  readonly target: (link: string) => Promise<string>;
  /** The beginning of a file. */
  readonly head: (path: string) => Promise<string>;
};

const system: Looks = { look: (path) => lstat(path), listed: hasAccessList, target: (link) => readlink(link), head };

/** As much as the kernel reads of a first line. */
async function head(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

const root = 0;
const groupWrites = 0o020;
const allWrite = 0o002;
const sticky = 0o1000;
/** As many links as the kernel follows (path_resolution(7)). */
const mostLinks = 40;

const elsewhere = 'keep it below a folder that only root may write, such as /usr/local/sbin or /etc';

/** Who besides root may change what stands at a path; undefined where nobody may. A sticky folder is everybody's, too. */
export function exposureOf(path: string, { uid, gid, mode, listed = false }: Standing): Exposure | undefined {
  const octal = `0${(mode & 0o7777).toString(8)}`;
  if (uid !== root) return { problem: `${path} belongs to user ${uid}`, cure: `chown root ${path}, or ${elsewhere}` };
  const all = (mode & allWrite) !== 0;
  if (!all && listed && isForGroup({ gid, mode })) {
    return { problem: `an access control list lets others write ${path}`, cure: `setfacl -b ${path}` };
  }
  if (!all && ((mode & groupWrites) === 0 || gid === root)) return undefined;
  const problem = `${all ? 'everybody' : `group ${gid}`} may write ${path} (mode ${octal})`;
  return { problem, cure: (mode & sticky) === 0 ? `chmod go-w ${path}` : elsewhere };
}

/** Whether root's group may write it. With an access control list these bits of the mode are the most that any entry allows. */
const isForGroup = ({ gid, mode }: Pick<Standing, 'gid' | 'mode'>): boolean =>
  gid === root && (mode & groupWrites) !== 0;

/**
 * The same for a path with every folder and link on the way to it. Nothing is said of what is not there or cannot be
 * looked at: who opens it finds that out.
 */
export async function exposureOfPath(
  path: string,
  { look, listed, target }: Looks = system,
): Promise<Exposure | undefined> {
  let links = 0;
  // The list counts only where the mode leaves room for it: libc is asked for few paths.
  const judge = (here: string, { uid, gid, mode }: Standing): Exposure | undefined =>
    exposureOf(here, { uid, gid, mode, listed: isForGroup({ gid, mode }) && listed(here) });
  const walk = async (folder: string, names: readonly string[]): Promise<Exposure | undefined> => {
    const [name, ...rest] = names;
    if (name === undefined) return undefined;
    if (name === '..') return walk(dirname(folder), rest);
    const here = join(folder, name);
    const found = await look(here);
    if (!found.isSymbolicLink()) return judge(here, found) ?? walk(here, rest);
    links += 1;
    if (links > mostLinks) return undefined;
    const to = await target(here);
    return walk(to.startsWith('/') ? '/' : folder, [...namesOf(to), ...rest]);
  };
  try {
    return judge('/', await look('/')) ?? (await walk('/', namesOf(path)));
  } catch {
    return undefined;
  }
}

const namesOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '' && name !== '.');

/** The kernel follows as many scripts that run each other (execve(2)). */
const mostInterpreters = 5;

/**
 * The same for a program by its path, or by its name on the search path: there whoever may write an earlier folder can put
 * another one in its place. What its first line names to run it counts, too, and what that one's names. A path is one from the
 * root folder, as for the daemons.
 */
export async function exposureOfProgram(word: string, looks: Looks = system, depth = 0): Promise<Exposure | undefined> {
  const found = await findProgram(word, looks);
  if (found === undefined || 'problem' in found) return found;
  if (depth >= mostInterpreters) return undefined;
  for (const interpreter of await interpretersOf(found.path, looks)) {
    const exposure = await exposureOfProgram(interpreter, looks, depth + 1);
    if (exposure !== undefined) return exposure;
  }
  return undefined;
}

/** Where a program is; or who may change it, or put another one there. Undefined where it is not there. */
async function findProgram(word: string, looks: Looks): Promise<Exposure | { readonly path: string } | undefined> {
  const paths = word.includes('/') ? [word] : searchPath.split(':').map((folder) => join(folder, word));
  for (const path of paths) {
    const exposure = await exposureOfPath(path, looks);
    if (exposure !== undefined) return exposure;
    if (await isThere(path, looks)) return { path };
  }
  return undefined;
}

/**
 * Whatever the first line of a script may name to be run: its interpreter, every path behind that, and what env(1) is told to look
 * for. An option may hold the path (`-S/x`), and a folder may be changed first: a path without its `/` counts as one with it.
 */
async function interpretersOf(path: string, { head: read }: Looks): Promise<readonly string[]> {
  const start = await read(path).catch(() => '');
  const [program, ...args] = (/^#![ \t]*(.+)/.exec(start)?.[1] ?? '').split(/[\s"']+/).filter((word) => word !== '');
  if (program === undefined) return [];
  const paths = args.filter((word) => word.includes('/')).flatMap((word) => pathsIn(word));
  const isEnv = /(?:^|\/)env$/.test(program);
  const names = isEnv ? args.filter((word) => !/^-|[=/]/.test(word)) : [];
  return [program, ...paths, ...names];
}

const pathsIn = (word: string): readonly string[] => [word.slice(word.indexOf('/')), join('/', word)];

async function isThere(path: string, { look }: Looks): Promise<boolean> {
  return look(path).then(
    () => true,
    () => false,
  );
}
