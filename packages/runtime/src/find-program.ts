// Whether a program that lvs.cf names can be run.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Programs are looked for here, whatever the search path of this process is. */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Whether a program can be run. */
export type ProgramState = 'ready' | 'missing' | 'not-executable';

/** Looks for a program by its path, or by its name on the search path. Never throws. */
export async function stateOfProgram(word: string): Promise<ProgramState> {
  const paths = word.includes('/') ? [word] : searchPath.split(':').map((folder) => join(folder, word));
  let state: ProgramState = 'missing';
  for (const path of paths) {
    const found = await stateOfFile(path);
    if (found === 'ready') return found;
    if (found === 'not-executable') state = found;
  }
  return state;
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
