import { expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { watchId } from './checks.ts';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';

const file = (timeout: number): string =>
  `virtual web {\nactive = 1\naddress = 10.0.0.100 eth0:1\ntimeout = ${timeout}
server one {\nactive = 1\naddress = 10.0.1.1\n}\n}\n`;
const one = 'tcp 10.0.0.100:80/10.0.1.1:80';

function activeLvs(timeout: number) {
  const lvs = fakeLvs();
  lvs.configure(file(timeout));
  lvs.order('active');
  lvs.up(one);
  return lvs;
}

const count = (lvs: FakeLvs, type: 'kill-nanny' | 'start-nanny'): number =>
  lvs.actions.filter((action) => action.type === type).length;

test('a nanny that answers is left alone', () => {
  const lvs = activeLvs(1);
  lvs.advance(600_000);
  expect([count(lvs, 'kill-nanny'), count(lvs, 'start-nanny')]).toEqual([0, 1]);
});

test('a nanny that hangs is killed after some seconds and another goes on; its servers stay as they are', () => {
  const lvs = activeLvs(1);
  const before = lvs.table();
  lvs.hang(lvs.nannyOf(one));
  lvs.advance(7000);
  expect([count(lvs, 'kill-nanny'), count(lvs, 'start-nanny')]).toEqual([1, 2]);
  expect(lvs.logged()).toContain('nanny 101 has given no sign of life for 5 s: killing it');
  expect(lvs.table()).toEqual(before);
  const watches = lvs.actions.flatMap((action) => (action.type === 'command-nanny' ? action.commands : []));
  expect(watches.findLast(({ type }) => type === 'watch')).toMatchObject({ watch: watchId(one), known: 'up' });
});

test('a nanny that checks seldom has three of its intervals', () => {
  const lvs = activeLvs(10);
  lvs.hang(lvs.nannyOf(one));
  lvs.advance(29_000);
  expect(count(lvs, 'kill-nanny')).toBe(0);
  lvs.advance(3000);
  expect(count(lvs, 'kill-nanny')).toBe(1);
});

test('an lvs that was itself asleep kills nobody', () => {
  const lvs = activeLvs(1);
  lvs.hang(lvs.nannyOf(one));
  lvs.send({ type: 'clock', at: instant(lvs.now() + 60_000) });
  expect(count(lvs, 'kill-nanny')).toBe(0);
});
