// A program's start and stop, each waited for by what the kernel's table has.
import { readFileSync } from 'node:fs';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { countServers } from '../many-services.ts';
import type { ManyService } from '../many-services.ts';
import type { Group } from './group.ts';
import type { Program, Task } from './programs.ts';

/** Each wait must end within this time (ms). */
export const limit = 240_000;

/** How much of the table is waited for, and how long (ms). */
type Patience = { readonly part: number; readonly within: number };
const completely: Patience = { part: 1, within: limit };

/** Starts it; gives the time (ms) until every entry is in the table, or this part of the servers. */
export async function startUp(
  group: Group,
  program: Program,
  task: Task,
  patience: Patience = completely,
): Promise<number> {
  await program.configure(group, task);
  const began = nowMs();
  const starting = program.start(group);
  await untilTableHas(group, task.services, patience);
  const took = nowMs() - began;
  const { code, stdout, stderr } = await starting;
  if (code !== 0) throw new Error(`start on ${group.host.name}: status ${code}: ${stdout}${stderr}`);
  return took;
}

/** Stops it, and waits until nothing of it is left. */
export async function shutDown(group: Group, program: Program): Promise<void> {
  await program.stop(group);
  await until(`the program on ${group.host.name} to end`, limit, () => group.processes() === 0);
  await untilTableHas(group, []);
}

/** Waits until every service is in the table, and of the servers all or this part. */
export async function untilTableHas(
  { host }: Group,
  services: readonly ManyService[],
  { part, within } = completely,
): Promise<void> {
  const wanted = { services: services.length, servers: countServers(services) };
  const least = wanted.servers * part;
  await until(`${JSON.stringify(wanted)} in the table of ${host.name}`, within, async () => {
    const began = nowMs();
    const found = countEntries(host);
    if (found.services === wanted.services && found.servers >= least && found.servers <= wanted.servers) return true;
    // Where looking is slow, it must not take the time from what is looked at.
    await pause((nowMs() - began) * 10);
    return false;
  });
}

/** What is in a router's table. Reading the kernel's own listing costs least: no process is started for it. */
export function countEntries({ pid }: Host): { readonly services: number; readonly servers: number } {
  const listed = readFileSync(`/proc/${pid}/net/ip_vs`, 'utf8');
  const count = (pattern: RegExp): number => listed.match(pattern)?.length ?? 0;
  return { services: count(/^TCP /gm), servers: count(/^ {2}-> [0-9A-F]{8}:/gm) };
}
