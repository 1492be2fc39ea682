import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { instant, never, seconds } from '@piranha/domain';
import fc from 'fast-check';
import type { Ramp, Weighing } from './weights.ts';
import { adoptedRamp, afterLoad, doubled, firstRamp, pauseBetweenLooks, reweighed } from './weights.ts';

const weighing = (changes: Partial<Weighing> = {}): Weighing => ({
  ...{ slowStart: 'on', loadMonitor: undefined, weight: 100, interval: seconds(10) },
  ...changes,
});

/** Every weight on the way up, with the moments (s). */
function wayUp(of: Weighing): (readonly [number, number])[] {
  const seen: (readonly [number, number])[] = [];
  let at: Instant = instant(0);
  let ramp = firstRamp(of, at);
  for (;;) {
    seen.push([at / 1000, ramp.weight]);
    if (ramp.doubleAt === never) return seen;
    at = ramp.doubleAt;
    ramp = doubled(ramp, of, at);
  }
}

const settled = (weight: number): Ramp => ({ weight, doubleAt: never });

test('a server that comes up starts with a thirty-second of its weight and doubles about every 20 s', () => {
  expect(wayUp(weighing())).toEqual([
    ...[[0, 3], [20, 6], [40, 12], [60, 24], [80, 48], [100, 96], [120, 100]],
  ]); // prettier-ignore
});

test.each([
  [0.5, 20],
  [6, 18],
  [10, 20],
  [15, 15],
  [21, 21],
  [60, 60],
])('with %d s between checks a weight is looked at every %d s', (interval, pause) => {
  expect(pauseBetweenLooks(seconds(interval))).toBe(seconds(pause));
});

test('the file may set the time of a doubling, or leave the slow start out', () => {
  expect(wayUp(weighing({ slowStart: seconds(3), weight: 8 }))).toEqual([[0, 1], [3, 2], [6, 4], [9, 8]]); // prettier-ignore
  expect(wayUp(weighing({ slowStart: 'off' }))).toEqual([[0, 100]]);
});

test('weight 1 is there at once, and weight 0 stays 0', () => {
  expect(wayUp(weighing({ weight: 1 }))).toEqual([[0, 1]]);
  expect(wayUp(weighing({ weight: 0 }))).toEqual([[0, 0]]);
  expect(afterLoad(settled(0), 0, weighing({ weight: 0, loadMonitor: ['rup'] }))).toEqual(settled(0));
});

test('a server that was in service before keeps its weight and goes on from there', () => {
  expect(adoptedRamp(24, weighing(), instant(0))).toEqual({ weight: 24, doubleAt: seconds(20) });
  expect(adoptedRamp(100, weighing(), instant(0))).toEqual(settled(100));
  expect(adoptedRamp(400, weighing(), instant(0))).toEqual(settled(100));
  expect(adoptedRamp(400, weighing({ loadMonitor: ['rup'] }), instant(0))).toEqual(settled(400));
});

test('an idle server gains half its weight at each look, up to ten times it', () => {
  const of = weighing({ loadMonitor: ['uptime'] });
  expect(afterLoad(settled(100), 0, of).weight).toBe(150);
  expect(afterLoad(settled(150), 0, of).weight).toBe(200);
  expect(afterLoad(settled(970), 0, of).weight).toBe(1000);
  expect(afterLoad(settled(1000), 0, of).weight).toBe(1000);
});

test('a busy server loses weight, down to that of the file', () => {
  const of = weighing({ loadMonitor: ['uptime'] });
  expect(afterLoad(settled(300), 9, of).weight).toBe(200);
  expect(afterLoad(settled(150), 9, of).weight).toBe(100);
  expect(afterLoad(settled(100), 50, of).weight).toBe(100);
});

test('loads close to 1 change nothing, nor does any load of a server of weight 1', () => {
  for (const load of [0.9, 1, 1.1])
    expect(afterLoad(settled(300), load, weighing({ loadMonitor: ['rup'] })).weight).toBe(300);
  expect(afterLoad(settled(1), 0, weighing({ weight: 1, loadMonitor: ['rup'] })).weight).toBe(1);
});

test('on its way up a server has no time for its load', () => {
  const ramp = { weight: 6, doubleAt: seconds(20) as number as Instant };
  expect(afterLoad(ramp, 0, weighing({ loadMonitor: ['rup'] }))).toBe(ramp);
});

test('under a new file a settled server has the new weight at once, one on its way up goes on', () => {
  const ramp = { weight: 24, doubleAt: instant(5000) };
  expect(reweighed(settled(100), weighing({ weight: 300 }), instant(0))).toEqual(settled(300));
  expect(reweighed(ramp, weighing({ weight: 300 }), instant(0))).toEqual(ramp);
  expect(reweighed(ramp, weighing({ weight: 20 }), instant(0))).toEqual(settled(20));
  expect(reweighed(ramp, weighing({ slowStart: 'off' }), instant(0))).toEqual(settled(100));
});

test('no file, load or time makes a weight that ipvsadm refuses', () => {
  const anyWeighing = fc.record<Weighing>({
    slowStart: fc.constantFrom('on' as const, 'off' as const, seconds(1)),
    loadMonitor: fc.constantFrom(undefined, ['uptime']),
    weight: fc.nat(65_535),
    interval: fc.double({ min: 0.02, max: 100, noNaN: true }).map(seconds),
  });
  const anyLook = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(anyWeighing, anyWeighing, fc.array(anyLook), (first, second, loads) => {
      let ramp = firstRamp(first, instant(0));
      for (const load of loads) ramp = afterLoad(doubled(ramp, first, instant(0)), load, first);
      for (const { weight } of [ramp, reweighed(ramp, second, instant(0))]) {
        expect(Number.isInteger(weight) && weight >= 0 && weight <= 65_535).toBe(true);
      }
      expect(reweighed(ramp, second, instant(0)).weight === 0).toBe(second.weight === 0);
    }),
  );
});
