import { expect, test } from '@jest/globals';
import { configurationFromText } from '@piranha/config';
import { assign } from './assign.ts';
import { checksOf } from './checks.ts';
import type { Watch, WatchId } from '../state-parts.ts';

/** A check that is asked for, whichever. */
function anyCheck() {
  const text = 'virtual web {\nactive = 1\naddress = 10.0.0.1 eth0\nserver one {\nactive = 1\naddress = 10.0.1.1\n}\n}';
  const loaded = configurationFromText('lvs.cf', text, {});
  const [check] = loaded.ok ? checksOf(loaded.value.configuration).values() : [];
  if (check === undefined) throw new Error('the file has no check');
  return check;
}

const checks = (names: string) => new Map(names.split(' ').map((name) => [name as WatchId, anyCheck()]));
const shown = (watches: ReadonlyMap<WatchId, Watch>) =>
  [...watches].map(([watch, { nanny }]) => `${watch}${nanny}`).join(' ');
const none = { watches: new Map<WatchId, Watch>(), lastNanny: 0 };

test('every server has a nanny of its own while there are enough', () => {
  expect(shown(assign(none, checks('a b c'), 3))).toBe('a1 b2 c3');
});

test('beyond the limit servers share, the least busy nanny first', () => {
  expect(shown(assign(none, checks('a b c d e f'), 2))).toBe('a1 b2 c1 d2 e1 f2');
});

test('a server keeps its nanny whatever comes and goes', () => {
  const watches = assign(none, checks('a b c d'), 2);
  expect(shown(assign({ watches, lastNanny: 2 }, checks('x a c y'), 2))).toBe('x3 a1 c1 y3');
});
