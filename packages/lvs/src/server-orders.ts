// What administrators order about single servers: in or out by force, or drained of their connections.
import type { Instant, Millis, Outcome } from '@piranha/domain';
import { after, failure, never, success } from '@piranha/domain';
import { firstRamp, serverId } from '@piranha/ipvs';
import type { ServerOrder } from '@piranha/protocol';
import { startCounting } from './draining.ts';
import type { FoundServer } from './find-server.ts';
import { findServer } from './find-server.ts';
import type { LvsAction, LvsEvent, LvsState, Order } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay, tell } from './transition.ts';

/** An order that came by way of pulse: it is answered. */
export function onServerOrder(
  state: LvsState,
  { id, order, at }: Extract<LvsEvent, { readonly type: 'server-order' }>,
): Transition {
  const obeyed = obey(state, order, at);
  if (!obeyed.ok) return go(state, tell({ type: 'server-ordered', id, done: false, text: obeyed.error }));
  const { transition, text } = obeyed.value;
  return andThen(transition, (now) => go(now, tell({ type: 'server-ordered', id, done: true, text })));
}

/** What comes of an order, and what is said to who gave it. */
type Obeyed = { readonly transition: Transition; readonly text: string };

function obey(state: LvsState, order: ServerOrder, at: Instant): Outcome<Obeyed, string> {
  if (state.role === 'ending') return failure('lvs is about to end');
  if (state.configuration === undefined) return failure('lvs has no configuration yet');
  const found = findServer(state.configuration, order);
  if (!found.ok) return found;
  switch (order.type) {
    case 'force':
      return success(force(state, found.value, order.to, at));
    case 'drain':
      return success(drain(state, found.value, order.timeoutMs, at));
    case 'undrain':
      return success(undrain(state, found.value, at));
  }
}

/** In or out whatever the checks say; `auto` goes by them again, beginning with one that is made at once. */
export function force(state: LvsState, { id, label }: FoundServer, to: 'up' | 'down' | 'auto', at: Instant): Obeyed {
  if (to !== 'auto') {
    const text = `${label} is forced ${to}; its checks go on and do not count`;
    return give(state, id, { type: 'force', to, since: at }, text);
  }
  const taken = takeBack(
    state,
    id,
    'force',
    `${label} is not forced any more: its checks count`,
    `${label} was not forced`,
  );
  return { ...taken, transition: andThen(taken.transition, (now) => checkNow(now, id)) };
}

function drain(state: LvsState, { id, label }: FoundServer, timeout: Millis | null, at: Instant): Obeyed {
  const deadline = timeout === null ? never : after(at, timeout);
  const limit = timeout === null ? '' : `, or in ${timeout / 1000} s`;
  const text = `${label} gets no new connections and leaves when those it has have ended${limit}`;
  const given = give(state, id, { type: 'drain', since: at, deadline, drained: false }, text);
  return { ...given, transition: andThen(given.transition, (now) => stay(startCounting(now, at))) };
}

/** Back into service, as a server that has just come up. */
function undrain(state: LvsState, { id, label }: FoundServer, at: Instant): Obeyed {
  const weighing = state.watches.get(id)?.weighing;
  const drained = state.orders.get(id)?.type === 'drain';
  const fresh = drained && weighing !== undefined && state.ramps.has(id);
  const ramps = fresh ? new Map(state.ramps).set(id, firstRamp(weighing, at)) : state.ramps;
  return takeBack({ ...state, ramps }, id, 'drain', `${label} is not drained any more`, `${label} was not drained`);
}

const give = (state: LvsState, id: string, order: Order, text: string): Obeyed => ({
  transition: go({ ...state, orders: new Map(state.orders).set(id, order) }, log('notice', text)),
  text,
});

function takeBack(state: LvsState, id: string, type: Order['type'], text: string, otherwise: string): Obeyed {
  if (state.orders.get(id)?.type !== type) return { transition: stay(state), text: otherwise };
  const orders = new Map(state.orders);
  orders.delete(id);
  return { transition: go({ ...state, orders }, log('notice', text)), text };
}

function checkNow(state: LvsState, id: string): Transition {
  const nanny = state.watches.get(id)?.nanny;
  if (nanny === undefined || state.nannies.get(nanny)?.restartAt !== never) return stay(state);
  const action: LvsAction = { type: 'command-nanny', nanny, commands: [{ type: 'check', server: id }] };
  return go(state, action);
}

/** Orders about servers that the file does not have any more are forgotten; those of inactive ones are kept. */
export function forgetOrders(state: LvsState): Transition {
  const virtuals = state.configuration?.virtualServers ?? [];
  const known = new Set(virtuals.flatMap((virtual) => virtual.servers.map((server) => serverId(virtual, server))));
  const gone = [...state.orders.keys()].filter((id) => !known.has(id));
  if (gone.length === 0) return stay(state);
  const orders = new Map([...state.orders].filter(([id]) => known.has(id)));
  const lines = gone.map((id) => log('notice', `${id} is not in the file any more: the order about it is forgotten`));
  return go({ ...state, orders }, ...lines);
}
