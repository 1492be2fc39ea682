import { expect, test } from '@jest/globals';
import { keepRunning } from './standing-child.ts';

/** Waits for something that children bring about, with a generous limit. */
async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error('it never happened');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function standingCat() {
  const lines: string[] = [];
  const endings: string[] = [];
  const child = keepRunning({
    file: 'cat',
    args: [],
    onLine: (line) => lines.push(line),
    onErrorLine: () => undefined,
    onEnd: ({ type }) => endings.push(type),
  });
  return { lines, endings, child };
}

test('one that was killed is there again, and is spoken to as before', async () => {
  const { lines, endings, child } = standingCat();
  child.send('one\n');
  await until(() => lines.length === 1);
  child.signal('SIGKILL');
  await until(() => endings.length === 1);
  child.send('two\n');
  await until(() => lines.length === 2);
  await child.close(500);
  expect({ lines, endings }).toEqual({ lines: ['one', 'two'], endings: ['killed', 'killed'] });
});

test('one that was killed and that nobody speaks to is started again, too', async () => {
  const { endings, child } = standingCat();
  child.signal('SIGKILL');
  await until(() => endings.length === 1);
  // Only a new one can be killed.
  await until(() => {
    child.signal('SIGKILL');
    return endings.length === 2;
  });
  await child.close(500);
  expect(endings.slice(0, 2)).toEqual(['killed', 'killed']);
});

test('one that was closed is not started again', async () => {
  const { lines, endings, child } = standingCat();
  await child.close(500);
  child.send('late\n');
  await new Promise((resolve) => setImmediate(resolve));
  expect(endings).toHaveLength(1);
  expect(lines).toEqual([]);
});
