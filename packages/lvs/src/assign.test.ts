import { expect, test } from '@jest/globals';
import { milliseconds, parseIpAddress, asPort } from '@piranha/domain';
import { assign } from './assign.ts';
import type { Watch } from './state.ts';

const [address, port] = [parseIpAddress('10.0.1.1'), asPort(80)];
if (address === undefined || port === undefined) throw new Error('no address');
const check: Watch['check'] = {
  ...{ virtual: 'web', address, port, protocol: 'tcp', send: null, expect: null, useRegex: false, program: null },
  ...{ timeout: milliseconds(1000), fall: 1, rise: 1, load: null },
};

const checksOf = (names: string) => new Map(names.split(' ').map((name) => [name, { check, label: name }]));
const shown = (watches: ReadonlyMap<string, Watch>) =>
  [...watches].map(([server, { nanny }]) => `${server}${nanny}`).join(' ');
const none = { watches: new Map<string, Watch>(), lastNanny: 0 };

test('every server has a nanny of its own while there are enough', () => {
  expect(shown(assign(none, checksOf('a b c'), 3))).toBe('a1 b2 c3');
});

test('beyond the limit servers share, the least busy nanny first', () => {
  expect(shown(assign(none, checksOf('a b c d e f'), 2))).toBe('a1 b2 c1 d2 e1 f2');
});

test('a server keeps its nanny whatever comes and goes', () => {
  const watches = assign(none, checksOf('a b c d'), 2);
  expect(shown(assign({ watches, lastNanny: 2 }, checksOf('x a c y'), 2))).toBe('x3 a1 c1 y3');
});
