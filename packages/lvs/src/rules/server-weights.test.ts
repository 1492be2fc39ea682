import { expect, test } from '@jest/globals';
import type { FakeLvs } from '../testing/fake-lvs.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';

const file = (weight: number, more = ''): string =>
  `virtual web {\nactive = 1\naddress = 10.0.0.100 eth0:1\ntimeout = 10\n${more}
server one {\nactive = 1\naddress = 10.0.1.1\nweight = ${weight}\n}\n}\n`;
const one = 'tcp 10.0.0.100:80/10.0.1.1:80';
const line = (weight: number): string => `-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w ${weight}`;
const webLine = '-A -t 10.0.0.100:80 -s wlc';

function activeLvs(text: string, ...table: readonly string[]) {
  const lvs = fakeLvs();
  if (table.length > 0) lvs.tamper(...table);
  lvs.configure(text);
  lvs.order('active');
  return lvs;
}

const weightIn = (lvs: FakeLvs): number | undefined => {
  const [, found] = /^-a .*-w (\d+)$/.exec(lvs.table().find((each) => each.startsWith('-a')) ?? '') ?? [];
  return found === undefined ? undefined : Number(found);
};

test('a server that has come up is given its weight bit by bit, and again from the beginning when it was down', () => {
  const lvs = activeLvs(file(100));
  lvs.up(one);
  const seen = Array.from({ length: 8 }, () => {
    const weight = weightIn(lvs);
    lvs.advance(20_000);
    return weight;
  });
  expect(seen).toEqual([3, 6, 12, 24, 48, 96, 100, 100]);
  lvs.down(one);
  lvs.up(one);
  expect(weightIn(lvs)).toBe(3);
});

test('while nothing changes about weights nothing is written', () => {
  const lvs = activeLvs(file(1));
  lvs.up(one);
  const before = lvs.actions.length;
  lvs.advance(120_000);
  const written = lvs.actions.slice(before).filter((each) => each.type === 'work-on-table' && each.commands.length > 0);
  expect(written).toEqual([]);
});

test('a server that an earlier lvs had put in keeps its weight', () => {
  const lvs = activeLvs(file(100), webLine, line(48));
  lvs.up(one);
  expect(weightIn(lvs)).toBe(48);
  lvs.advance(20_000);
  expect(weightIn(lvs)).toBe(96);
});

test('a server without work gains weight, one with much loses it again; a server that is down has no load', () => {
  const lvs = activeLvs(file(100, 'load_monitor = /bin/load\nslow_start = off'));
  lvs.up(one);
  lvs.load(one, 0);
  expect(weightIn(lvs)).toBe(150);
  lvs.load(one, 9);
  expect(weightIn(lvs)).toBe(100);
  lvs.down(one);
  lvs.load(one, 0);
  lvs.up(one);
  expect(weightIn(lvs)).toBe(100);
});

test('weight 0 stays 0 whatever the load', () => {
  const lvs = activeLvs(file(0, 'load_monitor = /bin/load'));
  lvs.up(one);
  lvs.load(one, 0);
  lvs.advance(300_000);
  expect(weightIn(lvs)).toBe(0);
});

test('a new weight in the file counts at once for a server that has had all of its own', () => {
  const lvs = activeLvs(file(100, 'slow_start = off'));
  lvs.up(one);
  lvs.configure(file(300));
  expect(weightIn(lvs)).toBe(300);
});

test('a reload does not hurry a server that is on its way up', () => {
  const lvs = activeLvs(file(100));
  lvs.up(one);
  lvs.configure(file(200));
  expect(weightIn(lvs)).toBe(3);
  lvs.configure(file(2));
  expect(weightIn(lvs)).toBe(2);
});

test('the death of a nanny changes no weight', () => {
  const lvs = activeLvs(file(100));
  lvs.up(one);
  lvs.advance(20_000);
  lvs.nannyDies(lvs.nannyOf(one));
  lvs.advance(1000);
  lvs.up(one);
  expect(weightIn(lvs)).toBe(6);
});
