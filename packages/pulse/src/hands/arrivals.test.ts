import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { arrivals } from './arrivals.ts';

test('what is read in one turn has arrived together, however long it takes to come to the last of it', async () => {
  let now = 0;
  const arrival = arrivals({
    now: () => {
      now += 10;
      return instant(now);
    },
  });
  const inOneTurn = () => [arrival(), arrival(), arrival()];
  expect(inOneTurn()).toEqual([10, 10, 10]);
  await setImmediate();
  expect(inOneTurn()).toEqual([20, 20, 20]);
});
