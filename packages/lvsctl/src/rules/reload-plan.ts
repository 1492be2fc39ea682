// What a reload would do: the lines that lvs would give to ipvsadm, and what else follows. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { Configuration, FloatingAddress } from '@piranha/config';
import { floatingAddresses } from '@piranha/config';
import { instant, never } from '@piranha/domain';
import type { Health, Loads, ServerId, ServiceKey, Table, TableCommand, Weights } from '@piranha/ipvs';
import {
  applyCommands,
  destinationKey,
  destinationKeyOf,
  emptyTable,
  firstRamp,
  keyOf,
  plan,
  restoreLine,
  reweighed,
  serviceKey,
  underOrders,
  wantedTable,
  weighingOf,
} from '@piranha/ipvs';
import type { InForce } from './in-force.ts';
import { activeServers } from './in-force.ts';

/** One line for ipvsadm and the virtual server that it is about. */
export type PlannedLine = { readonly type: TableCommand['type']; readonly virtual: string; readonly line: string };

/** Checks by the names of virtual and real server. */
type Checks = {
  readonly begun: readonly string[];
  readonly restarted: readonly string[];
  readonly ended: readonly string[];
};

/** All that a reload would change. */
export type ReloadPlan = {
  /** In the order in which they are given to ipvsadm. */
  readonly lines: readonly PlannedLine[];
  /** Those that follow when servers which were not checked yet are found good. */
  readonly later: readonly PlannedLine[];
  readonly addresses: { readonly added: readonly FloatingAddress[]; readonly removed: readonly FloatingAddress[] };
  readonly checks: Checks;
  /** Words of `ipvsadm --set`; undefined where connection timeouts stay. */
  readonly timeouts: string | undefined;
  /** Active connections of the servers that leave the table. */
  readonly connections: number;
};

/** What a plan is made of. */
export type Ground = {
  readonly configuration: Configuration;
  readonly inForce: InForce;
  /** The kernel's table, and its connections where they could be read. */
  readonly found: Table;
  readonly loads: Loads;
};

/** Makes the plan. */
export function planReload(ground: Ground): ReloadPlan {
  const { inForce, found } = ground;
  const stands = standing(ground);
  const first = inForce.role === 'idle' ? [] : commandsFor(ground, found, healthAtOnce(ground));
  const afterwards = applyCommands(found, first);
  const second = stands ? commandsFor(ground, afterwards, healthWhenChecked(ground)) : [];
  const named = (commands: readonly TableCommand[]) => commands.map((command) => plannedLine(command, ground));
  return {
    lines: named(first),
    later: named(second),
    addresses: addressChanges(ground),
    checks: stands ? checkChanges(ground) : { begun: [], restarted: [], ended: [] },
    timeouts: stands ? newTimeouts(ground) : undefined,
    connections: first.reduce((sum, command) => sum + connectionsOf(command, ground), 0),
  };
}

/** Whether services stand in the table of this router after the reload. */
function standing({ configuration, inForce: { role } }: Ground): boolean {
  return role === 'active' || (role === 'standby' && configuration.hotStandby);
}

function commandsFor(ground: Ground, found: Table, health: ReadonlyMap<ServerId, Health>): readonly TableCommand[] {
  const { configuration, inForce } = ground;
  const owned = new Set([...inForce.owned, ...configuration.virtualServers.map(keyOf)]);
  if (!standing(ground)) return plan(found, emptyTable, owned);
  const known = underOrders({ health, weights: weightsOf(ground, found, health), found }, inForce.orders);
  return plan(found, wantedTable(configuration, known.health, found, known.weights), owned);
}

/** Servers in service keep their weight as far as the new file allows; one that comes up starts low. */
function weightsOf({ configuration, inForce }: Ground, found: Table, health: ReadonlyMap<ServerId, Health>): Weights {
  const before = new Map(
    inForce.configuration === undefined
      ? []
      : activeServers(inForce.configuration).map(({ id, server }) => [id, server.weight] as const),
  );
  const now = instant(0);
  const up = activeServers(configuration).filter(({ id }) => health.get(id) === 'up');
  return new Map(
    up.map(({ id, virtual, server }) => {
      const weighing = weighingOf(virtual, server);
      const weight = found.get(keyOf(virtual))?.destinations.get(destinationKeyOf(server))?.weight ?? 0;
      if (weight === 0) return [id, firstRamp(weighing, now).weight];
      const rising = weight < (before.get(id) ?? server.weight);
      return [id, reweighed({ weight, doubleAt: rising ? now : never }, weighing, now).weight];
    }),
  );
}

/** As lvs has it right after the reload: a new server was not checked yet. */
const healthAtOnce = ({ configuration, inForce: { health } }: Ground): ReadonlyMap<ServerId, Health> =>
  new Map(
    activeServers(configuration).map(({ id }) => [id, health === undefined ? 'up' : (health.get(id) ?? 'unknown')]),
  );

const healthWhenChecked = (ground: Ground): ReadonlyMap<ServerId, Health> =>
  new Map([...healthAtOnce(ground)].map(([id, health]) => [id, health === 'unknown' ? 'up' : health]));

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

/** A check begins anew where anything that it is made of is different. */
function checkChanges({ configuration, inForce }: Ground): Checks {
  if (inForce.configuration === undefined) return { begun: [], restarted: [], ended: [] };
  const old = new Map(checksIn(inForce.configuration).map((each) => [each.id, each]));
  const now = checksIn(configuration);
  const kept = new Set(now.map(({ id }) => id));
  return {
    begun: now.filter(({ id }) => !old.has(id)).map(({ label }) => label),
    restarted: now
      .filter(({ id, made }) => old.has(id) && !isDeepStrictEqual(old.get(id)?.made, made))
      .map(({ label }) => label),
    ended: [...old.values()].filter(({ id }) => !kept.has(id)).map(({ label }) => label),
  };
}

const checksIn = (configuration: Configuration) =>
  activeServers(configuration).map(({ id, virtual, server }) => ({
    id,
    label: `${virtual.name}/${server.name}`,
    made: [virtual.check, virtual.protocol, virtual.port],
  }));

/** 0 leaves the kernel's own value, so a file with zeros alone sets nothing. */
function newTimeouts({ configuration: { timeouts }, inForce }: Ground): string | undefined {
  const old = inForce.configuration?.timeouts;
  if (old === undefined || isDeepStrictEqual(old, timeouts)) return undefined;
  const { tcp, tcpFin, udp } = timeouts;
  return tcp + tcpFin + udp > 0 ? `--set ${tcp} ${tcpFin} ${udp}` : undefined;
}

function connectionsOf(command: TableCommand, { loads }: Ground): number {
  const servers = loads.get(serviceKey(identityOf(command)));
  if (command.type === 'delete-service') {
    return [...(servers?.values() ?? [])].reduce((sum, load) => sum + load.activeConnections, 0);
  }
  if (command.type !== 'delete-destination') return 0;
  return servers?.get(destinationKey(command.destination))?.activeConnections ?? 0;
}
