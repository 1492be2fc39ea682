import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import { watchId } from './checks.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';
import {
  commandsTo,
  file,
  one,
  oneLine,
  readyLvs,
  server,
  serverOne,
  serverTwo,
  two,
  twoLine,
  virtual,
  webLine,
} from '../testing/fake-service.ts';

const web = (servers: string, more = ''): string => virtual('web', 80, servers, more);
const oneWith = (weight: number): string => oneLine.replace(/1$/, String(weight));

const it = { virtual: 'web', server: 'one' } as const;
const drain = { type: 'drain', ...it, timeoutMs: null } as const;
const force = (to: 'up' | 'down' | 'auto') => ({ type: 'force', ...it, to }) as const;

test('a server that is forced down is out at once, whatever its checks say, even where servers are quiesced', () => {
  const lvs = readyLvs(web(one + two, 'quiesce_server = 1'));
  expect(lvs.orderServer(force('down'))).toEqual([true, 'web/one is forced down; its checks go on and do not count']);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  lvs.down(serverOne);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('a server that is forced up is in with all of its weight, whatever its checks say', () => {
  const heavy = server('one', '10.0.1.1', 'weight = 64');
  const lvs = readyLvs(web(heavy + two));
  lvs.down(serverOne);
  lvs.orderServer(force('up'));
  expect(lvs.table()).toEqual([webLine, twoLine, oneWith(64)]);
});

test('without force a server is as its checks say, and is checked at once', () => {
  const lvs = readyLvs();
  lvs.orderServer(force('up'));
  lvs.down(serverOne);
  expect(lvs.table()).toContain(oneLine);
  const before = lvs.actions.length;
  expect(lvs.orderServer(force('auto'))).toEqual([true, 'web/one is not forced any more: its checks count']);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  expect(commandsTo(lvs, before)).toEqual([{ type: 'check', watch: watchId(serverOne) }]);
});

test('a signal to its nanny forces a server, too', () => {
  const lvs = readyLvs();
  lvs.signal(serverOne, 'down');
  expect(lvs.table()).toEqual([webLine, twoLine]);
  const before = lvs.actions.length;
  lvs.signal(serverOne, 'auto');
  expect(lvs.table()).toEqual([webLine, twoLine, oneLine]);
  lvs.signal(serverOne, 'auto');
  expect(commandsTo(lvs, before)).toEqual(Array(2).fill({ type: 'check', watch: watchId(serverOne) }));
});

test('a signal is known to this lvs alone, and changes nothing that lvsctl has ordered', () => {
  const lvs = readyLvs();
  lvs.signal(serverOne, 'down');
  expect(lvs.shared()).toEqual([]);
  expect(lvs.actions.flatMap((action) => (action.type === 'save-orders' ? [...action.orders] : []))).toEqual([]);
  lvs.orderServer({ type: 'force', virtual: 'web', server: 'one', to: 'up' });
  for (const to of ['down', 'auto'] as const) lvs.signal(serverOne, to);
  expect(lvs.table()).toContain(oneLine);
  expect(lvs.shared()).toMatchObject([{ type: 'force', to: 'up' }]);
});

test('a server that drains has weight 0 while it has connections, inactive ones too, and then is out', () => {
  const lvs = readyLvs();
  lvs.connect('10.0.1.1:80', { active: 2, inactive: 0 });
  lvs.orderServer(drain);
  lvs.advance(60_000);
  expect(lvs.table()).toEqual([webLine, oneWith(0), twoLine]);
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 1 });
  lvs.advance(60_000);
  expect(lvs.table()).toEqual([webLine, oneWith(0), twoLine]);
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 0 });
  lvs.advance(1500);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  expect(lvs.logged()).toContain('web/one is drained: it has no connections and leaves');
});

test('counts that cannot be read end no drain', () => {
  const lvs = readyLvs();
  lvs.connect('10.0.1.1:80', { active: 2, inactive: 0 });
  lvs.orderServer(drain);
  lvs.advance(1000);
  lvs.behave('unreadable');
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 0 });
  lvs.advance(30_000);
  expect(lvs.table()).toContain(oneWith(0));
});

test('when its time is over a draining server leaves whatever connections it has', () => {
  const lvs = readyLvs();
  lvs.connect('10.0.1.1:80', { active: 2, inactive: 0 });
  lvs.orderServer({ ...drain, timeoutMs: milliseconds(30_000) });
  lvs.advance(29_000);
  expect(lvs.table()).toContain(oneWith(0));
  lvs.advance(1000);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('a drained server stays out whatever its checks say, until it is taken back', () => {
  const lvs = readyLvs();
  lvs.orderServer(drain);
  lvs.advance(2000);
  lvs.down(serverOne);
  lvs.up(serverOne);
  lvs.advance(60_000);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  expect(lvs.orderServer({ type: 'undrain', ...it })).toEqual([true, 'web/one is not drained any more']);
  expect(lvs.table()).toEqual([webLine, twoLine, oneLine]);
});

test('a server that comes back from a drain starts low, as one that has just come up', () => {
  const heavy = server('one', '10.0.1.1', 'weight = 64');
  const lvs = readyLvs(web(heavy + two));
  lvs.advance(300_000);
  lvs.orderServer(drain);
  lvs.advance(2000);
  lvs.orderServer({ type: 'undrain', ...it });
  expect(lvs.table()).toContain(oneWith(2));
});

test('when all servers drain the sorry server serves', () => {
  const lvs = readyLvs(web(one + two, 'sorry_server = 10.0.9.9'));
  lvs.orderServer(drain);
  lvs.orderServer({ ...drain, server: 'two' });
  lvs.advance(2000);
  expect(lvs.table()).toEqual([webLine, '-a -t 10.0.0.100:80 -r 10.0.9.9:80 -m -w 1']);
});

test('orders live through a reload, a change of roles, and the death of a nanny', () => {
  const lvs = readyLvs();
  lvs.orderServer(drain);
  lvs.orderServer({ ...force('down'), server: 'two' });
  lvs.advance(2000);
  lvs.configure(web(two + one, 'scheduler = rr'));
  lvs.nannyDies(lvs.nannyOf(serverOne));
  lvs.advance(1000);
  lvs.order('standby');
  lvs.order('active');
  lvs.up(serverOne);
  lvs.up(serverTwo);
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:80 -s rr']);
});

test('an lvs that is started again goes on draining where the one before it was', () => {
  const left = readyLvs();
  left.connect('10.0.1.1:80', { active: 1, inactive: 0 });
  left.orderServer(drain);
  const lvs = fakeLvs(left.state().orders);
  lvs.tamper(...left.table());
  lvs.connect('10.0.1.1:80', { active: 1, inactive: 0 });
  lvs.configure(file);
  lvs.order('active');
  lvs.up(serverOne);
  lvs.up(serverTwo);
  lvs.advance(10_000);
  expect(lvs.table()).toEqual([webLine, oneWith(0), twoLine]);
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 0 });
  lvs.advance(2000);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('every change of orders is saved; an order about a server that the file drops is forgotten', () => {
  const lvs = readyLvs();
  lvs.orderServer(drain);
  lvs.orderServer({ ...force('up'), server: 'two' });
  lvs.configure(web(two));
  const saved = lvs.actions.flatMap((action) => (action.type === 'save-orders' ? [[...action.orders.keys()]] : []));
  expect(saved).toEqual([[serverOne], [serverOne, serverTwo], [serverTwo]]);
  lvs.configure(file);
  lvs.up(serverOne);
  expect(lvs.table()).toContain(oneLine);
});

test('an order about a server that is inactive for a while is kept', () => {
  const lvs = readyLvs();
  lvs.orderServer(force('down'));
  lvs.configure(web(one.replace('active = 1', 'active = 0') + two));
  lvs.configure(file);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test.each([
  ['web', 'one'],
  ['10.0.0.100:80', '10.0.1.1'],
  ['tcp 10.0.0.100:80', '10.0.1.1:80'],
])('a server is found as %s, %s', (virtual, name) => {
  const lvs = readyLvs();
  expect(lvs.orderServer({ type: 'force', virtual, server: name, to: 'down' })[0]).toBe(true);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('an order that cannot be met changes nothing and says what there is', () => {
  const lvs = fakeLvs();
  expect(lvs.orderServer(drain)).toEqual([false, 'lvs has no configuration yet']);
  lvs.configure(file + web('').replace('10.0.0.100', '10.0.0.101'));
  expect(lvs.orderServer({ ...drain, virtual: 'mail' })).toEqual([
    false,
    'no active virtual server is called "mail"; there are web, web',
  ]);
  expect(lvs.orderServer(drain)).toEqual([
    false,
    '"web" is more than one active virtual server: say which of tcp 10.0.0.100:80, tcp 10.0.0.101:80',
  ]);
  const there = { ...drain, virtual: 'tcp 10.0.0.100:80' };
  expect(lvs.orderServer({ ...there, server: 'three' })).toEqual([
    false,
    'no active real server of web is called "three"; there are one, two',
  ]);
  expect(lvs.state().orders.size).toBe(0);
});

test('taking back what was not ordered is no mistake', () => {
  const lvs = readyLvs();
  expect(lvs.orderServer({ type: 'undrain', ...it })).toEqual([true, 'web/one was not drained']);
  expect(lvs.orderServer(force('auto'))).toEqual([true, 'web/one was not forced']);
  expect(lvs.table()).toEqual([webLine, oneLine, twoLine]);
});
