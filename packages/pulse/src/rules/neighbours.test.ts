import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { decodeInterfaces } from '@piranha/protocol';
import { groundOf, ttlRule, unknownGround, waysIn } from './neighbours.ts';
import type { Channel } from '../state-parts.ts';

const channel: Channel = { name: 'public', own: '10.1.0.2' as IpAddress, partner: '10.1.0.3' as IpAddress };

const machine = (...cards: readonly object[]) => {
  const decoded = decodeInterfaces(JSON.stringify(cards.map((card) => ({ flags: ['UP'], addr_info: [], ...card }))));
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
};
const card = (ifindex: number, ifname: string, local: string, prefixlen: number, rest = {}) => ({
  ...{ ifindex, ifname, addr_info: [{ local, prefixlen }], ...rest },
});

test('a partner in the network of our address is a neighbour on its device', () => {
  const cards = machine(card(2, 'eth0', '10.1.0.2', 24), card(3, 'eth1', '10.2.0.2', 24));
  expect(groundOf(channel, cards)).toEqual({ devices: [2], shared: true });
});

test('one in another network is none', () => {
  expect(groundOf(channel, machine(card(2, 'eth0', '10.1.0.2', 32)))).toEqual({ devices: [2], shared: false });
});

test('IPv6 has the same rule', () => {
  const six: Channel = { name: 'public', own: 'fd00::2' as IpAddress, partner: 'fd00::3' as IpAddress };
  expect(groundOf(six, machine(card(2, 'eth0', 'fd00::2', 64)))).toEqual({ devices: [2], shared: true });
});

test('what comes in by a card of a VRF belongs to the VRF, too', () => {
  const cards = machine(card(2, 'eth0', '10.1.0.2', 24, { master: 'red' }), { ifindex: 9, ifname: 'red' });
  expect(groundOf(channel, cards).devices).toEqual([2, 9]);
});

test('an address that is not there refuses nothing', () => {
  expect(groundOf(channel, machine(card(2, 'eth0', '10.9.0.2', 24)))).toEqual(unknownGround);
});

const [shared, routed] = [
  { devices: [2], shared: true },
  { devices: [2], shared: false },
];
const flagged = { at: 10, bit: 0x80, least: 64 };

test.each([
  ['a neighbour that has not said so yet', undefined, shared, false, { least: 255, without: flagged }],
  ['a neighbour that has said so', undefined, shared, true, { least: 255 }],
  ['a partner behind routers', undefined, routed, true, { least: 0 }],
  ['whatever heartbeat_ttl says', 250, shared, true, { least: 250 }],
  ['heartbeat_ttl of a neighbour, before it was heard', 255, shared, false, { least: 255 }],
])('%s', (_, asked, ground, known, rule) => {
  expect(ttlRule(asked, ground, known)).toEqual(rule);
});

test.each([
  [undefined, shared, [2]],
  [255, shared, [2]],
  [254, shared, []],
  [undefined, routed, []],
  [255, routed, []],
])('with heartbeat_ttl = %s the device counts only where the partner is a neighbour', (asked, ground, devices) => {
  expect(waysIn(asked, ground)).toEqual(devices);
});
