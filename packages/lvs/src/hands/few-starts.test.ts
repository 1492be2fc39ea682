import { afterEach, expect, jest, test } from '@jest/globals';
import { fewStarts } from './few-starts.ts';

afterEach(() => {
  jest.useRealTimers();
});

/** Two may begin at a time; what is obeyed is kept as words. */
function orders() {
  jest.useFakeTimers();
  const done: string[] = [];
  const neverStarted: number[] = [];
  const starts = fewStarts({
    most: 2,
    obey: ({ type, nanny }) => done.push(`${type} ${nanny}`),
    onNeverStarted: (nanny) => neverStarted.push(nanny),
  });
  const start = (...nannies: readonly number[]) => {
    for (const nanny of nannies) starts.add({ type: 'start-nanny', nanny, user: undefined });
  };
  const tell = (...nannies: readonly number[]) => {
    for (const nanny of nannies) starts.add({ type: 'command-nanny', nanny, commands: [] });
  };
  const stop = (nanny: number) => {
    starts.add({ type: 'stop-nanny', nanny });
  };
  const pass = (ms: number) => {
    jest.advanceTimersByTime(ms);
  };
  return { ...starts, start, tell, stop, pass, done, neverStarted };
}

const both = (nanny: number): string[] => [`start-nanny ${nanny}`, `command-nanny ${nanny}`];

test('of many nannies two begin, each told at once what to do; the next when one of them works', () => {
  const { start, tell, pass, begun, done } = orders();
  start(1, 2, 3, 4);
  tell(1, 2, 3, 4);
  expect(done).toEqual([]);
  pass(10);
  expect(done).toEqual([...both(1), ...both(2)]);
  begun(2);
  pass(10);
  expect(done).toEqual([...both(1), ...both(2), ...both(3)]);
});

test('a nanny that says nothing makes room after 2 s', () => {
  const { start, pass, done } = orders();
  start(1, 2, 3);
  pass(1999);
  expect(done).toHaveLength(2);
  pass(10);
  expect(done).toHaveLength(3);
});

test('a nanny that runs is told and stopped at once though others wait', () => {
  const { start, tell, stop, pass, done } = orders();
  start(1);
  pass(10);
  start(2, 3, 4);
  pass(10);
  tell(1);
  stop(1);
  expect(done).toEqual(['start-nanny 1', 'start-nanny 2', 'command-nanny 1', 'stop-nanny 1']);
});

test('a nanny that is stopped before its start is never started, and that is told', () => {
  const { start, tell, stop, pass, begun, done, neverStarted } = orders();
  start(1, 2, 3);
  tell(3);
  pass(10);
  stop(3);
  begun(1);
  pass(10);
  expect(neverStarted).toEqual([3]);
  expect(done).toEqual(['start-nanny 1', 'start-nanny 2']);
});

test('after the end nobody is started', () => {
  const { start, pass, drop, done } = orders();
  start(1, 2, 3);
  drop();
  pass(10_000);
  expect(done).toEqual([]);
});
