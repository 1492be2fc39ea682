// Whether a program that lvs.cf names can be run.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { UserIds } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import { runCommand } from './run-command.ts';

/** Programs are looked for here, whatever the search path of this process is. */
export const searchPath = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

/** Whether a program can be run. */
export type ProgramState = 'ready' | 'missing' | 'not-executable';

/** Looks for a program by its path, or by its name on the search path. Never throws. */
export async function stateOfProgram(word: string): Promise<ProgramState> {
  let state: ProgramState = 'missing';
  for (const path of placesOf(word)) {
    const found = await stateOfFile(path);
    if (found === 'ready') return found;
    if (found === 'not-executable') state = found;
  }
  return state;
}

const placesOf = (word: string): readonly string[] =>
  word.includes('/') ? [word] : searchPath.split(':').map((folder) => join(folder, word));

/** Whether a user may run a program; undefined where that cannot be found out. */
export async function mayRun(word: string, user: UserIds): Promise<boolean | undefined> {
  for (const path of placesOf(word)) {
    const runs = (await stateOfFile(path)) === 'ready' ? await may('-x', path, user) : false;
    if (runs !== false) return runs;
  }
  return false;
}

/** The same for what another program reads and runs; undefined for what is not there, too. */
export const mayRead = async (path: string, user: UserIds): Promise<boolean | undefined> =>
  (await stateOfFile(path)) === 'missing' ? undefined : may('-r', path, user);

/** The kernel is asked, as that user: it alone knows of access lists and of file systems without programs. */
async function may(what: '-x' | '-r', path: string, { uid, gid }: UserIds): Promise<boolean | undefined> {
  const tested = await runCommand({ file: 'test', args: [what, path], limit: seconds(5), as: { uid, gid } });
  if (tested.ok) return true;
  return tested.error.status === 1 ? false : undefined;
}

/** A program as it is called from any folder; one without a path is looked for. */
export const programFromAnywhere = (word: string): string => (word.includes('/') ? resolve(word) : word);

async function stateOfFile(path: string): Promise<ProgramState> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => undefined,
  );
  if (isFile === undefined) return 'missing';
  const runs = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return isFile && runs ? 'ready' : 'not-executable';
}
