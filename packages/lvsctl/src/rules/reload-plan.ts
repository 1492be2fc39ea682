// What a reload would do: lvs' own rules, played dry, under the names that an administrator knows.
import type { FloatingAddress } from '@piranha/domain';
import type { Configuration } from '@piranha/config';
import { floatingAddresses } from '@piranha/config';
import { instant } from '@piranha/domain';
import type { Loads, ServiceKey, Table, TableCommand } from '@piranha/ipvs';
import { destinationKey, keyOf, restoreLine, serviceKey } from '@piranha/ipvs';
import type { CheckChanges, DryRun } from '@piranha/lvs/dry-run';
import { assumedState, dryRun, reportedState } from '@piranha/lvs/dry-run';
import type { InForce } from './in-force.ts';

/** One line for ipvsadm and the virtual server that it is about. */
export type PlannedLine = { readonly type: TableCommand['type']; readonly virtual: string; readonly line: string };

/** All that a reload would change. */
export type ReloadPlan = {
  /** In the order in which they are given to ipvsadm. */
  readonly lines: readonly PlannedLine[];
  /** Those that follow when servers which were not checked yet are found good. */
  readonly later: readonly PlannedLine[];
  readonly addresses: { readonly added: readonly FloatingAddress[]; readonly removed: readonly FloatingAddress[] };
  readonly checks: CheckChanges;
  /** Words of `ipvsadm --set`; undefined where connection timeouts stay. */
  readonly timeouts: string | undefined;
  /** Active connections of the servers that leave the table. */
  readonly connections: number;
};

/** Under whom nannies run, by the file in force and by the new one: `UID:GID`; undefined for root. */
type NannyUsers = { readonly before: string | undefined; readonly now: string | undefined };

/** What a plan is made of. */
export type Ground = {
  readonly configuration: Configuration;
  readonly digest: string;
  readonly inForce: InForce;
  /** The kernel's table, and its connections where they could be read. */
  readonly found: Table;
  readonly loads: Loads;
  readonly users: NannyUsers;
};

/** Makes the plan. */
export function planReload(ground: Ground): ReloadPlan {
  const { commands, later, checks, timeouts } = playDry(ground);
  const named = (each: readonly TableCommand[]) => each.map((command) => plannedLine(command, ground));
  return {
    lines: named(commands),
    later: named(later),
    addresses: addressChanges(ground),
    checks,
    timeouts: timeouts === undefined ? undefined : `--set ${timeouts.tcp} ${timeouts.tcpFin} ${timeouts.udp}`,
    connections: commands.reduce((sum, command) => sum + connectionsOf(command, ground), 0),
  };
}

const nothing: DryRun = {
  ...{ commands: [], later: [], timeouts: undefined },
  checks: { begun: [], restarted: [], ended: [] },
};

/** Without a pulse nothing is known but the table: it is as if the file itself were in force. */
function playDry({ configuration, digest, inForce, found, users }: Ground): DryRun {
  // What it still takes down has nothing to do with a file.
  if (inForce.role === 'idle') return nothing;
  const at = instant(0);
  const ground = { configuration: inForce.configuration ?? configuration, found, nannyUser: users.before };
  const state =
    inForce.report === undefined
      ? assumedState(inForce.role === 'active' ? 'active' : 'standby', ground, at)
      : reportedState(inForce.report, ground, at);
  return dryRun(state, { configuration, digest, nannyUser: users.now }, at);
}

function plannedLine(command: TableCommand, ground: Ground): PlannedLine {
  const key = serviceKey(identityOf(command));
  return { type: command.type, virtual: nameOf(key, ground), line: restoreLine(command) };
}

const identityOf = (command: TableCommand) => ('service' in command ? command.service.identity : command.identity);

/** The name in the new file counts; a service that it drops has the one it had. */
function nameOf(key: ServiceKey, { configuration, inForce }: Ground): string {
  const known = [...configuration.virtualServers, ...(inForce.configuration?.virtualServers ?? [])];
  const virtual = known.find((each) => each.active && keyOf(each) === key) ?? known.find((each) => keyOf(each) === key);
  return virtual?.name ?? key;
}

const addressWords = ({ address, device }: FloatingAddress): string => `${address} ${device}`;

function addressChanges({ configuration, inForce }: Ground): ReloadPlan['addresses'] {
  if (inForce.configuration === undefined) return { added: [], removed: [] };
  const [old, now] = [floatingAddresses(inForce.configuration), floatingAddresses(configuration)];
  const without = (all: readonly FloatingAddress[], others: readonly FloatingAddress[]) => {
    const words = new Set(others.map(addressWords));
    return all.filter((each) => !words.has(addressWords(each)));
  };
  return { added: without(now, old), removed: without(old, now) };
}

function connectionsOf(command: TableCommand, { loads }: Ground): number {
  const servers = loads.get(serviceKey(identityOf(command)));
  if (command.type === 'delete-service') {
    return [...(servers?.values() ?? [])].reduce((sum, load) => sum + load.activeConnections, 0);
  }
  if (command.type !== 'delete-destination') return 0;
  return servers?.get(destinationKey(command.destination))?.activeConnections ?? 0;
}
