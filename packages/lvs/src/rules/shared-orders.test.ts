import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { SharedOrder } from '@piranha/protocol';
import { watchId } from './checks.ts';
import { fakeLvs } from '../testing/fake-lvs.ts';

const server = (name: string, address: string): string => `server ${name} {\nactive = 1\naddress = ${address}\n}\n`;
const file = (servers: string, more = ''): string =>
  `${more}\nvirtual web {\nactive = 1\naddress = 10.0.0.100 eth0:1\n${servers}}\n`;
const [one, two] = [server('one', '10.0.1.1'), server('two', '10.0.1.2')];
const [cold, hot] = [file(one + two), file(one + two, 'hot_standby = 1')];

const serverOne = 'tcp 10.0.0.100:80/10.0.1.1:80';
const serverTwo = 'tcp 10.0.0.100:80/10.0.1.2:80';
const webLine = '-A -t 10.0.0.100:80 -s wlc';
const oneLine = (weight = 1): string => `-a -t 10.0.0.100:80 -r 10.0.1.1:80 -m -w ${weight}`;
const twoLine = '-a -t 10.0.0.100:80 -r 10.0.1.2:80 -m -w 1';

const it = { virtual: 'web', server: 'one' } as const;
const theirs = { server: serverOne, stamp: 4, agoMs: 10_000 } as const;
const forcedDown: SharedOrder = { type: 'force', ...theirs, to: 'down' };
const drained: SharedOrder = { type: 'drain', ...theirs, timeoutMs: null, leftMs: null };

function lvsAs(role: 'active' | 'standby', text: string) {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order(role);
  if (role === 'active' || text === hot) judge(lvs);
  return lvs;
}

function judge(lvs: ReturnType<typeof fakeLvs>) {
  lvs.up(serverOne);
  lvs.up(serverTwo);
}

const orderShown = (lvs: ReturnType<typeof fakeLvs>) => lvs.state().orders.get(serverOne);

test('pulse learns of every change, each above the stamps before it, and of the end of an order, too', () => {
  const lvs = lvsAs('active', cold);
  expect(lvs.shared()).toEqual([]);
  lvs.orderServer({ type: 'drain', ...it, timeoutMs: milliseconds(30_000) });
  lvs.advance(10_000);
  lvs.orderServer({ type: 'force', virtual: 'web', server: 'two', to: 'down' });
  expect(lvs.shared()).toEqual([
    { type: 'drain', server: serverOne, stamp: 1, agoMs: 10_000, timeoutMs: 30_000, leftMs: 20_000 },
    { type: 'force', server: serverTwo, stamp: 2, agoMs: 0, to: 'down' },
  ]);
  lvs.orderServer({ type: 'undrain', ...it });
  expect(lvs.shared()).toContainEqual({ type: 'release', server: serverOne, stamp: 3, agoMs: 0 });
});

test('a stamp far above all known ones is made up: the order is passed over, and one given here counts afterwards', () => {
  const lvs = lvsAs('active', cold);
  lvs.hearPartner({ ...forcedDown, stamp: 2 ** 48 });
  expect(orderShown(lvs)).toBeUndefined();
  expect(lvs.logged()).toContain(
    'an order of the partner about web/one is passed over: its stamp 281474976710656 is far above 0, the highest so far',
  );
  lvs.hearPartner({ ...forcedDown, stamp: 2 ** 20 });
  expect(orderShown(lvs)).toMatchObject({ stamp: 2 ** 20 });
  lvs.orderServer({ type: 'force', ...it, to: 'auto' });
  expect(lvs.shared()).toEqual([{ type: 'release', server: serverOne, stamp: 2 ** 20 + 1, agoMs: 0 }]);
});

test('an order of the partner counts as one given here, and an order given here goes above it', () => {
  const lvs = lvsAs('active', cold);
  lvs.hearPartner(forcedDown);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  expect(orderShown(lvs)).toMatchObject({ type: 'force', to: 'down', from: 'partner' });
  expect(lvs.logged()).toContain('ordered on the partner: web/one is forced down');
  lvs.orderServer({ type: 'force', ...it, to: 'auto' });
  expect(lvs.table()).toEqual([webLine, twoLine, oneLine()]);
  expect(lvs.shared()).toEqual([{ type: 'release', server: serverOne, stamp: 5, agoMs: 0 }]);
});

test('what the partner says again, or has said before a later word, changes nothing', () => {
  const lvs = lvsAs('active', cold);
  lvs.hearPartner(forcedDown);
  lvs.orderServer({ type: 'force', ...it, to: 'auto' });
  const before = lvs.actions.length;
  lvs.hearPartner(forcedDown, { type: 'release', ...theirs, stamp: 2 });
  expect(lvs.table()).toContain(oneLine());
  expect(lvs.actions.slice(before)).toEqual([]);
});

test('a force that the partner takes back has the server checked at once', () => {
  const lvs = lvsAs('active', cold);
  lvs.hearPartner(forcedDown);
  const before = lvs.actions.length;
  lvs.hearPartner({ type: 'release', ...theirs, stamp: 5 });
  expect(lvs.table()).toEqual([webLine, twoLine, oneLine()]);
  expect(lvs.actions.slice(before)).toContainEqual(
    expect.objectContaining({ type: 'command-nanny', commands: [{ type: 'check', watch: watchId(serverOne) }] }),
  );
});

test('a server that comes back from a drain of the partner starts low, as one that has just come up', () => {
  const heavy = file(one.replace('active = 1', 'active = 1\nweight = 64') + two);
  const lvs = lvsAs('active', heavy);
  lvs.advance(300_000);
  lvs.hearPartner(drained);
  lvs.advance(3000);
  lvs.hearPartner({ type: 'release', ...theirs, stamp: 5 });
  expect(lvs.table()).toContain(oneLine(2));
});

test('orders about servers that the file does not have are passed over, and count when they come again with another file', () => {
  const lvs = fakeLvs();
  lvs.hearPartner(forcedDown);
  lvs.configure(file(two));
  lvs.order('active');
  lvs.up(serverTwo);
  lvs.hearPartner(forcedDown);
  expect(lvs.state().orders.size).toBe(0);
  lvs.configure(cold);
  lvs.hearPartner(forcedDown);
  lvs.up(serverOne);
  expect(lvs.table()).toEqual([webLine, twoLine]);
  lvs.orderServer({ type: 'drain', virtual: 'web', server: 'two', timeoutMs: null });
  expect(lvs.shared()).toContainEqual(expect.objectContaining({ server: serverTwo, stamp: 5 }));
});

test('a hot standby keeps a draining server at weight 0, and finds after the takeover that it is empty', () => {
  const lvs = lvsAs('standby', hot);
  lvs.hearPartner(drained);
  lvs.advance(60_000);
  expect(lvs.table()).toEqual([webLine, oneLine(0), twoLine]);
  lvs.connect('10.0.1.1:80', { active: 1, inactive: 0 });
  lvs.order('active');
  lvs.advance(10_000);
  expect(lvs.table()).toEqual([webLine, oneLine(0), twoLine]);
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 0 });
  lvs.advance(3000);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('the time of a drain ends on a standby, too, counted from what was left of it', () => {
  const lvs = lvsAs('standby', hot);
  lvs.hearPartner({ ...drained, timeoutMs: 60_000, leftMs: 20_000 });
  lvs.advance(19_900);
  expect(lvs.table()).toContain(oneLine(0));
  lvs.advance(100);
  expect(lvs.table()).toEqual([webLine, twoLine]);
});

test('a cold standby that takes over puts a draining server in with weight 0: the kernel may have connections for it', () => {
  const lvs = lvsAs('standby', cold);
  lvs.hearPartner(drained, { ...forcedDown, server: serverTwo });
  expect(lvs.table()).toEqual([]);
  lvs.connect('10.0.1.1:80', { active: 1, inactive: 0 });
  lvs.order('active');
  lvs.advance(5000);
  judge(lvs);
  lvs.advance(5000);
  expect(lvs.table()).toEqual([webLine, oneLine(0)]);
  lvs.connect('10.0.1.1:80', { active: 0, inactive: 0 });
  lvs.advance(3000);
  expect(lvs.table()).toEqual([webLine]);
});

test('a draining server that its checks keep out of the table has no connections', () => {
  const lvs = lvsAs('active', cold);
  lvs.down(serverOne);
  lvs.orderServer({ type: 'drain', ...it, timeoutMs: null });
  lvs.advance(3000);
  expect(orderShown(lvs)).toMatchObject({ drained: true });
});

test('another pulse is told all orders once it ticks', () => {
  const lvs = fakeLvs();
  lvs.configure(`primary = 10.0.0.1\nbackup = 10.0.0.2\nbackup_active = 1\n${cold}`);
  lvs.order('active');
  judge(lvs);
  lvs.orderServer({ type: 'force', ...it, to: 'down' });
  lvs.send({ type: 'parent-gone', at: lvs.now() });
  const before = lvs.actions.length;
  lvs.order('active');
  expect(lvs.actions.slice(before)).toContainEqual({
    ...{ type: 'tell', message: expect.objectContaining({ type: 'orders' }) },
  });
});

const synchronised = file(one + two, 'hot_standby = 1\nsyncdaemon = 1\nsyncd_iface = eth1');

test('with a sync daemon connections are counted, active and inactive, of all servers of ours', () => {
  const lvs = lvsAs('active', synchronised);
  lvs.connect('10.0.1.1:80', { active: 3, inactive: 4 });
  lvs.connect('10.0.1.2:80', { active: 20, inactive: 0 });
  lvs.tamper(webLine, oneLine(), twoLine, '-A -t 10.0.0.200:80 -s wlc', '-a -t 10.0.0.200:80 -r 10.0.1.1:80 -m -w 1');
  lvs.advance(60_000);
  expect(lvs.connections()).toEqual([27]);
  lvs.connect('10.0.1.2:80', { active: 21, inactive: 0 });
  lvs.advance(5000);
  expect(lvs.connections()).toEqual([27, 28]);
  lvs.behave('unreadable');
  lvs.advance(6000);
  expect(lvs.connections()).toEqual([27, 28, null]);
});

test('no connections are counted right after a change of role, without a sync daemon, or where no service stands', () => {
  const counts = (lvs: ReturnType<typeof fakeLvs>) =>
    lvs.actions.filter(({ type }) => type === 'count-connections').length;
  const switching = lvsAs('standby', synchronised);
  switching.advance(4900);
  switching.order('active');
  switching.advance(4900);
  expect(counts(switching)).toBe(0);
  switching.advance(100);
  expect(counts(switching)).toBe(1);
  const without = lvsAs('active', hot);
  const coldOne = lvsAs('standby', synchronised.replace('hot_standby = 1', ''));
  for (const lvs of [without, coldOne]) {
    lvs.advance(60_000);
    expect([counts(lvs), lvs.connections()]).toEqual([0, []]);
  }
});

test('a count is taken back when services stand no more', () => {
  const lvs = lvsAs('active', synchronised.replace('hot_standby = 1', ''));
  lvs.advance(10_000);
  expect(lvs.connections()).toEqual([0]);
  lvs.order('standby');
  lvs.advance(10_000);
  expect(lvs.connections()).toEqual([0, null]);
});
