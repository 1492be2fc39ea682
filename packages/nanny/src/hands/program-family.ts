// The end of a check program, with all that it has started.
import { readdirSync, readFileSync } from 'node:fs';

/** Kills the process group that a program leads. The program itself may have ended. */
export function killGroup(leader: number): void {
  kill(-leader);
}

/**
 * Kills a program that still runs: its group, and what descends from it in groups of its own, as all does that is run
 * through timeout(1).
 */
export function killFamily(leader: number): void {
  const others = descendantsOf(leader);
  killGroup(leader);
  others.forEach(kill);
}

/**
 * Kills all that a program has left running in groups and sessions of its own, known by a variable of its environment.
 * This looks at every process of the machine.
 */
export function killMarked(variable: string): void {
  readOr<readonly string[]>([], () => readdirSync('/proc'))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(variable))
    .forEach(kill);
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // No process, or none of ours.
    return [];
  }
}

/** What has lost its parent descends from it no more. */
function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Read at once: while this process waits, numbers of processes may be given to others. */
function childrenOf(pid: number): readonly number[] {
  return readOr<readonly number[]>([], () => {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
    return lists.flatMap((list) => list.split(' ').filter((word) => word !== '')).map(Number);
  });
}

/**
 * A process may have ended meanwhile or be another user's, this kernel may keep no such lists, or this process may have too
 * many files open to look: then the group has to do.
 */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (
      ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(
        (error as NodeJS.ErrnoException).code ?? '',
      )
    )
      return otherwise;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left, or nobody whom we may kill: a program may have become another user.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
