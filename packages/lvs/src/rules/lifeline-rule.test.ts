import { expect, test } from '@jest/globals';
import {
  alone,
  clock,
  file,
  limit,
  lowerings,
  parentGone,
  serving,
  standingTable,
  tick,
  tickFor,
  tickSentAt,
} from '../testing/fake-lifeline.ts';
import { fakeLvs, linesOf } from '../testing/fake-lvs.ts';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { serverOne } from '../testing/fake-service.ts';

const vip = { address: '10.0.0.100', device: 'eth0:1', prefix: undefined };

test('as long as pulse ticks an active lvs serves on', () => {
  const lvs = serving();
  tickFor(lvs, 60_000);
  expect(lvs.table()).toEqual(standingTable);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.told()).toEqual(['configured', 'written', 'ready']);
});

test('without a tick the addresses go down just before the limit is over, and the services only after them', () => {
  const lvs = serving();
  tickFor(lvs, 10_000);
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toEqual([{ type: 'lower-addresses', addresses: [vip] }]);
  expect(lvs.table()).toEqual(standingTable);
  expect(lvs.told()).not.toContain('fenced');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(lvs.table()).toEqual([]);
});

test('where a tick tells when pulse last spoke to the partner, deadtime counts from then, less a tenth', () => {
  const lvs = serving();
  tickSentAt(lvs, lvs.now(), lvs.now() - 200);
  lvs.advance(4500 - 200 - 1);
  expect(lowerings(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toHaveLength(1);
});

test('a pulse that ticks but says nothing to the partner is no owner for long', () => {
  const lvs = serving();
  const spokenAt = lvs.now();
  for (let passed = 0; passed < 4500; passed += 250) {
    tickSentAt(lvs, lvs.now(), spokenAt);
    lvs.advance(250);
  }
  expect(lowerings(lvs)).toHaveLength(1);
  const told = linesOf(lvs.actions).filter(({ level }) => level === 'error');
  expect(told).toEqual([expect.objectContaining({ fields: { silentMs: 250, sinceHeartbeatMs: 4500 } })]);
});

test('a standby needs no ticks', () => {
  const lvs = fakeLvs();
  lvs.configure(`hot_standby = 1\n${file}`);
  lvs.order('standby');
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.told()).toEqual(['configured', 'standing-by']);
});

test('from standby to active the time counts anew', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.order('standby');
  lvs.advance(600_000);
  lvs.order('active');
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
});

test.each<[string, (lvs: FakeLvs) => void]>([
  ['a tick of now', tick],
  [
    'an old tick that waited',
    (lvs) => {
      tickSentAt(lvs, lvs.now() - limit / 2);
    },
  ],
  ['the clock', clock],
])('an lvs that was suspended together with pulse longer than the limit fences itself: it finds %s', (_, find) => {
  const lvs = serving();
  lvs.sleep(2 * limit);
  find(lvs);
  expect(lowerings(lvs)).toHaveLength(1);
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
});

test('an lvs that alone was suspended goes on: the ticks that waited tell that pulse was there all the time', () => {
  const lvs = serving();
  const slept = lvs.now();
  lvs.sleep(10 * limit);
  lvs.down(serverOne);
  for (let sent: number = slept; sent < lvs.now(); sent += 1000) tickSentAt(lvs, sent);
  clock(lvs);
  expect(lowerings(lvs)).toEqual([]);
});

test('of pulse that has ended while lvs was suspended the last tick counts, not when it was read', () => {
  const lvs = serving();
  const slept = lvs.now();
  lvs.sleep(10 * limit);
  tickSentAt(lvs, slept + 100);
  parentGone(lvs);
  expect(lowerings(lvs)).toHaveLength(1);
});

test('an lvs that was suspended for less goes on with the tick that it finds', () => {
  const lvs = serving();
  lvs.sleep(limit - 1);
  tick(lvs);
  lvs.advance(limit - 1);
  expect(lowerings(lvs)).toEqual([]);
});

test('the timers of a new configuration count at once', () => {
  const lvs = serving();
  lvs.configure(file.replace('deadtime = 5', 'deadtime = 50'));
  lvs.advance(43_999);
  expect(lowerings(lvs)).toEqual([]);
  lvs.advance(1);
  expect(lowerings(lvs)).toHaveLength(1);
});

test('without a partner nobody else raises the addresses: a pulse that hangs changes nothing', () => {
  const lvs = serving(alone);
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
});

test('an lvs that was started by hand has nobody to wait for', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.send({ type: 'started-by-hand', at: lvs.now() });
  lvs.up(serverOne);
  lvs.advance(600_000);
  expect(lowerings(lvs)).toEqual([]);
  expect(lvs.table()).toEqual(standingTable);
});
