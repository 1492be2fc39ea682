// The state of a running lvs as far as its report tells it: enough to play its rules on.
import type { Configuration } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { after, instant, milliseconds, never } from '@piranha/domain';
import type { Health, Ramp, ServerId, ServiceKey, Table } from '@piranha/ipvs';
import type { LvsReport, ReportedServer } from '@piranha/protocol';
import type { Order } from '../order-book.ts';
import type { LvsState } from '../state.ts';
import { initialState } from '../state.ts';
import { arrangeNannies } from './nannies.ts';
import { beginRamp } from './server-weights.ts';
import { checked, keysOf } from './standing.ts';

/** What a state is made of. */
type Ground = {
  /** The file in force. */
  readonly configuration: Configuration;
  /** The kernel's table. */
  readonly found: Table;
  /** Under whom nannies run; undefined: root. */
  readonly nannyUser: string | undefined;
};

/** What lvs has reported of itself a moment ago. */
export function reportedState(report: LvsReport, { configuration, found, nannyUser }: Ground, at: Instant): LvsState {
  const servers = report.virtualServers.flatMap((virtual) => virtual.servers);
  const failed = new Map(
    report.table.failed.map(({ line, virtual, problem }) => [line, { virtual, problem }] as const),
  );
  const { retryInMs } = report.table;
  return watching(
    {
      ...initialState,
      ...{ role: report.role, configuration, nannyUser, ownAddresses: new Set(report.ownAddresses) },
      health: new Map(servers.map(({ id, health }) => [id, health])),
      ramps: new Map(servers.flatMap((server) => rampOf(server, at))),
      orders: new Map(servers.flatMap((server) => orderOf(server, at))),
      keeper: {
        ...initialState.keeper,
        ...{
          found,
          owned: new Set(report.owned as readonly string[] as readonly ServiceKey[]),
          timeouts: report.table.timeouts ?? undefined,
        },
        ...{ failed, retryAt: retryInMs === null ? never : after(at, milliseconds(retryInMs)) },
      },
    },
    at,
  );
}

/** Without a report: every server of the file is taken for good, and so is every service for one of ours. */
export function assumedState(
  role: 'active' | 'standby',
  { configuration, found, nannyUser }: Ground,
  at: Instant,
): LvsState {
  const state = watching(
    {
      ...{ ...initialState, role, configuration, nannyUser },
      keeper: {
        ...initialState.keeper,
        ...{ found, owned: new Set(keysOf(configuration)), timeouts: configuration.timeouts },
      },
    },
    at,
  );
  return inService({ ...state, health: new Map([...state.servers.keys()].map((server) => [server, 'up'])) }, at);
}

/** Its nannies have their checks by lvs' own rule. */
const watching = (state: LvsState, at: Instant): LvsState =>
  inService(checked(state) === undefined ? state : arrangeNannies(state, at).state, at);

/** A server that is up has a weight: where none was told, the one in the table. */
function inService(state: LvsState, at: Instant): LvsState {
  const unknown = { ...state, health: new Map<ServerId, Health>() };
  const missing = [...state.servers].filter(([id]) => state.health.get(id) === 'up' && !state.ramps.has(id));
  const ramps = missing.map(([id, server]) => [id, beginRamp(unknown, id, server, at)] as const);
  return ramps.length === 0 ? state : { ...state, ramps: new Map([...state.ramps, ...ramps]) };
}

function rampOf({ id, ramp }: ReportedServer, at: Instant): readonly (readonly [ServerId, Ramp])[] {
  if (ramp === null) return [];
  const { weight, doubleInMs } = ramp;
  const doubleAt = doubleInMs === null ? never : after(at, milliseconds(doubleInMs));
  return [[id, { weight, doubleAt }]];
}

/** Its stamp is not told, and no rule of a reload asks for it. */
function orderOf({ id, order }: ReportedServer, at: Instant): readonly (readonly [ServerId, Order])[] {
  if (order === null) return [];
  const given = { since: instant(at - order.sinceMs), stamp: 0, from: order.from };
  if (order.type === 'force') return [[id, { type: 'force', to: order.to, ...given }]];
  const { leftMs, drained } = order;
  const deadline = leftMs === null ? never : after(at, milliseconds(leftMs));
  return [[id, { type: 'drain', ...given, timeoutMs: leftMs, deadline, drained }]];
}
