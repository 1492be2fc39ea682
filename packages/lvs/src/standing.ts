// What should stand now: a function of role, configuration and health.
import type { Configuration, VirtualServer } from '@piranha/config';
import type { ServiceKey, Table } from '@piranha/ipvs';
import { emptyTable, keyOf, wantedTable } from '@piranha/ipvs';
import type { LvsState } from './state.ts';

/** The configuration whose services stand and whose servers are checked; undefined where nothing should. */
export function standing({ role, configuration }: LvsState): Configuration | undefined {
  if (role === 'active' || role === 'fencing') return configuration;
  return role === 'standby' && configuration?.hotStandby === true ? configuration : undefined;
}

/** The table as it should be. */
export function wantedNow(state: LvsState): Table {
  const configuration = standing(state);
  const found = state.keeper.found ?? emptyTable;
  return configuration === undefined ? emptyTable : wantedTable(configuration, state.health, found);
}

/** Whether every server that is checked was judged. */
export const allJudged = ({ watches, health }: LvsState): boolean =>
  [...watches.keys()].every((server) => (health.get(server) ?? 'unknown') !== 'unknown');

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
