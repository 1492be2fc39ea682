import { expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { nannyEar } from './nanny-ear.ts';

function ear() {
  let now = 0;
  const heard: string[] = [];
  const logged: string[] = [];
  const broken: string[] = [];
  const made = nannyEar(
    { now: () => instant(now) },
    {
      hear: (line) => {
        heard.push(line);
        return line.startsWith('?') ? 'unknown' : undefined;
      },
      onBroken: (problem) => broken.push(problem),
      onLeftOut: (count) => logged.push(`${count} left out`),
    },
  );
  const onLogLine = (line: string): void => {
    if (made.mayLog()) logged.push(line);
  };
  return { ...made, onLogLine, heard, logged, broken, pass: (ms: number) => (now += ms) };
}

const times = (count: number, act: () => void): void => {
  for (let done = 0; done < count; done += 1) act();
};

test('a nanny with a thousand servers may say all that it found at once', () => {
  const { onLine, heard, broken } = ear();
  times(5000, () => {
    onLine('up');
  });
  expect([heard.length, broken]).toEqual([5000, []]);
});

test('one that says more than it can have to say is ended, and not heard any more', () => {
  const { onLine, onLogLine, heard, logged, broken } = ear();
  times(50_000, () => {
    onLine('up');
  });
  onLogLine('late');
  expect([heard.length, logged]).toEqual([20_000, []]);
  expect(broken).toEqual(['it says more than 20000 lines a second']);
});

test('what is not understood now and then is borne, again and again it is not', () => {
  const { onLine, broken, pass } = ear();
  times(50, () => {
    pass(500);
    times(40, () => {
      onLine('?');
    });
  });
  expect(broken).toEqual([]);
  times(101, () => {
    onLine('?');
  });
  expect(broken).toEqual(['it says what nobody understands, again and again']);
});

test('of more lines than the log bears the rest is counted', () => {
  const { onLogLine, logged, pass } = ear();
  times(3500, () => {
    onLogLine('x');
  });
  expect(logged).toHaveLength(3000);
  pass(60_000);
  onLogLine('later');
  expect(logged.slice(3000)).toEqual(['500 left out', 'later']);
});
