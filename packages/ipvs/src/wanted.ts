// The table as it should be: a function of the configuration, of what is known about the servers, and of what is there.
import type { Configuration, RealServer, VirtualServer } from '@piranha/config';
import type { Port } from '@piranha/domain';
import { endpoint, familyOf } from '@piranha/domain';
import type { Destination, DestinationKey, Service, ServiceIdentity, ServiceKey, Table } from './table.ts';
import { destinationKey, serviceKey } from './table.ts';

/** What is known about a real server. `unknown`: its first check is not over. */
export type Health = 'unknown' | 'up' | 'down';

/** What a real server is taken for: as it is, or `out` where it has to leave the table whatever its health. */
export type Standing = Health | 'out';

/** Weights that count instead of the file's. */
export type Weights = ReadonlyMap<ServerId, number>;

const noWeights: Weights = new Map();

/** A real server of a virtual server, readable and unique: `tcp 10.0.0.1:80/10.2.0.11:8080`. */
export type ServerId = string;

/** What packets a virtual server is for. */
export function identityOf({ fwmark, vip, protocol, port }: VirtualServer): ServiceIdentity {
  if (fwmark !== undefined) return { type: 'fwmark', mark: fwmark, family: familyOf(vip.address) };
  return { type: protocol, address: vip.address, port };
}

/** The key under which a virtual server stands in the table. */
export const keyOf = (virtual: VirtualServer): ServiceKey => serviceKey(identityOf(virtual));

/** Names a real server of a virtual server. */
export const serverId = (virtual: VirtualServer, server: RealServer): ServerId =>
  `${keyOf(virtual)}/${endpoint(server.address, server.port)}`;

/**
 * Active virtual servers with the active real servers that may serve. `found` is the table as it was last read: a
 * server that was not judged yet is left as it is there (so a restart loses nothing), and one that failed stays there
 * with weight 0 if its virtual server wants it so.
 */
export function wantedTable(
  configuration: Configuration,
  health: ReadonlyMap<ServerId, Standing>,
  found: Table,
  weights: Weights = noWeights,
): Table {
  return wantedOf(configuration, { health, weights, found }).table;
}

/** The table as it should be, and the virtual servers whose sorry server serves in it. */
export type Wanted = { readonly table: Table; readonly sorry: ReadonlySet<ServiceKey> };

/** What is wanted, as for `wantedTable`. */
export function wantedOf({ virtualServers }: Configuration, known: Known): Wanted {
  const table = new Map<ServiceKey, Service>();
  const sorry = new Set<ServiceKey>();
  for (const virtual of virtualServers.filter((each) => each.active)) {
    const key = keyOf(virtual);
    const servers = wantedServers(virtual, known);
    const serves = isSorryNeeded(virtual, known, servers);
    if (serves) sorry.add(key);
    table.set(key, wantedService(virtual, servers, serves));
  }
  return { table, sorry };
}

/** All that the table depends on besides the configuration. */
export type Known = {
  readonly health: ReadonlyMap<ServerId, Standing>;
  readonly weights: Weights;
  readonly found: Table;
};

function wantedService(
  virtual: VirtualServer,
  servers: ReadonlyMap<DestinationKey, Destination>,
  sorryServes: boolean,
): Service {
  const sorry = sorryServes ? sorryDestination(virtual) : [];
  return {
    identity: identityOf(virtual),
    scheduler: virtual.scheduler,
    schedulerFlags: schedulerFlags(virtual),
    persistent: virtual.persistent,
    persistentPrefix: persistentPrefix(virtual),
    onePacket: virtual.onePacket,
    engine: undefined,
    // A sorry server that is a failed real server too serves all the same.
    destinations: new Map([...servers, ...sorry]),
  };
}

const everyPort = 0 as Port;

/** The sorry server as a destination; nothing where there is none. */
function sorryDestination(virtual: VirtualServer): Map<DestinationKey, Destination> {
  const { sorryServer, fwmark, port, network } = virtual;
  if (sorryServer === undefined) return new Map();
  // Marked packets keep the ports that they came for.
  const place = { address: sorryServer, port: fwmark === undefined ? port : everyPort };
  const thresholds = { upper: 0, lower: 0 };
  return new Map([[destinationKey(place), { ...place, method: network, weight: 1, thresholds, tunnel: [] }]]);
}

/**
 * Whether the sorry server serves: exactly while no real server is in service. As long as some server was not judged it
 * stays as it was found, so that nobody is sent there while the checks begin.
 */
export const sorryServes = (virtual: VirtualServer, known: Known): boolean =>
  virtual.sorryServer !== undefined && isSorryNeeded(virtual, known, wantedServers(virtual, known));

function isSorryNeeded(
  virtual: VirtualServer,
  { health, found }: Known,
  servers: ReadonlyMap<DestinationKey, Destination>,
): boolean {
  const [sorry] = sorryDestination(virtual).keys();
  if (sorry === undefined) return false;
  if ([...servers.values()].some((each) => each.weight > 0)) return false;
  const active = virtual.servers.filter((each) => each.active);
  const judged = active.every((each) => (health.get(serverId(virtual, each)) ?? 'unknown') !== 'unknown');
  // With weight 0 it is a real server that stands there, at the sorry server's own address.
  return judged || (found.get(keyOf(virtual))?.destinations.get(sorry)?.weight ?? 0) > 0;
}

function wantedServers(virtual: VirtualServer, { health, weights, found }: Known): Map<DestinationKey, Destination> {
  const there = found.get(keyOf(virtual))?.destinations;
  const destinations = new Map<DestinationKey, Destination>();
  for (const server of virtual.servers.filter((each) => each.active)) {
    const place = { address: server.address, port: server.forwardPort };
    const key = destinationKey(place);
    const id = serverId(virtual, server);
    const standing = health.get(id) ?? 'unknown';
    const weight = wantedWeight(standing, virtual, server, weights.get(id), there?.get(key));
    // Two servers that differ in a port which the kernel does not keep are one destination: the living one counts.
    if (weight === undefined || (destinations.get(key)?.weight ?? 0) > 0) continue;
    destinations.set(key, {
      ...place,
      method: server.network,
      weight,
      thresholds: { upper: server.upper, lower: server.lower },
      tunnel: [],
    });
  }
  return destinations;
}

const flagNames: Readonly<Record<string, string>> = {
  ...{ 'sh flag-1': 'sh-fallback', 'sh flag-2': 'sh-port' },
  ...{ 'mh flag-1': 'mh-fallback', 'mh flag-2': 'mh-port' },
};

// Two flags are all that these two have: ipvsadm does not say whether the third is set.
const unreadableFlags = ['sh flag-3', 'mh flag-3'];

/** Under the names and in the order in which they are read back. */
const schedulerFlags = ({ scheduler, schedulerFlags: flags }: VirtualServer): readonly string[] => {
  const readable = flags.filter((flag) => !unreadableFlags.includes(`${scheduler} ${flag}`));
  return [...new Set(readable.map((flag) => flagNames[`${scheduler} ${flag}`] ?? flag))].sort();
};

/** A prefix that is the whole address groups nobody, and is not read back. */
function persistentPrefix({ persistent, persistentPrefix: prefix, vip }: VirtualServer): number | undefined {
  const whole = familyOf(vip.address) === 4 ? 32 : 128;
  return persistent === undefined || prefix === whole ? undefined : prefix;
}

/** Undefined: not in the table. */
function wantedWeight(
  standing: Standing,
  { quiesceServer }: VirtualServer,
  { weight }: RealServer,
  ordered: number | undefined,
  there: Destination | undefined,
): number | undefined {
  switch (standing) {
    case 'up':
      return ordered ?? weight;
    case 'unknown':
      return there === undefined ? undefined : (ordered ?? there.weight);
    case 'down':
      return quiesceServer && there !== undefined ? 0 : undefined;
    case 'out':
      return undefined;
  }
}

/** The key under which a real server stands in its service. */
export const destinationKeyOf = ({ address, forwardPort }: RealServer): DestinationKey =>
  destinationKey({ address, port: forwardPort });
