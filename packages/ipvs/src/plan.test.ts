import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyTable, tableOf } from './sample-tables.ts';
import { applyCommands } from './model-kernel.ts';
import { plan } from './plan.ts';
import { restoreLine } from './restore-lines.ts';
import type { ServiceKey, Table } from './table.ts';

const linesOf = (actual: Table, wanted: Table, owned: Iterable<string> = wanted.keys()): string[] =>
  plan(actual, wanted, new Set(owned as Iterable<ServiceKey>)).map(restoreLine);

const without = (table: Table, keys: { has: (key: ServiceKey) => boolean }): Table =>
  new Map([...table].filter(([key]) => !keys.has(key)));
const only = (table: Table, keys: { has: (key: ServiceKey) => boolean }): Table =>
  new Map([...table].filter(([key]) => keys.has(key)));

test('a plan turns any table into any other', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const owned = new Set([...actual.keys(), ...wanted.keys()]);
      expect(applyCommands(actual, plan(actual, wanted, owned))).toEqual(wanted);
    }),
  );
});

test('where nothing is to be done the plan is empty', () => {
  fc.assert(
    fc.property(anyTable, (table) => {
      expect(plan(table, table, new Set(table.keys()))).toEqual([]);
    }),
  );
});

test('a service that is neither wanted nor ours is never touched', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const after = applyCommands(actual, plan(actual, wanted, new Set()));
      expect(only(after, wanted)).toEqual(wanted);
      expect(without(after, wanted)).toEqual(without(actual, wanted));
    }),
  );
});

test('additions come first, services before their servers, and deletions last', () => {
  fc.assert(
    fc.property(anyTable, anyTable, (actual, wanted) => {
      const letters = linesOf(actual, wanted, [...actual.keys(), ...wanted.keys()]).map((line) => line.slice(0, 2));
      const order = ['-A', '-a', '-E', '-e', '-d', '-D'];
      const ranks = letters.map((letter) => order.indexOf(letter));
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    }),
  );
});

const web = '-A -t 10.0.0.1:80 -s wlc';
const one = '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1';

test('a changed weight is an edit of that one server', () => {
  const wanted = tableOf(web, '-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 7');
  expect(linesOf(tableOf(web, one), wanted)).toEqual(['-e -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 7']);
});

test('another scheduler and persistence are an edit that leaves the servers alone', () => {
  const wanted = tableOf('-A -t 10.0.0.1:80 -s rr -p 60 -M 255.255.255.0', one);
  expect(linesOf(tableOf(web, one), wanted)).toEqual(['-E -t 10.0.0.1:80 -s rr -p 60 -M 255.255.255.0']);
});

test('a service that is no longer wanted goes in one line, with all its servers', () => {
  expect(linesOf(tableOf(web, one), tableOf(), ['tcp 10.0.0.1:80'])).toEqual(['-D -t 10.0.0.1:80']);
});

test('thresholds that were not read do not ask for an edit, and known ones that differ do', () => {
  const wanted = tableOf(web, `${one} -x 10 -y 5`);
  expect(linesOf(tableOf(web, one), wanted)).toEqual([]);
  expect(linesOf(tableOf(web, `${one} -x 9`), wanted)).toEqual(['-e -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 1 -x 10 -y 5']);
});
