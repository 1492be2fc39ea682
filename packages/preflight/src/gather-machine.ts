// Looks at what a file needs of this machine: reads, asks and changes nothing.
import type { LoadedConfiguration, Need } from '@piranha/config';
import type { Interface } from '@piranha/protocol';
import type { ProgramState } from '@piranha/runtime';
import { stateOfProgram } from '@piranha/runtime';
import { readHeartbeatKey } from './heartbeat-key.ts';
import type { Machine } from './judgement.ts';
import { roleAmong } from './subjects.ts';

/** Learns what `judgeMachine` judges. Never throws. */
export async function gatherMachine(
  { configuration, needs }: Pick<LoadedConfiguration, 'configuration' | 'needs'>,
  interfaces: readonly Interface[] | undefined,
): Promise<Machine> {
  const keyFile = needs.find((need) => need.type === 'key-file')?.name;
  return {
    interfaces,
    role: interfaces === undefined ? undefined : roleAmong(configuration, interfaces),
    programs: await lookAtPrograms(needs),
    key: keyFile === undefined ? undefined : await readHeartbeatKey(keyFile),
  };
}

async function lookAtPrograms(needs: readonly Need[]): Promise<ReadonlyMap<string, ProgramState>> {
  const names = new Set(needs.filter((need) => need.type === 'program').map((need) => need.name));
  const states = new Map<string, ProgramState>();
  for (const name of names) states.set(name, await stateOfProgram(name));
  return states;
}
