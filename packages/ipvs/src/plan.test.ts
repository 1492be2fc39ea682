import { expect, test } from '@jest/globals';
import { parseSaved } from './parse-saved.ts';
import { plan } from './plan.ts';
import { restoreLine } from './restore-lines.ts';
import type { ServiceKey, Table } from './table.ts';

const tableOf = (...lines: readonly string[]): Table => parseSaved(lines.join('\n')).table;

const linesOf = (actual: Table, wanted: Table, owned: Iterable<string> = wanted.keys()): string[] =>
  plan(actual, wanted, new Set(owned as Iterable<ServiceKey>)).map(restoreLine);

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
