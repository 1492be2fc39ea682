import { expect, test } from '@jest/globals';
import {
  alone,
  exits,
  file,
  limit,
  lowerings,
  parentGone,
  serving,
  standingTable,
  tick,
  tickFor,
} from './fake-lifeline.ts';
import { fakeLvs } from './fake-lvs.ts';
import type { FakeLvs } from './fake-lvs.ts';

test('when pulse is gone an active lvs waits as long as for a tick, takes down addresses, then services, and ends', () => {
  const lvs = serving();
  tickFor(lvs, 10_000);
  lvs.advance(1000);
  parentGone(lvs);
  lvs.advance(limit - 1001);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
  lvs.advance(1);
  expect(lowerings(lvs)).toHaveLength(1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('another pulse that ticks in time goes on with this lvs', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.advance(limit - 1);
  tick(lvs, 'active', 7);
  lvs.advance(limit - 1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.advance(1);
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(exits(lvs)).toEqual([]);
});

test('a router without a partner ends too when pulse is gone and no other comes', () => {
  const lvs = serving(alone);
  lvs.advance(600_000);
  parentGone(lvs);
  lvs.addressesLowered();
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test.each([
  [
    'while the addresses go down',
    (lvs: FakeLvs) => {
      lvs.advance(limit);
    },
  ],
  [
    'when they are down',
    (lvs: FakeLvs) => {
      lvs.advance(limit);
      lvs.addressesLowered();
    },
  ],
])('a pulse that ends %s is not waited for', (_when, before) => {
  const lvs = serving();
  before(lvs);
  parentGone(lvs);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('when pulse is gone a standby ends at once and leaves the addresses alone', () => {
  const lvs = fakeLvs();
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  parentGone(lvs);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});
