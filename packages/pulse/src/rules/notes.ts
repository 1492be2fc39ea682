// Notes between two routers of ours: each tells the other its orders about servers, so that both hold the same, and how
// many connections it has. They prove no life and change no role (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { after, between, instant, never } from '@piranha/domain';
import type { Note, SharedOrder } from '@piranha/protocol';
import { aged, fitting, saysTheSame } from '@piranha/protocol';
import { acceptedSession } from './acceptance.ts';
import { isActive } from './fitness.ts';
import { foreignInTheWay, onForeignAtPartner } from './foreign.ts';
import { hurryNote } from './hurry-note.ts';
import { acceptNote } from './note-acceptance.ts';
import type { PulseEvent } from '../events.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, stay } from './transition.ts';
import type { Notes, Told } from '../state-parts.ts';

export const noNotes: Notes = {
  ...{ own: [], next: 0, sequence: 0n, sentAt: instant(-Infinity), dueAt: instant(-Infinity) },
  ...{ session: 0n, newest: 0n, theirs: new Map() },
};

/** Without a key anybody can make up servers: the oldest ones make room. */
const mostTheirs = 4096;
/** A note has room for fewer. */
const mostTried = 32;
/** Enough to look at that router. */
const mostForeign = 8;
/**
 * A partner of ours that lives, and something to tell it, now or before; not a word while the addresses go down.
 */
const mayWrite = ({ partner, reception, phase, settings, notes, own, foreign }: PulseState): boolean =>
  settings.channels.length > 0 &&
  partner.kind === 'pair' &&
  partner.said !== 'nothing' &&
  acceptedSession(reception) !== 0n &&
  phase.type !== 'yielding' &&
  phase.type !== 'ending' &&
  (notes.own.length > 0 || own.connections !== undefined || foreign.here.length > 0 || notes.sequence > 0n);

/** When the next note goes out. */
export const nextNote = (state: PulseState): Instant => (mayWrite(state) ? state.notes.dueAt : never);

/** lvs has other orders than before, or tells them for the first time. */
export function onOwnOrders(state: PulseState, orders: readonly SharedOrder[], at: Instant): PulseState {
  const own = orders.toSorted((a, b) => b.stamp - a.stamp).map((order) => ({ order, at }));
  return hurryNote({ ...state, notes: { ...state.notes, own, next: 0 } }, at);
}

/** A note from one of the partner's addresses. Only what is new in it goes to lvs. */
export function onNote(
  before: PulseState,
  { note, signature, at }: Extract<PulseEvent, { readonly type: 'note' }>,
): Transition {
  const { settings, own, notes, reception } = before;
  if (!settings.hasPartner) return stay(before);
  const newest = notes.session === reception.session ? notes.newest : 0n;
  const judged = acceptNote(reception, { note, signature, newest, ownSession: own.session, auth: settings.auth });
  const state = { ...before, reception: judged.reception };
  return judged.counts ? read(followSession(state, at), note, signature === 'valid', at) : stay(state);
}

/** `signed`: what it says of orders counts, and its sequence. */
function read(before: PulseState, note: Note, signed: boolean, at: Instant): Transition {
  const { notes, partner } = before;
  const news = (signed ? note.orders : []).filter((order) => {
    const known = notes.theirs.get(order.server);
    return known === undefined || !saysTheSame(known.order, order);
  });
  const theirs = new Map(notes.theirs);
  for (const order of news) {
    theirs.delete(order.server);
    theirs.set(order.server, { order, at });
  }
  const connections = partner.said === 'nothing' ? undefined : (note.connections ?? undefined);
  const state: PulseState = {
    ...before,
    partner: { ...partner, connections },
    notes: {
      ...notes,
      newest: signed ? note.sequence : notes.newest,
      theirs: news.length === 0 ? notes.theirs : bounded(theirs),
    },
  };
  const heard = onForeignAtPartner(state, note.foreign);
  return andThen(heard, (now) => (news.length === 0 ? stay(now) : go(now, { type: 'hand-orders', orders: news })));
}

const bounded = (theirs: ReadonlyMap<string, Told>): ReadonlyMap<string, Told> =>
  theirs.size <= mostTheirs ? theirs : new Map([...theirs].slice(-mostTheirs));

/** What another life of the partner has said is not what this one holds; and this one knows nothing of us. */
function followSession(state: PulseState, at: Instant): PulseState {
  const { notes, reception, partner } = state;
  if (notes.session === reception.session) return state;
  const fresh = { ...notes, session: reception.session, newest: 0n, next: 0, theirs: new Map<never, never>() };
  return hurryNote({ ...state, notes: fresh, partner: { ...partner, connections: undefined, foreign: [] } }, at);
}

/** After every event: an lvs that has begun anew gets all that the partner has said, and the partner what is due. */
export function settleNotes({ state: before, actions }: Transition, at: Instant): Transition {
  const state = followSession(before, at);
  const started = actions.some(({ type }) => type === 'start-lvs');
  const renewed = started || actions.some(({ type }) => type === 'configure-lvs');
  // What the lvs before it held is not known to be held by this one.
  const now = started ? { ...state, notes: { ...state.notes, own: [] } } : state;
  const handed = renewed ? handAll(now, at) : stay(now);
  const written = andThen(handed, (next) => (at >= nextNote(next) ? write(next, at) : stay(next)));
  return { state: written.state, actions: [...actions, ...written.actions] };
}

function handAll(state: PulseState, at: Instant): Transition {
  const orders = [...state.notes.theirs.values()].map((told) => atPresent(told, at));
  return orders.length === 0 ? stay(state) : go(state, { type: 'hand-orders', orders });
}

const atPresent = ({ order, at: then }: Told, at: Instant): SharedOrder => aged(order, between(then, at));

/** On one channel, the next one the next time. */
function write(state: PulseState, at: Instant): Transition {
  const { notes, settings, own, reception } = state;
  const sequence = notes.sequence + 1n;
  const channel = settings.channels[Number(sequence % BigInt(settings.channels.length))];
  if (channel === undefined) return stay(state);
  const connections = own.connections ?? null;
  const rotated = [...notes.own.slice(notes.next), ...notes.own.slice(0, notes.next)].slice(0, mostTried);
  const foreign = foreignInTheWay(state).slice(0, mostForeign);
  const orders = fitting(
    { connections, foreign },
    rotated.map((told) => atPresent(told, at)),
  );
  const next = notes.own.length === 0 ? 0 : (notes.next + orders.length) % notes.own.length;
  const dueAt = after(at, settings.keepalive);
  const note: Note = {
    ...{ active: isActive(state), session: own.session, echo: acceptedSession(reception), sequence },
    ...{ connections, foreign, orders },
  };
  return go(
    { ...state, notes: { ...notes, sequence, next, sentAt: at, dueAt } },
    { type: 'send-note', note, channel: channel.name },
  );
}

/**
 * The servers about which the partner has not got our last word; undefined where nothing is known, for it is silent, or
 * an original.
 */
export function lackedByPartner({ notes, partner }: PulseState): readonly string[] | undefined {
  if (partner.kind !== 'pair' || partner.said === 'nothing') return undefined;
  return notes.own
    .filter(({ order }) => (notes.theirs.get(order.server)?.order.stamp ?? -1) < order.stamp)
    .map(({ order }) => order.server);
}
