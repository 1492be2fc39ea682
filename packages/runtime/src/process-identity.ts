// Processes that are no children of ours, told apart from others that may get their numbers later (proc(5)).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process: its number, and when it was started. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** Nothing where there is no such process, or we may not see it. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Fields of /proc/PID/stat behind the name, which may hold blanks and brackets. */
const stateAt = 0;
const startTimeAt = 19;

/** Who has this number now; undefined for nobody, and for one that has ended and was not reaped yet. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = fields[startTimeAt];
  return startedAt === undefined || ['Z', 'X'].includes(fields[stateAt] ?? '') ? undefined : { pid, startedAt };
}

/** Whether that very process still lives. */
export const lives = ({ pid, startedAt }: ProcessIdentity): boolean => identify(pid)?.startedAt === startedAt;

/** Signals that very process; without effect where it has ended. */
export function signalProcess(process_: ProcessIdentity, name: NodeJS.Signals): void {
  if (lives(process_)) attempt(() => process.kill(process_.pid, name));
}

/** The processes of this name that listen at a Unix socket: they may hang, and cannot be asked who they are. */
export function listenersAt(path: string, name: string): readonly ProcessIdentity[] {
  const files = new Set(unixSockets().flatMap((each) => (each.path === path ? [each.file] : [])));
  return files.size === 0 ? [] : socketHolders(files, name, readdirSync('/proc').filter(isNumber).map(Number));
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** Those of `pids` that have this name and hold one of these sockets. */
const socketHolders = (files: ReadonlySet<string>, name: string, pids: readonly number[]): readonly ProcessIdentity[] =>
  pids
    .filter((pid) => nameOf(pid) === name && openFiles(pid)?.some((file) => files.has(file)) === true)
    .flatMap((pid) => identify(pid) ?? []);

/**
 * The process of this number where it has this name and holds this socket. One of root's into which we may not look is
 * believed: it has privileges that we lack, as one outside of a service's confines has.
 */
export function socketHolder(file: string, name: string, pid: number): ProcessIdentity | undefined {
  if (nameOf(pid) !== name) return undefined;
  const holds = openFiles(pid)?.includes(file) ?? isRoots(pid);
  return holds ? identify(pid) : undefined;
}

const isRoots = (pid: number): boolean =>
  attempt(() => /^Uid:\t0\t/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) ?? false;

/** What a process is called; undefined where there is none. */
export const nameOf = (pid: number): string | undefined =>
  attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trimEnd();

/** The sockets that have a path or, behind an @, an abstract name; `file` as the links of /proc/PID/fd call them. */
export function unixSockets(): readonly { readonly path: string; readonly file: string }[] {
  const table = attempt(() => readFileSync('/proc/net/unix', 'utf8')) ?? '';
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, , , , , , inode, path]) =>
    path === undefined || inode === undefined ? [] : [{ path, file: `socket:[${inode}]` }],
  );
}

/** Undefined where we may not look. */
function openFiles(pid: number): readonly string[] | undefined {
  const folder = `/proc/${pid}/fd`;
  const files = attempt(() => readdirSync(folder));
  const targets = files?.flatMap((file) => attempt(() => readlinkSync(`${folder}/${file}`)) ?? []);
  // A process whose files can be counted but not followed.
  return files !== undefined && files.length > 0 && targets?.length === 0 ? undefined : targets;
}
