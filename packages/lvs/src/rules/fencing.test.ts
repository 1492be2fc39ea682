import { expect, test } from '@jest/globals';
import { exits, fenced, file, limit, lowerings, serving, standingTable, tick, stop } from '../testing/fake-lifeline.ts';
import { serverOne } from '../testing/fake-service.ts';

test('an lvs that is fenced lives on, and the log says what happened', () => {
  const lvs = fenced();
  lvs.advance(60_000);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.state().role).toBe('fenced');
  expect(lvs.logged()).toEqual(
    expect.arrayContaining([
      'no sign of life of pulse: taking down the addresses, then the services',
      'the addresses are down',
      'shutting down virtual service web',
    ]),
  );
});

test('what is fenced does not become active again under the same term: each tick of it is answered', () => {
  const lvs = fenced();
  const before = lvs.told().length;
  const { term } = lvs.state().lifeline;
  tick(lvs, 'active', term);
  tick(lvs, 'active', term);
  expect(lvs.told().slice(before)).toEqual(['fenced', 'fenced']);
  expect(lvs.table()).toEqual([]);
});

test.each([
  ['a hot standby keeps its table', 'hot_standby = 1\n', standingTable],
  ['without hot standby the services go', '', []],
])('where a tick comes while the addresses go down pulse lives: %s', (_, setting, table) => {
  const lvs = serving(setting + file);
  lvs.advance(limit);
  tick(lvs);
  expect(lvs.told().at(-1)).toBe('fencing');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
  expect(lvs.table()).toEqual(table);
  tick(lvs, 'standby', 1);
  expect(lvs.told().at(-1)).toBe('standing-by');
  expect(lvs.table()).toEqual(table);
});

test('where no tick comes the services of a hot standby go, too: the other router serves', () => {
  const lvs = fenced(`hot_standby = 1\n${file}`);
  expect(lvs.table()).toEqual([]);
});

test('until pulse is heard again the addresses are taken down once a keepalive: its ip may still bring them up', () => {
  const lvs = fenced();
  const lowered = (): number => lvs.actions.filter(({ type }) => type === 'lower-addresses').length;
  const before = lowered();
  lvs.advance(5000);
  expect(lowered() - before).toBeGreaterThanOrEqual(4);
  tick(lvs, 'standby', 2);
  const after = lowered();
  lvs.advance(60_000);
  expect(lowered()).toBe(after);
});

test('another term means that pulse was inactive meanwhile: it is an order like any other', () => {
  const lvs = fenced();
  tick(lvs, 'active', lvs.state().lifeline.term + 1);
  expect(lvs.state().role).toBe('active');
  expect(lvs.table()).not.toEqual([]);
});

test('a pulse that has noticed orders standby, which is answered, and may order active again', () => {
  const lvs = fenced();
  const before = lvs.told().length;
  tick(lvs, 'standby', 2);
  expect(lvs.told().slice(before)).toEqual(['standing-by']);
  tick(lvs, 'active', 3);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual(standingTable);
  expect(lvs.state().lifeline.term).toBe(3);
  lvs.advance(limit);
  expect(lowerings(lvs)).toHaveLength(2);
});

test('ticks that come while the addresses go down change nothing', () => {
  const lvs = serving();
  lvs.advance(limit);
  tick(lvs, 'active', 2);
  tick(lvs, 'standby', 2);
  expect(lvs.state().role).toBe('fencing');
  lvs.addressesLowered();
  expect(lvs.told().at(-1)).toBe('fenced');
});

test('with hot standby the checks of a fenced lvs go on, and the way back needs no new verdicts', () => {
  const lvs = fenced(`hot_standby = 1\n${file}`);
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.filter((action) => action.type === 'stop-nanny')).toEqual([]);
  tick(lvs, 'standby');
  expect(lvs.table()).toEqual(standingTable);
});

test('without hot standby the checks of a fenced lvs end', () => {
  expect(fenced().state().nannies.size).toBe(0);
});

test('an order to stop while the addresses go down is carried out when they are down', () => {
  const lvs = serving();
  lvs.advance(limit);
  stop(lvs);
  stop(lvs);
  expect(exits(lvs)).toEqual([]);
  expect(lvs.logged().filter((line) => line.includes('signal 15'))).toHaveLength(1);
  lvs.addressesLowered();
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('a configuration that comes while lvs fences itself is not lost', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.configure(file.replace('port = 80', 'port = 81'));
  lvs.addressesLowered();
  tick(lvs, 'standby');
  tick(lvs, 'active');
  expect(lvs.table()).toEqual(['-A -t 10.0.0.100:81 -s wlc']);
});

test('addresses that do not go down are tried three times; then the services go, and lvs, and nobody is told otherwise', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered('ip was killed');
  expect(lowerings(lvs)).toHaveLength(3);
  expect(exits(lvs)).toEqual([]);
  lvs.addressesLowered('ip was killed');
  expect(lvs.told()).not.toContain('fenced');
  expect(lvs.table()).toEqual([]);
  expect(lvs.actions.at(-1)).toEqual({ type: 'exit', status: 0 });
});

test('each time of fencing has its own tries', () => {
  const lvs = serving();
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered('ip was killed');
  lvs.addressesLowered();
  tick(lvs, 'standby');
  tick(lvs, 'active');
  lvs.advance(limit);
  lvs.addressesLowered('ip was killed');
  expect(exits(lvs)).toEqual([]);
  expect(lowerings(lvs)).toHaveLength(5);
});
