// How the table and the servers stand, from what lvs knows and what the kernel counts. Pure.
import type { RealServer, VirtualServer } from '@piranha/config';
import type { Instant, Outcome } from '@piranha/domain';
import { between, never } from '@piranha/domain';
import type { Loads, Ramp } from '@piranha/ipvs';
import { destinationKeyOf, keyOf, serverId } from '@piranha/ipvs';
import type { LvsReport, LvsStanding, ReportedServer, ReportedVirtual } from '@piranha/protocol';
import type { Order } from '../order-book.ts';
import { routerOf } from '../order-book.ts';
import type { LvsState } from '../state.ts';
import { nextTableWork } from './table-work.ts';
import { troublesOf } from './troubles.ts';

/** So many failed lines are told one by one. */
const shown = 50;

/** The report; `loads` is what the kernel counts, or why that could not be read; undefined where nobody looked. */
export function reportOf(state: LvsState, loads: Outcome<Loads, string> | undefined, at: Instant): LvsReport {
  const { role, configuration, digest, keeper } = state;
  const counted = loads?.ok === true ? loads.value : undefined;
  const active = configuration?.virtualServers.filter((virtual) => virtual.active) ?? [];
  const failed = [...keeper.failed].slice(0, shown).map(([line, about]) => ({ line, ...about }));
  return {
    role,
    digest: digest ?? null,
    table: {
      ...{ problem: problemOf(state, loads), failed, failedCount: keeper.failed.size },
      ...{ timeouts: keeper.timeouts ?? null, retryInMs: retryIn(state, at) },
    },
    ownAddresses: [...state.ownAddresses],
    owned: [...keeper.owned],
    troubles: troublesOf(state, at),
    virtualServers: active.map((virtual) => reportVirtual(state, virtual, counted, at)),
  };
}

function problemOf({ keeper }: LvsState, loads: Outcome<Loads, string> | undefined): string | null {
  const unread = loads?.ok === false ? loads.error : '';
  const reading = keeper.unreadable > 0 ? keeper.problem : unread;
  return [reading, keeper.timeoutsProblem].filter(Boolean).join('; ') || null;
}

/** When ipvsadm is run again for something that failed. */
function retryIn(state: LvsState, at: Instant): number | null {
  const { failed, unreadable, retryAt, running } = state.keeper;
  if (failed.size === 0 && unreadable === 0) return null;
  if (running !== undefined) return 0;
  return Math.max(0, Math.round(between(at, unreadable > 0 ? nextTableWork(state) : retryAt)));
}

function reportVirtual(
  state: LvsState,
  virtual: VirtualServer,
  loads: Loads | undefined,
  at: Instant,
): ReportedVirtual {
  const { name, scheduler, sorryServer, servers } = virtual;
  const service = keyOf(virtual);
  return {
    name,
    service,
    scheduler,
    sorryServer: sorryServer === undefined ? null : { address: sorryServer, serves: state.sorry.has(service) },
    servers: servers.filter((server) => server.active).map((server) => reportServer(state, virtual, server, loads, at)),
  };
}

function reportServer(
  state: LvsState,
  virtual: VirtualServer,
  server: RealServer,
  loads: Loads | undefined,
  at: Instant,
): ReportedServer {
  const { name, address, port } = server;
  const id = serverId(virtual, server);
  const judgement = state.judgements.get(id);
  return {
    ...{ name, id, address, port },
    health: state.health.get(id) ?? 'unknown',
    sinceMs: judgement === undefined ? null : Math.round(between(judgement.since, at)),
    reason: judgement?.reason ?? '',
    order: reportOrder(state.orders.get(id), at),
    ramp: reportRamp(state.ramps.get(id), at),
    ...(loads === undefined ? lastWeight(state, virtual, server) : loadIn(loads, virtual, server)),
  };
}

const reportRamp = (ramp: Ramp | undefined, at: Instant): ReportedServer['ramp'] =>
  ramp === undefined
    ? null
    : { weight: ramp.weight, doubleInMs: ramp.doubleAt === never ? null : Math.round(between(at, ramp.doubleAt)) };

function reportOrder(order: Order | undefined, at: Instant): ReportedServer['order'] {
  if (order === undefined) return null;
  const sinceMs = Math.round(between(order.since, at));
  const from = routerOf(order);
  if (order.type === 'force') return { type: 'force', to: order.to, sinceMs, from };
  const { drained, deadline } = order;
  const leftMs = drained || deadline === never ? null : Math.max(0, Math.round(between(at, deadline)));
  return { type: 'drain', sinceMs, from, drained, leftMs };
}

const uncounted = { weight: null, activeConnections: null, inactiveConnections: null };

const loadIn = (loads: Loads, virtual: VirtualServer, server: RealServer) =>
  loads.get(keyOf(virtual))?.get(destinationKeyOf(server)) ?? uncounted;

/** Where the kernel's counts could not be read. */
function lastWeight({ keeper }: LvsState, virtual: VirtualServer, server: RealServer) {
  const found = keeper.found?.get(keyOf(virtual))?.destinations.get(destinationKeyOf(server));
  return found === undefined ? uncounted : { ...uncounted, weight: found.weight };
}

/** What a pulse that is started again has to know of us. */
export function standingOf({ role, digest, lifeline }: LvsState, pid: number): LvsStanding {
  return { type: 'standing', pid, role, term: lifeline.term, held: lifeline.held, digest: digest ?? null };
}
