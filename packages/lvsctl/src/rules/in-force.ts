// What runs now, as far as pulse tells: the ground on which a plan stands. Pure.
import type { Configuration } from '@piranha/config';
import type { Health, ServerId, ServerOrdered, ServiceKey } from '@piranha/ipvs';
import { keyOf, serverId } from '@piranha/ipvs';
import type { LvsReport, StatusAnswer } from '@piranha/protocol';

/** What a reload starts from. */
export type InForce = {
  /** Undefined where nobody could tell. */
  readonly configuration: Configuration | undefined;
  /** Undefined where every server counts as up. */
  readonly health: ReadonlyMap<ServerId, Health> | undefined;
  /** What administrators have ordered of servers. */
  readonly orders: ReadonlyMap<ServerId, ServerOrdered>;
  /** Services that a reload may remove. */
  readonly owned: ReadonlySet<ServiceKey>;
  /** `standby`: services stand with hot standby only. `idle`: a reload changes nothing at the moment. */
  readonly role: 'active' | 'standby' | 'idle';
  /** Why something above is an assumption; empty where all of it was told. */
  readonly problem: string;
};

/** Without a running pulse. */
export const nothingInForce = (problem: string): InForce => ({
  configuration: undefined,
  health: undefined,
  orders: new Map(),
  owned: new Set(),
  role: 'active',
  problem,
});

/** From what pulse and, through it, lvs say. */
export function inForceOf(status: StatusAnswer, configuration: Configuration): InForce {
  const { lvs } = status;
  const owned = new Set<string>([...configuration.virtualServers.map(keyOf), ...(lvs?.owned ?? [])]);
  return {
    configuration,
    health: lvs === null ? undefined : healthOf(lvs),
    orders: lvs === null ? new Map() : ordersOf(lvs),
    owned: owned as ReadonlySet<string> as ReadonlySet<ServiceKey>,
    role: roleOf(status),
    problem: status.lvsProblem ?? '',
  };
}

const healthOf = ({ virtualServers }: LvsReport): ReadonlyMap<ServerId, Health> =>
  new Map(virtualServers.flatMap(({ servers }) => servers.map((server) => [server.id, server.health] as const)));

const ordersOf = ({ virtualServers }: LvsReport): ReadonlyMap<ServerId, ServerOrdered> =>
  new Map(
    virtualServers.flatMap(({ servers }) =>
      servers.flatMap(({ id, order }) => (order === null ? [] : [[id, order] as const])),
    ),
  );

function roleOf({ state, lvs }: StatusAnswer): InForce['role'] {
  if (lvs === null) return state === 'active' || state === 'taking-over' ? 'active' : 'standby';
  switch (lvs.role) {
    case 'active':
      return 'active';
    case 'standby':
      return 'standby';
    case 'waiting':
    case 'fencing':
    case 'fenced':
    case 'ending':
      return 'idle';
  }
}

/** Every active server of a configuration, by its name in the table. */
export const activeServers = ({ virtualServers }: Configuration) =>
  virtualServers
    .filter((virtual) => virtual.active)
    .flatMap((virtual) =>
      virtual.servers
        .filter((server) => server.active)
        .map((server) => ({ id: serverId(virtual, server), virtual, server })),
    );
