// Servers that are drained: their connections are counted until there are none, or until their time is over. A standby
// does not count: it may know few of the connections, and those that it knows need the server after a takeover.
import type { Instant } from '@piranha/domain';
import { after, chain, earliest, milliseconds, never, seconds } from '@piranha/domain';
import type { Loads, ServerId } from '@piranha/ipvs';
import { standing } from './standing.ts';
import type { Order } from '../order-book.ts';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

type Drain = Extract<Order, { readonly type: 'drain' }>;

/** The first count waits for the weight to be written, the others for connections to end. */
const firstCount = milliseconds(200);
const nextCount = seconds(1);

/** Connections are counted from now on. */
export const startCounting = (state: LvsState, at: Instant): LvsState =>
  state.countAt === 'counting' ? state : { ...state, countAt: after(at, firstCount) };

/** Servers that still have to lose their connections. */
const draining = ({ orders }: LvsState): readonly (readonly [ServerId, Drain])[] =>
  [...orders].flatMap(([server, order]) =>
    order.type === 'drain' && !order.drained ? [[server, order] as const] : [],
  );

/** When something is due: a count, or the end of somebody's time. */
export function nextDraining(state: LvsState): Instant {
  const drains = draining(state);
  if (drains.length === 0) return never;
  const counts = state.countAt !== 'counting' && state.role === 'active';
  return earliest(counts ? state.countAt : never, ...drains.map(([, { deadline }]) => deadline));
}

/** What is due: servers whose time is over leave, the others' connections are counted. */
export function goOnDraining(before: LvsState, at: Instant): Transition {
  if (nextDraining(before) > at) return stay(before);
  const late = draining(before).filter(([, { deadline }]) => deadline <= at);
  return chain(
    before,
    (state) => finish(state, late, { type: 'drain-timeout' }),
    (state) => countDraining(state, at),
  );
}

/** Has the kernel asked for its counts where it is time. */
function countDraining(state: LvsState, at: Instant): Transition {
  const ipvsadm = standing(state)?.ipvsadm;
  if (state.role !== 'active' || ipvsadm === undefined) return stay(state);
  if (state.countAt === 'counting' || state.countAt > at) return stay(state);
  if (draining(state).length === 0) return stay(state);
  return go({ ...state, countAt: 'counting' }, { type: 'count-connections', ipvsadm });
}

/** What the kernel counts. Where that cannot be read nothing follows from it. */
export function onConnectionsCounted(
  before: LvsState,
  { loads, at }: Extract<LvsEvent, { readonly type: 'connections-counted' }>,
): Transition {
  const state = before.countAt === 'counting' ? { ...before, countAt: after(at, nextCount) } : before;
  if (!loads.ok || state.role !== 'active') return stay(state);
  const empty = draining(state).filter(([server]) => isEmpty(state, server, loads.value));
  return finish(state, empty, { type: 'no-connections' });
}

/**
 * Inactive connections count, too: a client that has said all may still be listening. One that is not in the table is on
 * its way there after a takeover, unless its checks keep it out: the kernel may have connections for it already.
 */
function isEmpty({ servers, health }: LvsState, server: ServerId, loads: Loads): boolean {
  const checked = servers.get(server);
  if (checked === undefined) return false;
  const load = loads.get(checked.service)?.get(checked.destination);
  if (load === undefined) return health.get(server) === 'down';
  return load.weight === 0 && load.activeConnections + load.inactiveConnections === 0;
}

/** A new role needs its hands free: what is left to count waits. */
export const countLater = (state: LvsState, at: Instant): LvsState =>
  state.countAt === 'counting' ? state : { ...state, countAt: after(at, nextCount) };

function finish(
  state: LvsState,
  drains: readonly (readonly [ServerId, Drain])[],
  because: { readonly type: 'no-connections' | 'drain-timeout' },
): Transition {
  if (drains.length === 0) return stay(state);
  const orders = new Map(state.orders);
  for (const [server, drain] of drains) orders.set(server, { ...drain, drained: true });
  const news = drains.map(([server]) =>
    tellNews({ type: 'drained', server, label: state.servers.get(server)?.label ?? server, because }),
  );
  return go({ ...state, orders }, ...news);
}
