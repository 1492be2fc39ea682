// Looks at what a file needs of this machine: reads, asks and changes nothing.
import { resolve } from 'node:path';
import type { LoadedConfiguration, Need } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { CheckUser, Exposure, ProgramState } from '@piranha/runtime/trust';
import {
  exposureOfPath,
  exposureOfProgram,
  findCheckUser,
  mayRead,
  mayRun,
  stateOfProgram,
} from '@piranha/runtime/trust';
import { keysOfCheckUser } from '../check-user.ts';
import { readHeartbeatKey } from './heartbeat-key.ts';
import type { Machine } from '../machine.ts';
import { roleAmong } from '../subjects.ts';

/** Programs of the command line: an option and what it names. */
export type OwnPrograms = Readonly<Record<string, string>>;

/** What pulse reads where its command line names no other file. */
const usualFile = '/etc/sysconfig/ha/lvs.cf';

/** Learns what `judgeMachine` judges. Never throws. */
export async function gatherMachine(
  { path, configuration, needs }: Pick<LoadedConfiguration, 'path' | 'configuration' | 'needs'>,
  interfaces: readonly Interface[] | undefined,
  own: OwnPrograms = {},
): Promise<Machine> {
  const namesOf = (...wanted: readonly Need['type'][]): readonly string[] => [
    ...new Set(needs.flatMap(({ type, name }) => (wanted.includes(type) ? [name] : []))),
  ];
  const checkUser = await findCheckUser(configuration.checkUser);
  return {
    interfaces,
    role: interfaces === undefined ? undefined : roleAmong(configuration, interfaces),
    programs: await statesOf(namesOf('program')),
    exposed: new Map([
      ...(await exposuresOf(namesOf('program', 'script').map((name) => [name, name]))),
      ...(await exposuresOfPaths(namesOf('key-file'))),
    ]),
    checkUser,
    barred: await barredTo(checkUser, needs),
    ownExposed: await exposuresOf(Object.entries(own)),
    file: await exposureOfPath(resolve(path)),
    installed: resolve(path) === usualFile,
    keys: await readKeys(namesOf('key-file')),
  };
}

async function statesOf(programs: readonly string[]): Promise<ReadonlyMap<string, ProgramState>> {
  const states = new Map<string, ProgramState>();
  for (const name of programs) states.set(name, await stateOfProgram(fromRoot(name)));
  return states;
}

/** Programs that the user may not run. Only root can find that out. */
async function barredTo(user: CheckUser, needs: readonly Need[]): Promise<ReadonlySet<string>> {
  const barred = new Set<string>();
  if (user.type !== 'user') return barred;
  const ofChecks = needs.filter(({ key }) => keysOfCheckUser.includes(key));
  const named = (wanted: Need['type']) =>
    new Set(ofChecks.flatMap(({ type, name }) => (type === wanted ? [name] : [])));
  for (const name of named('program')) if ((await mayRun(fromRoot(name), user)) === false) barred.add(name);
  for (const name of named('script')) if ((await mayRead(name, user)) === false) barred.add(name);
  return barred;
}

async function exposuresOf(
  programs: readonly (readonly [key: string, program: string])[],
): Promise<ReadonlyMap<string, Exposure>> {
  const exposures = new Map<string, Exposure>();
  for (const [key, program] of programs) {
    const exposure = await exposureOfProgram(fromRoot(program));
    if (exposure !== undefined) exposures.set(key, exposure);
  }
  return exposures;
}

async function exposuresOfPaths(paths: readonly string[]): Promise<ReadonlyMap<string, Exposure>> {
  const exposures = new Map<string, Exposure>();
  for (const path of paths) {
    const exposure = await exposureOfPath(path);
    if (exposure !== undefined) exposures.set(path, exposure);
  }
  return exposures;
}

/** The daemons run in the root folder. */
const fromRoot = (program: string): string => (program.includes('/') ? resolve('/', program) : program);

async function readKeys(paths: readonly string[]): Promise<Machine['keys']> {
  const keys = new Map<string, Outcome<Uint8Array, string>>();
  for (const path of paths) keys.set(path, await readHeartbeatKey(path));
  return keys;
}
