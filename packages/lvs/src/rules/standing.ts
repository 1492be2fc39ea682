// What should stand now: a function of role, configuration, health, weights and orders.
import type { Configuration, VirtualServer } from '@piranha/config';
import type { Known, ServiceKey, Wanted } from '@piranha/ipvs';
import { isLoopback } from '@piranha/domain';
import { emptyTable, keyOf, sorryServes, underOrders, wantedOf } from '@piranha/ipvs';
import type { LvsState } from '../state.ts';

/** The configuration whose services stand; undefined where nothing should. */
export function standing({ role, lifeline, configuration, ownAddresses }: LvsState): Configuration | undefined {
  if (role === 'active' || role === 'fencing') return configuration;
  const standsBy = role === 'standby' || (role === 'fenced' && lifeline.pulseBack);
  return standsBy && configuration?.hotStandby === true ? withoutLoops(configuration, ownAddresses) : undefined;
}

/** The configuration whose servers are checked. One that is fenced goes on as a standby would, but for its table. */
export function checked({ role, configuration }: LvsState): Configuration | undefined {
  if (role === 'active' || role === 'fencing') return configuration;
  const watches = role === 'standby' || role === 'fenced';
  return watches && configuration?.hotStandby === true ? configuration : undefined;
}

/**
 * What the active router passes on to a standby that is a real server, too, comes unchanged, with the virtual address: a
 * table would pass it back. Without one the standby serves it.
 */
function withoutLoops(configuration: Configuration, ownAddresses: ReadonlySet<string>): Configuration {
  const loops = ({ servers }: VirtualServer): boolean =>
    servers.some(
      ({ active, network, address }) =>
        active && network !== 'nat' && !isLoopback(address) && ownAddresses.has(address),
    );
  if (!configuration.virtualServers.some(loops)) return configuration;
  return { ...configuration, virtualServers: configuration.virtualServers.filter((each) => !loops(each)) };
}

/** The table as it should be, and whose sorry server serves. */
export function wantedNow(state: LvsState): Wanted {
  const configuration = standing(state);
  return configuration === undefined ? nothingWanted : wantedOf(configuration, knownNow(state));
}

const nothingWanted: Wanted = { table: emptyTable, sorry: new Set() };

/** The virtual servers whose sorry server serves: for when nobody needs the whole table. */
export function sorryNow(state: LvsState): Wanted['sorry'] {
  const known = knownNow(state);
  const serving = [...standingVirtuals(state)].filter(([, virtual]) => sorryServes(virtual, known));
  return new Set(serving.map(([key]) => key));
}

/** What the table depends on: what checks found, where no administrator has ordered otherwise. */
function knownNow({ health, ramps, orders, keeper }: LvsState): Known {
  const weights = new Map([...ramps].map(([server, { weight }]) => [server, weight] as const));
  return underOrders({ health, weights, found: keeper.found ?? emptyTable }, orders);
}

/** Whether every server that is checked was judged. */
export const allJudged = ({ servers, health }: LvsState): boolean =>
  [...servers.keys()].every((server) => (health.get(server) ?? 'unknown') !== 'unknown');

/** The virtual servers that stand, by their keys. */
export const standingVirtuals = (state: LvsState): ReadonlyMap<ServiceKey, VirtualServer> =>
  new Map(
    (standing(state)?.virtualServers ?? []).filter((each) => each.active).map((each) => [keyOf(each), each] as const),
  );

/** Whether any service that should stand does; true where none should. */
export function standsAtAll(state: LvsState): boolean {
  const keys = [...standingVirtuals(state).keys()];
  return keys.length === 0 || keys.some((key) => state.keeper.found?.has(key) === true);
}

/** The keys of every service of a file, the inactive ones too. */
export const keysOf = (configuration: Configuration): readonly ServiceKey[] => configuration.virtualServers.map(keyOf);
