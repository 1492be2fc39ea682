import { expect, test } from '@jest/globals';
import type { Outcome } from '@piranha/domain';
import { failure, milliseconds, success } from '@piranha/domain';
import type { Seen } from '@piranha/runtime/addresses';
import { watchForForeign } from './foreign-watch.ts';

const nothing: Seen = { interfaces: [], ours: [], foreign: [] };

/** A watch that looks without a pause, until `enough` says so; gives how often it looked and what it told. */
async function watched(
  answers: readonly Outcome<Seen, string>[],
  isInactive: (looks: number) => boolean,
  enough: number,
) {
  let [looks, asked] = [0, 0];
  const told: Seen[] = [];
  await new Promise<void>((resolve) => {
    const watch = watchForForeign(
      {
        isInactive: () => {
          asked += 1;
          if (asked > enough) void watch.close().then(resolve);
          return isInactive(looks);
        },
        look: () => Promise.resolve(answers[looks++] ?? failure('ip: no')),
        onSeen: (seen) => told.push(seen),
      },
      milliseconds(0),
    );
  });
  return { looks, told };
}

test('an inactive router looks again and again; a look that failed is not told', async () => {
  const seen = await watched([success(nothing), failure('ip: no'), success(nothing)], () => true, 20);
  expect(seen.looks).toBeGreaterThan(3);
  expect(seen.told).toEqual([nothing, nothing]);
});

test('an active one does not look, and what was seen before it took over is not told', async () => {
  expect(await watched([success(nothing)], () => false, 5)).toEqual({ looks: 0, told: [] });
  expect(await watched([success(nothing)], (looks) => looks === 0, 5)).toEqual({ looks: 1, told: [] });
});
