// What is so on both routers at one moment: from their kernels, their processes, and what lvsctl would show.
import { readFileSync } from 'node:fs';
import type { StatusAnswer } from '@piranha/protocol';
import { pause } from '../command.ts';
import type { Host } from '../host.ts';
import { statusOf } from '../look.ts';
import { ipvsTable } from '../router.ts';
import type { ProcessSeen } from './processes.ts';
import { orNone, processesOf, stillThere } from './processes.ts';
import type { RouterName, Site } from './site.ts';
import { routerNames } from './site.ts';

export type RouterFacts = {
  readonly name: RouterName;
  /** Every IPv4 address that the machine answers for, on whatever device. */
  readonly addresses: readonly string[];
  /** As `ipvsadm -S -n` prints it, sorted. */
  readonly table: readonly string[];
  readonly processes: readonly ProcessSeen[];
  /** Undefined where nobody answers. */
  readonly status: StatusAnswer | undefined;
};

/** Looks at both. */
export const factsOf = (site: Site): Promise<RouterFacts[]> => Promise.all(routerNames.map((name) => look(site, name)));

async function look(site: Site, name: RouterName): Promise<RouterFacts> {
  const router = site.router(name);
  const table = await ipvsTable(router).catch((error: unknown) => [String(error)]);
  const status = await statusOf<StatusAnswer>(router);
  return { name, addresses: addressesOf(router.pid), table, processes: await lookAtProcesses(router), status };
}

/** For the parent of a process that has ended, to see that (ms). */
const timeToReap = 500;

async function lookAtProcesses(router: Host): Promise<readonly ProcessSeen[]> {
  const first = processesOf(router);
  if (!first.some(({ zombie }) => zombie)) return first;
  await pause(timeToReap);
  return stillThere(first, processesOf(router));
}

/** Local addresses stand in the kernel's tree of routes, each with the word that it is the host's own. */
function addressesOf(pid: number): string[] {
  const tree = orNone(() => [readFileSync(`/proc/${pid}/net/fib_trie`, 'utf8')]).join('');
  const found = [...tree.matchAll(/\|-- (\S+)\n +\/32 host LOCAL/g)].map(([, address]) => address ?? '');
  return [...new Set(found)];
}
