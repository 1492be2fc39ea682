import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { recordingLogger } from '@piranha/testing';
import { rareLines } from './rare-lines.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const minute = 60_000;

function told() {
  const { log, lines } = recordingLogger();
  const rare = rareLines(log);
  const say = (text: string, kind = 'file'): void => {
    rare.say({ level: 'warning', text, kind });
  };
  return { rare, say, texts: () => lines.map(({ level, text }) => `${level}: ${text}`) };
}

test('the first line of a kind is said at once, and what follows within a minute when it is over, with its count', () => {
  const { say, texts } = told();
  for (const text of ['one', 'two', 'three']) say(text);
  expect(texts()).toEqual(['warning: one']);
  jest.advanceTimersByTime(minute);
  expect(texts()).toEqual(['warning: one', 'warning: three (said 2 times since the last such line)']);
});

test('one that was kept alone is said as it is', () => {
  const { say, texts } = told();
  say('one');
  say('two');
  jest.advanceTimersByTime(minute);
  expect(texts()).toEqual(['warning: one', 'warning: two']);
});

test('after a quiet minute a line is said at once again', () => {
  const { say, texts } = told();
  say('one');
  jest.advanceTimersByTime(minute);
  say('two');
  expect(texts()).toEqual(['warning: one', 'warning: two']);
});

test('a thousand lines a second make one a minute', () => {
  const { say, texts } = told();
  for (let ms = 0; ms < 10 * minute; ms += 100) {
    say(`at ${ms}`);
    jest.advanceTimersByTime(100);
  }
  expect(texts()).toHaveLength(11);
});

test('kinds do not hold up each other', () => {
  const { say, texts } = told();
  say('one');
  say('another', 'kind');
  expect(texts()).toHaveLength(2);
});

test('at the end what was kept is said, and no timer is left', () => {
  const { rare, say, texts } = told();
  say('one');
  say('two');
  rare.close();
  expect(texts()).toEqual(['warning: one', 'warning: two']);
  expect(jest.getTimerCount()).toBe(0);
});
