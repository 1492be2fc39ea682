// What administrators order about single servers: in or out by force, or drained of their connections.
import type { Instant, Millis, Outcome } from '@piranha/domain';
import { after, chain, failure, never, success } from '@piranha/domain';
import { firstRamp, serverId } from '@piranha/ipvs';
import type { ServerOrder } from '@piranha/protocol';
import { lastStamp } from '@piranha/protocol';
import { startCounting } from './draining.ts';
import type { FoundServer } from './find-server.ts';
import { findServer } from './find-server.ts';
import type { Register } from './merge-orders.ts';
import type { Ordered } from '../news.ts';
import { answerSaved } from './saving.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell, tellNews } from './transition.ts';
import { nothingOrdered, orderWords } from './words.ts';

/** An order that came by way of pulse: it is answered. */
export function onServerOrder(
  state: LvsState,
  { id, order, at }: Extract<LvsEvent, { readonly type: 'server-order' }>,
): Transition {
  const obeyed = obey(state, order, at);
  if (!obeyed.ok) {
    return go(state, tell({ type: 'server-ordered', id, done: false, text: obeyed.error, unsaved: null }));
  }
  const { transition, text } = obeyed.value;
  return chain(
    state,
    () => transition,
    (now) => answerSaved(state, now, id, text),
  );
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
      return success(takeBack(state, found.value, 'undrain', at));
  }
}

/** In or out whatever the checks say; `auto` goes by them again, beginning with one that is made at once. */
function force(state: LvsState, server: FoundServer, to: 'up' | 'down' | 'auto', at: Instant): Obeyed {
  if (to !== 'auto') return give(state, server, { type: 'force', to, ...givenNow(state, at) }, { type: 'force', to });
  const { transition, text } = takeBack(state, server, 'unforce', at);
  const checkedNow = chain(
    state,
    () => transition,
    (now) => checkNow(now, server.id),
  );
  return { transition: checkedNow, text };
}

/**
 * A nanny says that a signal has forced its server. Nannies run without privileges and read what strangers send: this changes
 * no order that lvsctl has given, goes to no partner, and ends with lvs.
 */
export function forceBySignal(
  state: LvsState,
  server: FoundServer,
  to: 'up' | 'down' | 'auto',
  at: Instant,
): Transition {
  const { id, label } = server;
  const given = state.orders.get(id);
  if (given !== undefined && given.from !== 'signal') return stay(state);
  const orders = new Map(state.orders);
  if (to === 'auto') orders.delete(id);
  else orders.set(id, { type: 'force', to, since: at, stamp: 0, from: 'signal' });
  const order: Ordered = to === 'auto' ? { type: 'unforce' } : { type: 'force', to };
  const news = tellNews({
    type: 'ordered',
    server: id,
    label,
    order,
    because: { type: 'administrator', router: 'here' },
  });
  return chain(
    state,
    (now) => (to === 'auto' && given === undefined ? stay(now) : go({ ...now, orders }, news)),
    (now) => (to === 'auto' ? checkNow(now, id) : stay(now)),
  );
}

function drain(state: LvsState, server: FoundServer, timeout: Millis | null, at: Instant): Obeyed {
  const deadline = timeout === null ? never : after(at, timeout);
  const timeoutMs = timeout === null ? null : Math.ceil(timeout);
  const order = { type: 'drain', ...givenNow(state, at), timeoutMs, deadline, drained: false } as const;
  return give(state, server, order, { type: 'drain', timeout });
}

/** Above every stamp seen: it counts on the other router, too. */
const givenNow = ({ lastStamp: seen }: LvsState, at: Instant) =>
  ({ since: at, stamp: Math.min(seen + 1, lastStamp), from: 'here' }) as const;

function give(state: LvsState, { id, label }: FoundServer, register: Register, order: Ordered): Obeyed {
  const entered = enter({ ...state, lastStamp: register.stamp }, id, register, register.since);
  const because = { type: 'administrator', router: 'here' } as const;
  const news = tellNews({ type: 'ordered', server: id, label, order, because });
  return { transition: go(entered, news), text: orderWords(label, order) };
}

function takeBack(state: LvsState, server: FoundServer, order: 'unforce' | 'undrain', at: Instant): Obeyed {
  const given = order === 'unforce' ? 'force' : 'drain';
  if (state.orders.get(server.id)?.type !== given) {
    return { transition: stay(state), text: nothingOrdered(server.label, order) };
  }
  return give(state, server, { type: 'release', ...givenNow(state, at) }, { type: order });
}

/** From now on this is the last word about the server. */
export function enter(before: LvsState, id: string, register: Register, at: Instant): LvsState {
  const orders = new Map(before.orders);
  const releases = new Map(before.releases);
  if (register.type === 'release') {
    orders.delete(id);
    releases.set(id, register);
    return { ...before, orders, releases, ramps: rampsAfter(before, id, at) };
  }
  orders.set(id, register);
  releases.delete(id);
  const state = { ...before, orders, releases };
  return register.type === 'drain' ? startCounting(state, at) : state;
}

/** A server that was drained comes back into service as one that has just come up. */
function rampsAfter({ orders, servers, ramps }: LvsState, id: string, at: Instant): LvsState['ramps'] {
  const weighing = servers.get(id)?.weighing;
  const fresh = orders.get(id)?.type === 'drain' && weighing !== undefined && ramps.has(id);
  return fresh ? new Map(ramps).set(id, firstRamp(weighing, at)) : ramps;
}

/** One good result of each check is enough. */
export function checkNow(state: LvsState, id: string): Transition {
  const running = [...state.watches].filter(
    ([, { server, nanny }]) => server === id && state.nannies.get(nanny)?.restartAt === never,
  );
  const actions = running.map(([watch, { nanny }]): LvsAction => ({
    type: 'command-nanny',
    nanny,
    commands: [{ type: 'check', watch }],
  }));
  return go(state, ...actions);
}

/** Orders about servers that the file does not have any more are forgotten; those of inactive ones are kept. */
export function forgetOrders(state: LvsState): Transition {
  const virtuals = state.configuration?.virtualServers ?? [];
  const known = new Set(virtuals.flatMap((virtual) => virtual.servers.map((server) => serverId(virtual, server))));
  const stays = ([id]: readonly [string, unknown]): boolean => known.has(id);
  const gone = [...state.orders.keys()].filter((id) => !known.has(id));
  if ([...state.orders, ...state.releases].every(stays)) return stay(state);
  const orders = new Map([...state.orders].filter(stays));
  const releases = new Map([...state.releases].filter(stays));
  const because = { type: 'configured' } as const;
  const news = gone.map((server) => tellNews({ type: 'order-forgotten', server, because }));
  return go({ ...state, orders, releases }, ...news);
}
