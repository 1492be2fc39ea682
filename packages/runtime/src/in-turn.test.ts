import { expect, test } from '@jest/globals';
import { inTurn } from './in-turn.ts';

test('work runs in the order it was given, one piece at a time, and a failure does not hold up the next', async () => {
  const queue = inTurn();
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === 'two') throw new Error('two failed');
    return name;
  };
  const all = await Promise.allSettled([queue(work('one')), queue(work('two')), queue(work('three'))]);
  expect(all.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(seen).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});
