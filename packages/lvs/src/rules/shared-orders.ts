// Orders that both routers of a pair hold: what goes to the partner, and what follows from its words.
import type { Configuration } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { after, between, chain, milliseconds, never } from '@piranha/domain';
import type { ServerId } from '@piranha/ipvs';
import { serverId } from '@piranha/ipvs';
import type { SharedOrder } from '@piranha/protocol';
import { mostStampStep } from '@piranha/protocol';
import { lasting } from './saving.ts';
import type { Register } from './merge-orders.ts';
import { later } from './merge-orders.ts';
import { checkNow, enter } from './server-orders.ts';
import type { LvsEvent } from '../events.ts';
import type { Ordered } from '../news.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

/** The last word about every server of which anything was ever ordered. */
export const sharedOrders = ({ orders, releases }: LvsState, at: Instant): SharedOrder[] =>
  [...lasting(orders), ...releases].map(([server, register]) => sharedOf(server, register, at));

const lengthMs = (start: Instant, end: Instant): number => Math.max(0, Math.round(between(start, end)));

function sharedOf(server: ServerId, register: Register, at: Instant): SharedOrder {
  const { type, stamp, since } = register;
  const common = { server, stamp, agoMs: lengthMs(since, at) };
  switch (type) {
    case 'force':
      return { type, ...common, to: register.to };
    case 'drain': {
      const { timeoutMs, deadline } = register;
      return { type, ...common, timeoutMs, leftMs: deadline === never ? null : lengthMs(at, deadline) };
    }
    case 'release':
      return { type, ...common };
  }
}

/** Whether it was drained is each router's own finding: here it was not, yet. */
function registerOf(shared: SharedOrder, at: Instant): Register {
  const { type, stamp } = shared;
  const common = { stamp, since: after(at, milliseconds(-shared.agoMs)), from: 'partner' } as const;
  switch (type) {
    case 'force':
      return { type, ...common, to: shared.to };
    case 'drain': {
      const deadline = shared.leftMs === null ? never : after(at, milliseconds(shared.leftMs));
      return { type, ...common, timeoutMs: shared.timeoutMs, deadline, drained: false };
    }
    case 'release':
      return { type, ...common };
  }
}

/**
 * The later word about each server counts. Those about servers that our file does not have are passed over: pulse hands
 * them over once more when there is another file.
 */
export function onPartnerOrders(
  state: LvsState,
  { orders, at }: Extract<LvsEvent, { readonly type: 'partner-orders' }>,
): Transition {
  const { configuration } = state;
  if (configuration === undefined || state.role === 'ending') return stay(state);
  const labels = labelsOf(configuration);
  const hearings = orders.flatMap((shared) => {
    const label = labels.get(shared.server);
    return label === undefined ? [] : [(now: LvsState) => believe(now, shared, label, at)];
  });
  return chain(state, ...hearings);
}

const labelsOf = ({ virtualServers }: Configuration): ReadonlyMap<ServerId, string> =>
  new Map(
    virtualServers.flatMap((virtual) =>
      virtual.servers.map((server) => [serverId(virtual, server), `${virtual.name}/${server.name}`] as const),
    ),
  );

/** But a stamp that nobody can have come to by giving orders. */
const believe = (state: LvsState, shared: SharedOrder, label: string, at: Instant): Transition =>
  shared.stamp > state.lastStamp + mostStampStep
    ? go(state, madeUp(shared, label, state.lastStamp))
    : hear(state, shared, label, at);

function hear(before: LvsState, shared: SharedOrder, label: string, at: Instant): Transition {
  const { server } = shared;
  const heard = registerOf(shared, at);
  const known = before.orders.get(server) ?? before.releases.get(server);
  const register = known === undefined ? heard : later(known, heard);
  const state = { ...before, lastStamp: Math.max(before.lastStamp, shared.stamp) };
  if (register === known) return stay(state);
  const entered = enter(state, server, register, at);
  const news = known?.stamp !== register.stamp || known.type !== register.type;
  // A release of what was never ordered here is no news.
  if (!news || (known === undefined && register.type === 'release')) return stay(entered);
  const goesByChecks = register.type === 'release' && known?.type === 'force';
  return chain(
    entered,
    (now) => go(now, orderedThere(server, label, orderOf(register))),
    (now) => (goesByChecks ? checkNow(now, server) : stay(now)),
  );
}

const madeUp = ({ server, stamp }: SharedOrder, label: string, highest: number) =>
  tellNews({ type: 'order-passed-over', server, label, because: { type: 'stamp', stamp, highest } });

const orderedThere = (server: ServerId, label: string, order: Ordered) =>
  tellNews({ type: 'ordered', server, label, order, because: { type: 'administrator', router: 'partner' } });

function orderOf(register: Register): Ordered {
  switch (register.type) {
    case 'force':
      return { type: 'force', to: register.to };
    case 'drain':
      return { type: 'drain', timeout: register.timeoutMs === null ? null : milliseconds(register.timeoutMs) };
    case 'release':
      return { type: 'release' };
  }
}
