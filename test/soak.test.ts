// How a soak orders its deeds and judges what it has seen.
import { describe, expect, test } from '@jest/globals';
import { seededRandom } from '@piranha/testing';
import { account } from './lab/inside/soak/account.ts';
import type { Course, DeedDone, Failure, Sample } from './lab/inside/soak/course.ts';
import { shuffled } from './lab/inside/soak/deck.ts';
import { deeds, gentleDeeds, hasHeaps } from './lab/inside/soak/faulty-pair.ts';
import { judge } from './lab/inside/soak/judgement.ts';
import { momentOf } from './lab/inside/soak/log-lines.ts';
import { ownershipOf } from './lab/inside/soak/ownership.ts';
import { lengthOf, trendOf } from './lab/inside/soak/series.ts';

const minute = 60_000;
const ten = (index: number): number => index * 10_000;

/** Half an hour of both routers, sample by sample. */
const calm = (index: number): Sample => ({
  at: ten(index),
  load: 1.5 + index / 100,
  processes: ['r1', 'r2'].map((router) => ({
    ...{ router, name: 'pulse', life: '7 100' },
    // As a heap comes and goes.
    figures: { memory: 50_000 + (index % 4) * 500, heap: 9000 + (index % 3) * 50, descriptors: 20, threads: 7 },
  })),
  routers: ['r1', 'r2'].map((router) => ({
    ...{ router, active: router === 'r1', zombies: [] },
    ...{ entries: 3, sockets: 12, logBytes: 1000 },
  })),
});

const course = (change: Partial<Course> = {}, sample: (index: number) => Sample = calm): Course => ({
  ...{ from: 0, to: 30 * minute, samples: Array.from({ length: 181 }, (_none, index) => sample(index)) },
  ...{ deeds: [], requests: 45_000, failures: [], moves: [], log: [], stalls: [] },
  ...change,
});

/** The same, but r1's pulse has other figures. */
const pulseOfR1 =
  (figures: (index: number) => Partial<Sample['processes'][number]['figures']>) =>
  (index: number): Sample => {
    const sample = calm(index);
    const [first, ...others] = sample.processes;
    if (first === undefined) throw new Error('no process');
    return { ...sample, processes: [{ ...first, figures: { ...first.figures, ...figures(index) } }, ...others] };
  };

const deed = (change: Partial<DeedDone> = {}): DeedDone => ({
  ...{ name: 'switch', detail: 'to r2', from: 5 * minute, to: 6 * minute, losesNothing: false },
  ...change,
});

const failure = (sentAt: number): Failure => ({ sentAt, doneAt: sentAt + 2000, problem: 'timed-out (no answer)' });

describe('a soak', () => {
  test('in which nothing rises and nothing fails is flat', () => {
    const verdict = judge(course());
    expect([verdict.ok, verdict.problems]).toEqual([true, []]);
    expect(verdict.rows.every(({ trend }) => trend !== undefined)).toBe(true);
  });

  test('is not flat when a process keeps more and more memory', () => {
    expect(
      judge(
        course(
          {},
          pulseOfR1((index) => ({ memory: 50_000 + index * 250 })),
        ),
      ).problems,
    ).toEqual([expect.stringMatching(/^r1 pulse: memory rose by \d+$/)]);
  });

  test('is not flat when ever more lives in the heap, though memory hides it', () => {
    const leak = pulseOfR1((index) => ({ heap: 9000 + index * 10 }));
    expect(judge(course({}, leak)).problems).toEqual(['r1 pulse: heap rises by 3600 an hour']);
  });

  test('has no row of heap for a program that has none', () => {
    const { rows } = judge(
      course(
        {},
        pulseOfR1(() => ({ heap: undefined })),
      ),
    );
    expect(rows.filter(({ limit }) => limit.figure === 'heap').map(({ router }) => router)).toEqual(['r2']);
  });

  test('is only judged when a program has noted its heap', () => {
    const withoutHeaps = calm(0).processes.map((each) => ({ ...each, figures: { ...each.figures, heap: undefined } }));
    expect(hasHeaps(course({}))).toBe(true);
    expect(hasHeaps(course({ samples: [{ ...calm(0), processes: withoutHeaps }] }))).toBe(false);
  });

  test('is not flat when descriptors are left open, and says on which router', () => {
    const leak = pulseOfR1((index) => ({ descriptors: 20 + Math.floor(index / 10) }));
    expect(judge(course({}, leak)).problems).toEqual(['r1 pulse: descriptors rose by 14']);
  });

  test('is flat when a figure only rises while the process warms up', () => {
    const warm = pulseOfR1((index) => ({ memory: index < 6 ? 20_000 : 52_000, threads: index < 6 ? 7 : 11 }));
    expect(judge(course({}, warm)).problems).toEqual([]);
  });

  test('judges every life that is long enough, and none that is not', () => {
    // A new process every five minutes, each of which leaks.
    const lives = (length: number) => (index: number) => {
      const sample = calm(index);
      const [first] = sample.processes;
      if (first === undefined) throw new Error('no process');
      const [life, age] = [Math.floor(index / length), index % length];
      const figures = { ...first.figures, descriptors: 30 + age };
      return { ...sample, processes: [{ ...first, life: `${life} 0`, figures }] };
    };
    const rowOf = (length: number) =>
      judge(course({}, lives(length))).rows.find(({ limit }) => limit.figure === 'descriptors');
    expect(rowOf(30)).toMatchObject({ lives: 6, rise: expect.stringContaining('rose') as unknown });
    expect(rowOf(20)).toMatchObject({ lives: 0, trend: undefined, rise: undefined });
  });

  test('is not flat when a leak is slow but the life is long', () => {
    const samples = Array.from({ length: 361 }, (_none, index) => pulseOfR1((at) => ({ heap: 9000 + at * 7 }))(index));
    const { problems } = judge(course({ samples, to: 60 * minute }));
    expect(problems).toContainEqual(expect.stringMatching(/^r1 pulse: heap rose by/));
  });

  test('is not flat when processes are left over', () => {
    const more = (index: number): Sample => {
      const sample = calm(index);
      const [first] = sample.processes;
      return index < 60 || first === undefined
        ? sample
        : { ...sample, processes: [...sample.processes, { ...first, life: '9 9' }] };
    };
    expect(judge(course({}, more)).problems).toContain('r1 all: processes rose by 1');
  });

  test('minds a zombie that stays, not one that is about to be reaped', () => {
    const zombies = (from: number, to: number) => (index: number) => {
      const sample = calm(index);
      const [r1, ...others] = sample.routers;
      if (r1 === undefined) throw new Error('no router');
      return { ...sample, routers: [{ ...r1, zombies: index >= from && index <= to ? ['5 5'] : [] }, ...others] };
    };
    expect(judge(course({}, zombies(20, 20))).ok).toBe(true);
    expect(judge(course({}, zombies(20, 21))).problems).toEqual(['1 zombies stayed']);
  });

  test('minds a pair that talks while nothing happens', () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_none, index) => ({ at: index * 100, router: 'r2', text: 'x'.repeat(99) }));
    expect(judge(course({ log: lines(400) })).ok).toBe(true);
    expect(judge(course({ log: lines(600) })).problems).toEqual(['r2 logs 120000 bytes an hour in quiet stretches']);
  });
});

describe('a failed request', () => {
  test('counts in a quiet stretch, also just before a deed', () => {
    const verdict = judge(course({ deeds: [deed()], failures: [failure(5 * minute - 2001), failure(6 * minute + 1)] }));
    expect([verdict.quietFailures.length, verdict.problems]).toEqual([2, ['2 requests failed in quiet stretches']]);
  });

  test('is excused while a deed is under way that may lose some', () => {
    const failures = [failure(5 * minute - 1000), failure(5.5 * minute), failure(6 * minute)];
    const verdict = judge(course({ deeds: [deed()], failures }));
    expect([verdict.ok, verdict.excusedFailures]).toEqual([true, 3]);
  });

  test('counts in a deed that promises to lose none', () => {
    const verdict = judge(course({ deeds: [deed({ losesNothing: true })], failures: [failure(5.5 * minute)] }));
    expect(verdict.problems).toEqual(['1 requests failed in deeds that lose none']);
  });
});

test('a deed after which not all came back makes the verdict', () => {
  expect(judge(course({ deeds: [deed({ problem: 'no owner' })] })).problems).toEqual(['switch: no owner']);
});

test('the owner may change in a deed, not in a quiet stretch', () => {
  const moves = [5.5 * minute, 7 * minute].map((at) => ({ at, router: 'r2', has: true }));
  expect(judge(course({ deeds: [deed()], moves })).problems).toEqual(['1 changes of owner in quiet stretches']);
});

test('the kernel is asked in quiet stretches: a deed may take entries out for its time', () => {
  const fewer = (index: number): Sample => {
    const sample = calm(index);
    return { ...sample, routers: sample.routers.map((each) => ({ ...each, entries: index < 40 ? 2 : 3 })) };
  };
  expect(judge(course({}, fewer)).problems).toEqual(['r1 all: entries rose by 1', 'r2 all: entries rose by 1']);
  expect(judge(course({ deeds: [deed({ from: 0, to: ten(39) })] }, fewer)).problems).toEqual([]);
});

describe('the account', () => {
  const log = [
    { at: 7 * minute - 500, router: 'r1', text: 'partner is silent' },
    { at: 9 * minute, router: 'r1', text: 'much later' },
  ];

  test('tells a failed request with what the routers said around it', () => {
    const seen = course({ deeds: [deed()], failures: [failure(7 * minute)], log });
    const text = account(seen, judge(seen));
    expect(text).toContain('7:00.0 request: timed-out (no answer)\n    6:59.5 r1 partner is silent\n');
    expect(text).not.toContain('much later');
    expect(text).toContain('  5:00.0 to   6:00.0  switch (to r2): 0 requests failed');
    expect(text).toMatch(/✘ not flat\n$/);
  });

  test('has a line for each figure, with its limits and their reasons', () => {
    const text = account(course(), judge(course()));
    expect(text).toMatch(/^r1 {2}pulse {2}memory +KB +1 +50,000 +50,750 +50,750 +-?\d+ {2}flat$/m);
    expect(text).toContain('heap: at most 1024 KB or 10 % more (what is left after a collection each half minute');
    expect(text).toMatch(/\nload average from 1.5 to 3.3\n✔ flat\n$/);
  });
});

test('a change of owner is told apart by whether the machine itself stood still just before', () => {
  const moves = [2 * minute, 7 * minute].map((at) => ({ at, router: 'r2', has: true }));
  const stalls = [{ at: 7 * minute - 900, stood: 250, processor: 1 }];
  const seen = course({ moves, stalls });
  expect(account(seen, judge(seen))).toContain(
    'a processor stood still 1 times for 50 ms or more, at most for 250 ms; of the changes of owner in quiet stretches 1 came within 1 s after that',
  );
});

test('times with two owners and with none are added up from the owner at the start', () => {
  const move = (at: number, router: string, has: boolean) => ({ at, router, has });
  const moves = [move(1000, 'r2', true), move(1400, 'r1', false), move(5000, 'r2', false), move(5300, 'r1', true)];
  const again = [move(6000, 'r2', true), move(6100, 'r2', false)];
  expect(ownershipOf(course({ moves: [...moves, ...again] }))).toEqual({ twoMs: 500, longestTwoMs: 400, noneMs: 300 });
  expect(ownershipOf(course())).toEqual({ twoMs: 0, longestTwoMs: 0, noneMs: 0 });
});

describe('the moment of a log line', () => {
  const wall = new Date(2026, 10, 21, 22, 58, 0, 500);

  test('is when it was read, within the second that it carries', () => {
    expect(momentOf('Nov 21 22:58:00 r1 daemon.err lvsd[53]: x', wall, 5000)).toBe(5000);
  });

  test('is the end of that second if it was read later', () => {
    expect(momentOf('Nov 21 22:57:48 r1 daemon.err lvsd[53]: x', wall, 20_000)).toBe(20_000 - 12_500 + 999);
    expect(momentOf('Nov  1 22:58:00 r1 x', wall, 0)).toBeLessThan(-19 * 86_400_000);
  });

  test('is when it was read if it carries none', () => {
    expect(momentOf('no stamp', wall, 7)).toBe(7);
  });
});

describe('a trend', () => {
  test('has the first value, the medians of the first and last fifth, and the slope of all', () => {
    const points = Array.from({ length: 11 }, (_none, index) => ({ at: ten(index), value: 100 + index * 2 }));
    expect(lengthOf(points)).toBe(100_000);
    expect(trendOf(points)).toEqual({
      first: 100,
      early: 101,
      late: 119,
      slopePerHour: expect.closeTo(720, 6) as unknown,
    });
  });

  test('of one value is level, of none there is none', () => {
    expect(trendOf([{ at: 5, value: 3 }])).toEqual({ first: 3, early: 3, late: 3, slopePerHour: 0 });
    expect(trendOf([])).toBeUndefined();
  });
});

describe('deeds', () => {
  test('come in an order that the seed repeats, each once', () => {
    const order = (seed: number) => shuffled(deeds, seededRandom(seed)).map(({ name }) => name);
    expect(order(5)).toEqual(order(5));
    expect(order(5)).not.toEqual(order(6));
    expect(new Set(order(5))).toEqual(new Set(deeds.map(({ name }) => name)));
    expect(new Set(order(5)).size).toBe(deeds.length);
  });
});

test('the deeds of long lives end no process, and are most of the others', () => {
  const names = gentleDeeds.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['private cable of the owner pulled', 'switch by the operator']));
  for (const name of ['lvsd killed', 'clean stop of the owner', 'the standby is an original router'])
    expect(names).not.toContain(name);
  expect(names.length).toBeGreaterThan(deeds.length / 2);
});
