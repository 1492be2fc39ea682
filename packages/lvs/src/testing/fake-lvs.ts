// An lvs on fake time, above a model of the kernel's table and nannies that a test speaks for.
import { configurationFromText } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { failure, instant, success } from '@piranha/domain';
import type { LvsMessage, NannyCommand, ServerOrder, SharedOrder } from '@piranha/protocol';
import { fakeKernel } from './fake-kernel.ts';
import type { TableWork } from './fake-kernel.ts';
import type { Orders } from '../order-book.ts';
import type { Words } from '../rules/words.ts';
import { watchId } from '../rules/checks.ts';
import { wordsOf } from '../rules/words.ts';
import type { LvsAction, LvsEvent, LvsState } from '../step.ts';
import { initialState, nextDeadline, step } from '../step.ts';

type NannyAction = Extract<LvsAction, { readonly nanny: number }>;

/** Processes that say nothing but that they live; a test speaks for them. */
function fakeNannies(dispatch: (event: LvsEvent) => void, now: () => Instant) {
  const ending: number[] = [];
  const mute = new Set<number>();

  const hear = (action: NannyAction): void => {
    const { type, nanny } = action;
    if (type === 'stop-nanny' || type === 'kill-nanny') ending.push(nanny);
    if (type === 'start-nanny') {
      mute.delete(nanny);
      dispatch({ type: 'nanny-started', at: now(), nanny, pid: 100 + nanny });
    }
    const asked = type === 'start-nanny' || (type === 'command-nanny' && action.commands.some(isPing));
    if (asked && !mute.has(nanny)) dispatch({ type: 'nanny-alive', at: now(), nanny });
  };

  const end = (): void => {
    for (const nanny of ending.splice(0)) {
      dispatch({ type: 'nanny-ended', at: now(), nanny, how: 'was killed by SIGTERM' });
    }
  };

  /** The nanny hangs: it answers no ping any more. */
  const hang = (nanny: number): void => void mute.add(nanny);
  return { hear, end, hang };
}

const isPing = ({ type }: NannyCommand): boolean => type === 'ping';

/** The machine on fake time: `send` lets ipvsadm and stopped nannies come to their ends, in no time. */
function fakeDriver(kernel: ReturnType<typeof fakeKernel>, orders: Orders) {
  let now: Instant = instant(0);
  let state: LvsState = { ...initialState, orders };
  let work: TableWork | undefined;
  let counting = false;
  /** Why orders cannot be written. */
  const disk: { problem: string | undefined } = { problem: undefined };
  const actions: LvsAction[] = [];

  const dispatch = (event: LvsEvent): void => {
    const next = step(state, event);
    state = next.state;
    next.actions.forEach(perform);
  };

  const nannies = fakeNannies(dispatch, () => now);

  const perform = (action: LvsAction): void => {
    actions.push(action);
    if (action.type === 'work-on-table') work = action;
    if ('nanny' in action) nannies.hear(action);
    if (action.type === 'count-connections') counting = true;
    if (action.type === 'save-orders') dispatch({ type: 'orders-saved', at: now, problem: disk.problem });
  };

  const settle = (): void => {
    for (let done = work; done !== undefined && !kernel.hangs(); done = work) {
      work = undefined;
      dispatch({ type: 'table-done', at: now, run: done.run, result: kernel.run(done) });
    }
    if (counting) {
      counting = false;
      dispatch({ type: 'connections-counted', at: now, loads: kernel.loads() });
    }
    nannies.end();
  };

  const send = (event: LvsEvent): void => {
    dispatch(event);
    settle();
  };

  const advance = (lengthMs: number): void => {
    const end = instant(now + lengthMs);
    for (let due = nextDeadline(state); due <= end; due = nextDeadline(state)) {
      now = instant(Math.max(due, now));
      send({ type: 'clock', at: now });
    }
    now = end;
  };
  /** Nothing is noticed of this time: the process was suspended. */
  const sleep = (lengthMs: number): void => {
    now = instant(now + lengthMs);
  };
  return { actions, disk, send, settle, advance, sleep, hang: nannies.hang, state: () => state, now: () => now };
}

/** An lvs that was just started, with the orders that another has left. Everything it does is kept in `actions`. */
export function fakeLvs(orders: Orders = new Map()) {
  const kernel = fakeKernel();
  const driver = fakeDriver(kernel, orders);
  const { actions, send, state, now } = driver;

  const nannyOf = (server: string): number => {
    const nanny = state().watches.get(watchId(server))?.nanny;
    if (nanny === undefined) throw new Error(`nobody checks ${server}`);
    return nanny;
  };

  return {
    ...kernel,
    ...driver,
    nannyOf,
    configure: (text: string) => {
      const loaded = configurationFromText('lvs.cf', text, {});
      if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
      send({ type: 'configured', at: now(), ...loaded.value });
    },
    order: (role: 'standby' | 'active') => {
      send(tickOf(role, now()));
    },
    addressesLowered: (problem?: string) => {
      const result = problem === undefined ? success(undefined) : failure(problem);
      send({ type: 'addresses-lowered', at: now(), result });
    },
    ...nannyWords(driver, nannyOf),
    ...partnerWords(driver),
    /** Gives an order as pulse hands it on; tells whether it was carried out, and what was answered. */
    orderServer: (order: ServerOrder): readonly [boolean, string] => {
      send({ type: 'server-order', at: now(), id: 7, order });
      const answer = messages(actions).findLast((message) => message.type === 'server-ordered');
      if (answer === undefined) throw new Error('there was no answer');
      return [answer.done, answer.text];
    },
    nannyDies: (nanny: number) => {
      send({ type: 'nanny-ended', at: now(), nanny, how: 'was killed by SIGKILL' });
    },
    /** Counts, orders and signs of life aside. */
    told: (): readonly LvsMessage['type'][] =>
      messages(actions).flatMap(({ type }) =>
        ['living', 'orders', 'connections', 'alive'].includes(type) ? [] : [type],
      ),
    /** How often it has given a sign of life. */
    signsOfLife: (): number => messages(actions).filter(({ type }) => type === 'alive').length,
    /** How many servers were said to be good, one count after the other. */
    living: (): readonly (number | null)[] =>
      messages(actions).flatMap((message) => (message.type === 'living' ? [message.count] : [])),
    logged: (): readonly string[] => linesOf(actions).map(({ text }) => text),
  };
}

/** The log lines of all news among some actions. */
export const linesOf = (actions: readonly LvsAction[]): readonly Words[] =>
  actions.flatMap((action) => (action.type === 'news' ? (wordsOf(action.news) ?? []) : []));

/** Of a pulse that says no more than it has to. */
const tickOf = (role: 'standby' | 'active', at: Instant): LvsEvent => ({
  ...{ type: 'tick', at, sentAt: at, spokenAt: undefined, role, term: 1, held: false, timers: undefined },
});

/** What `fakeLvs` makes. */
export type FakeLvs = ReturnType<typeof fakeLvs>;

const messages = (actions: readonly LvsAction[]): readonly LvsMessage[] =>
  actions.flatMap((action) => (action.type === 'tell' ? [action.message] : []));

/** What nannies say when a test speaks for them. */
function nannyWords({ send, now }: ReturnType<typeof fakeDriver>, nannyOf: (server: string) => number) {
  return {
    up: (server: string) => {
      send({
        type: 'nanny-said',
        at: now(),
        nanny: nannyOf(server),
        findings: [{ type: 'up', watch: watchId(server) }],
      });
    },
    down: (server: string) => {
      const finding = { type: 'down', watch: watchId(server), reason: 'connection refused' } as const;
      send({ type: 'nanny-said', at: now(), nanny: nannyOf(server), findings: [finding] });
    },
    load: (server: string, load: number) => {
      send({
        type: 'nanny-said',
        at: now(),
        nanny: nannyOf(server),
        findings: [{ type: 'load', watch: watchId(server), load }],
      });
    },
    signal: (server: string, to: 'up' | 'down' | 'auto') => {
      send({
        type: 'nanny-said',
        at: now(),
        nanny: nannyOf(server),
        findings: [{ type: 'force', watch: watchId(server), to }],
      });
    },
  };
}

/** What goes to the partner and comes from it, by way of pulse. */
function partnerWords({ actions, send, now }: ReturnType<typeof fakeDriver>) {
  return {
    /** What was told of the orders last. */
    shared: (): readonly SharedOrder[] =>
      messages(actions)
        .flatMap((message) => (message.type === 'orders' ? [message.orders] : []))
        .at(-1) ?? [],
    /** Every number of connections that was told. */
    connections: (): readonly (number | null)[] =>
      messages(actions).flatMap((message) => (message.type === 'connections' ? [message.count] : [])),
    hearPartner: (...orders: readonly SharedOrder[]) => {
      send({ type: 'partner-orders', at: now(), orders });
    },
  };
}
