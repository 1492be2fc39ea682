import { expect, test } from '@jest/globals';
import {
  alone,
  exits,
  fenced,
  file,
  limit,
  lowerings,
  parentGone,
  serving,
  standingTable,
  stop,
  tick,
  tickFor,
} from '../testing/fake-lifeline.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { serverOne } from '../testing/fake-service.ts';

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

test('a pulse that ends while the addresses go down is not waited for', () => {
  const lvs = serving();
  lvs.advance(limit);
  parentGone(lvs);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

const deadtime = 5000;

test('one that is fenced waits for another pulse as long as deadtime, and keeps the addresses down meanwhile', () => {
  const lvs = fenced();
  parentGone(lvs);
  const before = lowerings(lvs).length;
  lvs.advance(deadtime - 1);
  expect(lowerings(lvs).length).toBeGreaterThan(before);
  expect(exits(lvs)).toEqual([]);
  lvs.advance(1);
  expect(exits(lvs)).toEqual([{ type: 'exit', status: 0 }]);
});

function orphanedStandby(): FakeLvs {
  const lvs = fakeLvs();
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.up(serverOne);
  lvs.advance(60_000);
  parentGone(lvs);
  return lvs;
}

test('when pulse is gone a standby waits for another as long as deadtime, then ends and leaves the addresses alone', () => {
  const lvs = orphanedStandby();
  lvs.advance(deadtime - 1);
  expect(lvs.table()).toEqual(standingTable);
  expect(exits(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

const adopt = (lvs: FakeLvs): void => {
  lvs.send({ type: 'adopted', at: lvs.now() });
};

test('a standby that another pulse adopts in time stays, and tells the new one what it told the old one', () => {
  const lvs = orphanedStandby();
  lvs.advance(deadtime - 1);
  const before = lvs.actions.length;
  adopt(lvs);
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.advance(600_000);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
  const told = lvs.actions.slice(before).flatMap((action) => (action.type === 'tell' ? [action.message] : []));
  expect(told).toContainEqual({ type: 'living', count: 1 });
  expect(told).toContainEqual({ type: 'standing-by' });
});

const tellings = (lvs: FakeLvs, from: number) =>
  lvs.actions.slice(from).flatMap((action) => (action.type === 'tell' ? [action.message.type] : []));

test.each([
  ['is unreadable', 'unreadable'],
  ['takes no line', 'refusing'],
] as const)(
  'a pulse that comes while the table %s is told that lvs cannot balance, as the one before was',
  (_, how) => {
    const lvs = fakeLvs();
    lvs.behave(how === 'unreadable' ? how : (_work, table) => ({ table, complaint: 'not permitted', finished: true }));
    lvs.configure(file);
    tick(lvs);
    tickFor(lvs, 40_000);
    expect(tellings(lvs, 0)).toContain('unable');
    const before = lvs.actions.length;
    parentGone(lvs);
    adopt(lvs);
    lvs.configure(file);
    tick(lvs);
    tickFor(lvs, 10_000);
    expect(tellings(lvs, before)).toContain('unable');
  },
);

test('a table that stands and cannot be read just then is no reason for a new pulse to let go', () => {
  const lvs = serving();
  lvs.behave('unreadable');
  tickFor(lvs, 40_000);
  const before = lvs.actions.length;
  parentGone(lvs);
  adopt(lvs);
  lvs.configure(file);
  tick(lvs);
  tickFor(lvs, 40_000);
  expect(tellings(lvs, before)).not.toContain('unable');
});

test('an active lvs that another pulse adopts in time goes on without a change of the table', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.advance(limit - 1);
  const work = lvs.actions.filter((action) => action.type === 'work-on-table' && action.commands.length > 0).length;
  adopt(lvs);
  lvs.configure(file);
  tick(lvs);
  tickFor(lvs, 20_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.actions.filter((action) => action.type === 'work-on-table' && action.commands.length > 0)).toHaveLength(
    work,
  );
  expect(lvs.told().at(-1)).toBe('ready');
});

test('a pulse that comes too late finds an lvs that fences itself', () => {
  const lvs = serving();
  parentGone(lvs);
  lvs.sleep(limit);
  adopt(lvs);
  expect(lvs.state().role).toBe('fencing');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(exits(lvs)).toEqual([]);
});

test('an lvs whose pulse is gone and that is told to stop takes the addresses down first', () => {
  const lvs = serving();
  parentGone(lvs);
  stop(lvs);
  expect(lowerings(lvs)).toHaveLength(1);
  expect(lvs.table()).toEqual(standingTable);
  lvs.addressesLowered();
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('an lvs with a pulse that is told to stop leaves the addresses to it', () => {
  const lvs = serving();
  stop(lvs);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual([]);
});

test('ticks are answered once a keepalive, also while the addresses go down', () => {
  const lvs = serving();
  const before = lvs.signsOfLife();
  tickFor(lvs, 10_000);
  expect(lvs.signsOfLife() - before).toBe(10);
  lvs.advance(limit);
  const fencing = lvs.signsOfLife();
  tick(lvs);
  expect(lvs.state().role).toBe('fencing');
  expect(lvs.signsOfLife() - fencing).toBe(1);
});

test('with a slow keepalive they are answered once a second', () => {
  const lvs = serving(file.replace('keepalive = 1\ndeadtime = 5', 'keepalive = 10\ndeadtime = 50'));
  const before = lvs.signsOfLife();
  tickFor(lvs, 10_000);
  expect(lvs.signsOfLife() - before).toBe(10);
});
