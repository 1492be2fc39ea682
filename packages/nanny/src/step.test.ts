import { describe, expect, test } from '@jest/globals';
import type { Instant, Port } from '@piranha/domain';
import { failure, instant, milliseconds, success } from '@piranha/domain';
import type { CheckParts, NannyCommand, NannyMessage } from '@piranha/protocol';
import fc from 'fast-check';
import { notMade } from './rules/check-result.ts';
import { checkWith } from './testing/fake-check.ts';
import type { Health } from './rules/health.ts';
import { wordsOf } from './rules/words.ts';
import type { NannyAction, NannyEvent } from './state.ts';
import { initialState } from './state.ts';
import { nextDeadline, step } from './step.ts';

type Started = Extract<NannyAction, { type: 'start-check' }> & { readonly at: Instant };

/** A nanny in a world without time: tests say when things happen, and read what it did. */
function nanny() {
  let state = initialState;
  const started: Started[] = [];
  const calledOff: number[] = [];
  const messages: NannyMessage[] = [];
  const happen = (event: NannyEvent, at: Instant): void => {
    const next = step(state, event);
    state = next.state;
    for (const action of next.actions) {
      if (action.type === 'start-check') started.push({ ...action, at });
      else if (action.type === 'cancel-check') calledOff.push(action.run);
      else if (action.type === 'report') messages.push(action.message);
      else if (action.type === 'news') messages.push(wordsOf(action.news));
    }
  };
  return {
    started,
    calledOff,
    messages,
    deadline: () => nextDeadline(state),
    watch: (
      server: string,
      changes: Partial<CheckParts> = {},
      known: Health['verdict'] = 'unknown',
      at = instant(0),
    ) => {
      happen({ type: 'command', at, command: { type: 'watch', watch: server, check: checkWith(changes), known } }, at);
    },
    order: (command: Extract<NannyCommand, { type: 'check' | 'ping' }>, at: Instant) => {
      happen({ type: 'command', at, command }, at);
    },
    signal: (to: 'up' | 'down' | 'auto') => {
      happen({ type: 'signal', to }, instant(0));
    },
    forget: (server: string) => {
      happen({ type: 'command', at: instant(0), command: { type: 'forget', watch: server } }, instant(0));
    },
    clock: (at: Instant) => {
      happen({ type: 'clock', at }, at);
    },
    end: ({ watch, run }: Started, problem?: string, at = instant(0)) => {
      const result = problem === undefined ? success(null) : failure(problem);
      happen({ type: 'check-done', at, watch, run, result }, at);
    },
    /** This router could not make the check. */
    endUnmade: ({ watch, run }: Started, problem: string, at: Instant) => {
      happen({ type: 'check-done', at, watch, run, result: notMade(problem) }, at);
    },
  };
}

/** Ends every check of one server as told, one after the other, and gives all that was reported. */
function afterResults(
  problems: readonly (string | undefined)[],
  changes: Partial<CheckParts>,
  known: Health['verdict'],
) {
  const subject = nanny();
  subject.watch('web/one', changes, known);
  for (const problem of problems) {
    const last = subject.started.at(-1);
    if (last === undefined) throw new Error('no check was started');
    subject.end(last, problem);
    subject.clock(subject.deadline());
  }
  return subject.messages;
}

const verdicts = (messages: readonly NannyMessage[]) => messages.filter(({ type }) => type !== 'log');
const logged = (messages: readonly NannyMessage[]) =>
  messages.flatMap((message) => (message.type === 'log' ? [message.text] : []));

const refused = 'connection refused';
const up = { type: 'up', watch: 'web/one' };
const down = { type: 'down', watch: 'web/one', reason: refused };

test('a server is checked as soon as it is watched, and its first result is reported at once', () => {
  const subject = nanny();
  subject.watch('web/one', { fall: 3, rise: 3 });
  expect(subject.started).toMatchObject([{ watch: 'web/one', at: 0 }]);
  expect(verdicts(afterResults([undefined], { fall: 3, rise: 3 }, 'unknown'))).toEqual([up]);
  expect(verdicts(afterResults([refused], { fall: 3, rise: 3 }, 'unknown'))).toEqual([down]);
});

test('what stays as it is is reported once and not logged', () => {
  expect(verdicts(afterResults([undefined, undefined, undefined], {}, 'up'))).toEqual([up]);
  expect(logged(afterResults([undefined, undefined, undefined], {}, 'up'))).toHaveLength(1);
  expect(verdicts(afterResults([refused, refused, 'no route to host'], {}, 'down'))).toEqual([down]);
});

test('changes are logged in the words that administrators look for', () => {
  expect(logged(afterResults([undefined, refused, undefined], {}, 'unknown'))).toEqual([
    'starting LVS client monitor for 10.1.0.100:80 -> 10.2.0.11:80',
    '[ active ] making 10.2.0.11:80 available for 10.1.0.100:80',
    '[inactive] shutting down 10.2.0.11:80 due to connection failure for 10.1.0.100:80: connection refused',
    '[ active ] making 10.2.0.11:80 available for 10.1.0.100:80',
  ]);
});

test('an up server is reported up until `fall` failures in a row', () => {
  const fallAtThird = { fall: 3 };
  expect(verdicts(afterResults([refused, refused, undefined, refused, refused], fallAtThird, 'up'))).toEqual([up]);
  expect(verdicts(afterResults([refused, refused, refused], fallAtThird, 'up'))).toEqual([up, down]);
});

/** Ends the check that was started last. */
const endLast = (subject: ReturnType<typeof nanny>, problem?: string): void => {
  const last = subject.started.at(-1);
  if (last !== undefined) subject.end(last, problem);
};

test('good results go on counting where a reload asks the same, and begin anew where it asks something else', () => {
  for (const [changes, seen] of [
    [{ fall: 2, load: null }, [up]],
    [{ expect: 'HTTP' }, []],
    [{ timeout: milliseconds(500) }, []],
  ] as const) {
    const subject = nanny();
    subject.watch('web/one', { rise: 3 }, 'down');
    for (let at = 1; at <= 2; at++) {
      endLast(subject);
      subject.clock(instant(at * 1000));
    }
    subject.watch('web/one', { rise: 3, ...changes }, 'down', instant(2500));
    endLast(subject);
    expect(verdicts(subject.messages).filter(({ type }) => type === 'up')).toEqual(seen);
  }
});

test('of a server whose check was wrong the first result of another decides', () => {
  const subject = nanny();
  subject.watch('web/one', { rise: 18 }, 'up');
  endLast(subject, 'wrong');
  subject.watch('web/one', { rise: 18, expect: 'HTTP' }, 'unknown', instant(100));
  endLast(subject);
  expect(verdicts(subject.messages)).toEqual([{ ...down, reason: 'wrong' }, up]);
});

test('a server known as down needs `rise` successes, and lvs hears at once how far it is', () => {
  expect(verdicts(afterResults([undefined, undefined, undefined], { rise: 3 }, 'down'))).toEqual([
    { type: 'down', watch: 'web/one', reason: '1 of 3 good checks in a row' },
    up,
  ]);
});

test('a second watch replaces the check: the one under way is called off and its result counts for nothing', () => {
  const subject = nanny();
  subject.watch('web/one');
  subject.watch('web/one', { port: 81 as Port });
  const [first, second] = subject.started;
  if (first === undefined || second === undefined) throw new Error('two checks should have been started');
  expect(subject.calledOff).toEqual([first.run]);
  subject.end(first, refused);
  expect(verdicts(subject.messages)).toEqual([]);
  subject.end(second);
  expect(verdicts(subject.messages)).toEqual([up]);
});

test('a server that is to be checked now is, and one good result brings it back', () => {
  const subject = nanny();
  subject.watch('web/one', { rise: 10, timeout: milliseconds(60_000) }, 'down');
  subject.order({ type: 'check', watch: 'web/one' }, instant(5));
  const [first, second] = subject.started;
  if (first === undefined || second === undefined) throw new Error('two checks should have been started');
  expect([second.at, subject.calledOff]).toEqual([5, [first.run]]);
  subject.end(second);
  expect(verdicts(subject.messages)).toEqual([up]);
  subject.order({ type: 'check', watch: 'web/unknown' }, instant(6));
  expect(subject.started).toHaveLength(2);
});

test('a server that fails a check at once stays out, and lvs hears why again', () => {
  const subject = nanny();
  subject.watch('web/one', { rise: 10 }, 'down');
  subject.order({ type: 'check', watch: 'web/one' }, instant(5));
  const second = subject.started.at(-1);
  if (second === undefined) throw new Error('a check should have been started');
  subject.end(second, refused);
  expect(verdicts(subject.messages)).toEqual([down]);
});

test.each([
  ['down', 'opaque glasses on: force down'],
  ['up', 'rose-colored glasses on: force up'],
  ['auto', 'removing glasses: force auto'],
] as const)('a signal for %s is handed to lvs where there is one check', (to, line) => {
  const subject = nanny();
  subject.watch('web/one');
  subject.signal(to);
  expect(logged(subject.messages).at(-1)).toBe(line);
  expect(subject.messages.at(-1)).toEqual({ type: 'force', watch: 'web/one', to });
});

test('a signal to a shared nanny does nothing and says how it is done', () => {
  const subject = nanny();
  for (const server of ['web/one', 'web/two']) subject.watch(server);
  subject.signal('down');
  expect(logged(subject.messages).at(-1)).toBe(
    'a signal to a nanny that checks 2 servers does nothing: use lvsctl force down',
  );
  expect(subject.messages.filter(({ type }) => type === 'force')).toEqual([]);
});

test('a ping is answered', () => {
  const subject = nanny();
  subject.order({ type: 'ping' }, instant(0));
  expect(subject.messages).toEqual([{ type: 'alive' }]);
});

test('a forgotten server is checked no more', () => {
  const subject = nanny();
  subject.watch('web/one');
  subject.forget('web/one');
  subject.forget('never/heard/of');
  expect(subject.calledOff).toHaveLength(1);
  expect(subject.deadline()).toBe(Infinity);
  subject.clock(instant(5000));
  expect(subject.started).toHaveLength(1);
});

/** Lets checks take the times given, for a while; gives the moments at which they began and ended. */
function run(durations: readonly number[], timeout: number, until: number) {
  const subject = nanny();
  subject.watch('web/one', { timeout: milliseconds(timeout) });
  const times: { began: number; ended: number }[] = [];
  for (let last = subject.started.at(-1); last !== undefined && last.at < until; last = subject.started.at(-1)) {
    const ended = last.at + (durations[times.length % durations.length] ?? 0);
    times.push({ began: last.at, ended });
    expect(subject.deadline()).toBe(Infinity);
    subject.end(last);
    subject.clock(instant(Math.max(ended, subject.deadline())));
    expect(subject.started).toHaveLength(times.length + 1);
  }
  return times;
}

const durations = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 });

test('checks of one server never overlap and never pause for more than the interval', () => {
  fc.assert(
    fc.property(durations, (some) => {
      run(some, 1000, 60_000).forEach(({ began }, index, all) => {
        const before = all[index - 1];
        if (before === undefined) return;
        expect(began).toBeGreaterThanOrEqual(before.ended);
        expect(began - before.began).toBeLessThanOrEqual(1000 + 1e-6);
      });
    }),
  );
});

test('however long checks take, the rate stays: one an interval', () => {
  fc.assert(
    fc.property(durations, (some) => {
      expect(Math.abs(run(some, 1000, 60_000).length - 60)).toBeLessThanOrEqual(1);
    }),
  );
});

test('after a long sleep the missed checks are left out', () => {
  const subject = nanny();
  subject.watch('web/one');
  const [first] = subject.started;
  if (first !== undefined) subject.end(first);
  subject.clock(instant(3_600_000));
  expect(subject.started).toHaveLength(2);
});

test('the second checks of a thousand servers are spread over half an interval', () => {
  const subject = nanny();
  for (let count = 0; count < 1000; count++) subject.watch(`web/server-${count}`);
  for (const first of [...subject.started]) subject.end(first);
  const inTenth = Array<number>(10).fill(0);
  for (let count = 0; count < 1000; count++) {
    const at = subject.deadline();
    const tenth = Math.floor((at - 500) / 50);
    inTenth[tenth] = (inTenth[tenth] ?? 0) + 1;
    subject.clock(at);
  }
  expect(subject.started).toHaveLength(2000);
  expect(inTenth).toHaveLength(10);
  expect(Math.max(...inTenth)).toBeLessThan(150);
});

describe('checks that this router cannot make', () => {
  const tooMany = 'too many open files';
  const trouble = (messages: readonly NannyMessage[]) =>
    messages.flatMap((message) => (message.type === 'trouble' ? [message.problem] : []));

  /** A server that is up, with a check that has just been started. */
  function watching(fall = 1) {
    const subject = nanny();
    subject.watch('web/one', { fall, timeout: milliseconds(60_000) }, 'up');
    const last = (): Started => {
      const started = subject.started.at(-1);
      if (started === undefined) throw new Error('no check was started');
      return started;
    };
    return { ...subject, last };
  }

  test('are no verdict, however many, and are tried again within a second', () => {
    const subject = watching();
    for (let second = 1; second <= 5; second++) {
      const at = instant(second * 1000);
      subject.endUnmade(subject.last(), tooMany, at);
      expect(subject.deadline()).toBe(at + 1000);
      subject.clock(instant(at + 1000));
    }
    expect(verdicts(subject.messages)).toEqual([{ type: 'trouble', problem: tooMany }]);
    subject.end(subject.last(), refused, instant(7000));
    expect(verdicts(subject.messages).at(-1)).toEqual(down);
  });

  test('do not count between two failures', () => {
    const subject = watching(2);
    subject.end(subject.last(), refused);
    subject.clock(subject.deadline());
    subject.endUnmade(subject.last(), tooMany, instant(60_000));
    subject.clock(instant(61_000));
    expect(verdicts(subject.messages).filter(({ type }) => type === 'down')).toEqual([]);
    subject.end(subject.last(), refused, instant(61_000));
    expect(verdicts(subject.messages).at(-1)).toEqual(down);
  });

  test('are told once, and once more when all have been made for a while', () => {
    const subject = watching();
    subject.endUnmade(subject.last(), tooMany, instant(0));
    subject.clock(instant(1000));
    subject.end(subject.last(), undefined, instant(1000));
    subject.clock(subject.deadline());
    subject.endUnmade(subject.last(), 'out of memory', instant(2000));
    subject.clock(instant(3000));
    expect(trouble(subject.messages)).toEqual([tooMany]);
    subject.end(subject.last(), undefined, instant(12_000));
    expect(trouble(subject.messages)).toEqual([tooMany, null]);
  });

  test('leave a server of which nothing is known unknown', () => {
    const subject = nanny();
    subject.watch('web/one');
    const [first] = subject.started;
    if (first === undefined) throw new Error('no check was started');
    subject.endUnmade(first, tooMany, instant(0));
    expect(verdicts(subject.messages)).toEqual([{ type: 'trouble', problem: tooMany }]);
  });
});
