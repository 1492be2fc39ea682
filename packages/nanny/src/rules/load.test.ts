import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { failure, instant, milliseconds, success } from '@piranha/domain';
import type { CheckParts, NannyMessage } from '@piranha/protocol';
import { checkWith } from '../testing/fake-check.ts';
import type { Health } from './health.ts';
import type { LoadAction } from './load.ts';
import { beginAsking, noLoads, onAnswer, startDueQueries } from './load.ts';
import { wordsOf } from './words.ts';
import type { NannyAction, NannyEvent } from '../state.ts';
import { initialState } from '../state.ts';
import { nextDeadline, step } from '../step.ts';

const asked = {
  load: { program: ['rup', '10.2.0.11'], every: milliseconds(20_000), host: null },
};
const check = checkWith(asked);

type Query = Extract<NannyAction, { type: 'start-query' }> & { readonly at: Instant };
type StartedCheck = Extract<NannyAction, { type: 'start-check' }>;

/** A nanny whose servers answer every check at once as `good` says; queries end when a test says so. */
function nanny() {
  let state = initialState;
  let good = true;
  const queries: Query[] = [];
  const cancelled: number[] = [];
  const messages: NannyMessage[] = [];
  const checkedAt: Instant[] = [];
  const happen = (event: NannyEvent, at: Instant): void => {
    const next = step(state, event);
    state = next.state;
    const checks: StartedCheck[] = [];
    for (const action of next.actions) {
      if (action.type === 'start-query') queries.push({ ...action, at });
      if (action.type === 'cancel-query') cancelled.push(action.run);
      if (action.type === 'report') messages.push(action.message);
      if (action.type === 'news') messages.push(wordsOf(action.news));
      if (action.type === 'start-check') checks.push(action);
    }
    for (const { watch, run } of checks) {
      checkedAt.push(at);
      happen(
        {
          type: 'check-done',
          at: instant(0),
          watch,
          run,
          result: good ? success(null) : failure('connection refused'),
        },
        at,
      );
    }
  };
  return {
    queries,
    cancelled,
    messages,
    checkedAt,
    turn: (now: 'good' | 'bad') => {
      good = now === 'good';
    },
    watch: (
      server: string,
      changes: Partial<CheckParts> = {},
      known: Health['verdict'] = 'unknown',
      at = instant(0),
    ) => {
      happen(
        {
          type: 'command',
          at,
          command: { type: 'watch', watch: server, check: checkWith({ ...asked, ...changes }), known },
        },
        at,
      );
    },
    forget: (server: string) => {
      happen({ type: 'command', at: instant(0), command: { type: 'forget', watch: server } }, instant(0));
    },
    answer: ({ watch, run }: Query, load: number | string, at: Instant) => {
      const result = typeof load === 'number' ? success(load) : failure(load);
      happen({ type: 'query-done', at, watch, run, result }, at);
    },
    runUntil: (end: number) => {
      for (let at = nextDeadline(state); at <= end; at = nextDeadline(state)) happen({ type: 'clock', at }, at);
    },
  };
}

const loads = (messages: readonly NannyMessage[]) => messages.filter(({ type }) => type === 'load');
const logged = (messages: readonly NannyMessage[]) =>
  messages.flatMap((message) => (message.type === 'log' && message.text.startsWith('load') ? [message] : []));

const queriesOf = (actions: readonly LoadAction[]) =>
  actions.flatMap((action) => (action.type === 'start-query' ? [action] : []));

/** The first query that a nanny has started. */
function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error('a query should have been started');
  return one;
}

test('a server that is up is asked within a period of its second check, and its load is told', () => {
  const subject = nanny();
  subject.watch('web/one');
  expect(subject.queries).toEqual([]);
  subject.runUntil(21_000);
  const query = first(subject.queries);
  expect(query).toMatchObject({ watch: 'web/one', query: { program: ['rup', '10.2.0.11'], host: null } });
  expect(query.at).toBeGreaterThan(500);
  subject.answer(query, 0.25, instant(query.at + 10));
  expect(loads(subject.messages)).toEqual([{ type: 'load', watch: 'web/one', load: 0.25 }]);
});

test('it is asked again once in each period, however long an answer takes', () => {
  const subject = nanny();
  subject.watch('web/one');
  for (let count = 0; count < 5; count++) {
    subject.runUntil(21_000 + count * 20_000);
    const query = subject.queries[count];
    expect(subject.queries).toHaveLength(count + 1);
    if (query !== undefined) subject.answer(query, 1, instant(query.at + 1000 * count));
  }
  const times = subject.queries.map(({ at }) => at);
  times.slice(1).forEach((at, index) => {
    expect(at - (times[index] ?? 0)).toBeCloseTo(20_000);
  });
});

test('one query of a server at a time, and none delays a check', () => {
  const subject = nanny();
  subject.watch('web/one');
  subject.runUntil(100_000);
  expect(subject.queries).toHaveLength(1);
  expect(subject.checkedAt).toHaveLength(101);
  const query = first(subject.queries);
  subject.answer(query, 1, instant(100_000));
  subject.runUntil(120_000);
  expect(subject.queries).toHaveLength(2);
});

test('a server without a program and one that is down are not asked', () => {
  const subject = nanny();
  subject.watch('web/none', { load: null });
  subject.turn('bad');
  subject.watch('web/down');
  subject.runUntil(60_000);
  expect(subject.queries).toEqual([]);
});

test('when a server goes down its query is called off, and its answer counts for nothing', () => {
  const subject = nanny();
  subject.watch('web/one', {}, 'up');
  subject.runUntil(21_000);
  const query = first(subject.queries);
  subject.turn('bad');
  subject.runUntil(23_000);
  expect(subject.cancelled).toEqual([query.run]);
  subject.answer(query, 1, instant(23_000));
  expect(loads(subject.messages)).toEqual([]);
  subject.runUntil(80_000);
  expect(subject.queries).toHaveLength(1);
  subject.turn('good');
  subject.runUntil(102_000);
  expect(subject.queries.length).toBeGreaterThan(1);
});

test('a server that is known to be up is asked although its next checks fail, until it is down', () => {
  const subject = nanny();
  subject.turn('bad');
  subject.watch('web/one', { fall: 100 }, 'up');
  subject.runUntil(21_000);
  expect(subject.queries).toHaveLength(1);
});

test('a server that is watched anew or forgotten is not asked as before', () => {
  const subject = nanny();
  subject.watch('web/one', {}, 'up');
  subject.watch('web/two', {}, 'up');
  subject.runUntil(21_000);
  expect(subject.queries).toHaveLength(2);
  subject.watch('web/one', { load: null }, 'up', instant(21_000));
  subject.forget('web/two');
  expect(subject.cancelled.toSorted()).toEqual(subject.queries.map(({ run }) => run).toSorted());
  subject.runUntil(60_000);
  expect(subject.queries).toHaveLength(2);
});

test('why a load is not known is logged once, and once that it is known again', () => {
  const subject = nanny();
  subject.watch('web/one');
  const answers = ['bad load average returned: "?"', 'failed to read remote load: x', 0.5, 0.5, 'no'];
  answers.forEach((answer, index) => {
    subject.runUntil(21_000 + index * 20_000);
    const query = subject.queries[index];
    if (query !== undefined) subject.answer(query, answer, query.at);
  });
  const load = 'load of 10.2.0.11:80 for 10.1.0.100:80';
  expect(logged(subject.messages)).toEqual([
    { type: 'log', level: 'warning', text: `${load}: bad load average returned: "?"` },
    { type: 'log', level: 'notice', text: `${load} is known again` },
    { type: 'log', level: 'warning', text: `${load}: no` },
  ]);
  expect(loads(subject.messages)).toHaveLength(2);
});

test('a query may take as long as a check, and ten seconds at least', () => {
  const limits = [2, 60].map((timeout) => {
    const subject = nanny();
    subject.watch('web/one', { timeout: milliseconds(timeout * 1000) }, 'up');
    subject.runUntil(200_000);
    return first(subject.queries).query.limit;
  });
  expect(limits).toEqual([10_000, 60_000]);
});

test('the queries about a thousand servers are spread over the period, and stay so', () => {
  let loads = noLoads;
  for (let count = 0; count < 1000; count++) loads = beginAsking(loads, `web/server-${count}`, check, instant(0));
  const times = new Map<string, number[]>();
  while (loads.due < 40_000) {
    const at = loads.due;
    const started = startDueQueries(loads, at);
    loads = started.loads;
    for (const { watch, run } of queriesOf(started.actions)) {
      times.set(watch, [...(times.get(watch) ?? []), at]);
      loads = onAnswer(loads, watch, run, success(1))?.loads ?? loads;
    }
  }
  expect([...times.values()].map((of) => of.length)).toEqual(Array<number>(1000).fill(2));
  const inTenths = Array<number>(400).fill(0);
  for (const at of [...times.values()].flat())
    inTenths[Math.floor(at / 100)] = (inTenths[Math.floor(at / 100)] ?? 0) + 1;
  expect(Math.max(...inTenths)).toBeLessThan(16);
});

test('where nobody answers only so many queries run at once; who has waited longest comes next', () => {
  const subject = nanny();
  for (let count = 0; count < 100; count++) subject.watch(`web/server-${count}`);
  subject.runUntil(30_000);
  expect(subject.queries).toHaveLength(16);
  const servers = new Set(subject.queries.map(({ watch }) => watch));
  for (let turn = 0; servers.size < 100 && turn < 200; turn++) {
    const query = subject.queries[turn];
    if (query !== undefined) subject.answer(query, 'killed', instant(30_000 + turn));
    subject.queries.slice(16).forEach(({ watch }) => servers.add(watch));
    expect(subject.queries).toHaveLength(17 + turn);
  }
  // Those that were asked first are due again before the last ones were due at all.
  expect(servers.size).toBe(100);
  expect(subject.queries.length).toBeLessThan(105);
});
