import { expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { activeRouter, router, settings, texts, types, vip } from '../testing/fake-router.ts';
import type { PulseAction } from '../events.ts';
import type { PulseSettings } from '../state.ts';
import type { Channel } from '../state-parts.ts';

type Node = ReturnType<typeof router>;

const other = { ...vip, address: '10.1.0.101' as IpAddress };

function reload(node: Node, changes: Partial<PulseSettings>): PulseAction[] {
  node.take();
  node.give({ type: 'configured', at: node.now(), settings: { ...settings, ...changes } });
  return node.take();
}

const lvsAnswers = (node: Node): void => {
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'configured', digest: settings.digest } });
};

const addressActions = (actions: readonly PulseAction[]): PulseAction[] =>
  actions.filter((each) => each.type === 'raise-addresses' || each.type === 'lower-addresses');

test('a reload without a change of addresses touches none and hands the file to lvs', () => {
  const node = activeRouter();
  expect(reload(node, {})).toEqual([{ type: 'configure-lvs' }, { type: 'raise-addresses', addresses: [vip] }]);
});

test('an address that the file drops goes at once', () => {
  const node = activeRouter({ addresses: [vip, other] });
  expect(addressActions(reload(node, {}))).toEqual([
    { type: 'lower-addresses', addresses: [other], kept: [vip] },
    { type: 'raise-addresses', addresses: [vip] },
  ]);
});

test('a new address waits until lvs has written and judged its service, then it is announced', () => {
  const node = activeRouter();
  lvsAnswers(node);
  expect(addressActions(reload(node, { addresses: [vip, other] }))).toEqual([
    { type: 'raise-addresses', addresses: [vip] },
  ]);
  // About the configuration before.
  node.ready();
  node.pass(1);
  expect(node.take().filter((each) => each.type === 'raise-addresses')).toMatchObject([{ addresses: [vip] }]);
  lvsAnswers(node);
  node.ready();
  expect(addressActions(node.take())).toEqual([{ type: 'raise-addresses', addresses: [vip, other] }]);
  node.give({ type: 'addresses-up', at: node.now(), added: [other.address] });
  const actions = node.take();
  expect(texts(actions)).toEqual(['brought up: 10.1.0.101']);
  expect(actions).toContainEqual(expect.objectContaining({ type: 'announce', addresses: [vip, other] }));
});

test('a new address waits 3 s for lvs and no longer', () => {
  const node = activeRouter();
  reload(node, { addresses: [vip, other] });
  node.pass(3);
  expect(node.take()).toContainEqual({ type: 'raise-addresses', addresses: [vip, other] });
});

test('a repeated announcement leaves out an address that is still waiting', () => {
  const node = activeRouter();
  reload(node, { addresses: [vip, other] });
  node.pass(1);
  expect(node.take()).toContainEqual(expect.objectContaining({ type: 'announce', addresses: [vip] }));
});

test('an address that changes its label or mask is set anew at once', () => {
  const node = activeRouter();
  const moved = { ...vip, prefix: 32 };
  expect(addressActions(reload(node, { addresses: [moved] }))).toEqual([
    { type: 'lower-addresses', addresses: [vip], kept: [moved] },
    { type: 'raise-addresses', addresses: [moved] },
  ]);
  node.up();
  expect(texts(node.take())).toEqual(['brought up: 10.1.0.100']);
});

test('a reload while the addresses go down takes the dropped ones with them', () => {
  const node = activeRouter({ addresses: [vip, other] });
  node.give({ type: 'stop', at: node.now(), reason: 'x' });
  expect(addressActions(reload(node, {}))).toEqual([{ type: 'lower-addresses', addresses: [vip, other] }]);
});

test('a reload on a standby touches no address', () => {
  const node = router();
  node.start();
  expect(reload(node, { addresses: [vip, other] })).toEqual([{ type: 'configure-lvs' }]);
});

const sent = (actions: readonly PulseAction[]): number => actions.filter((each) => each.type === 'send').length;

const channelTo = (partner: string): Channel[] => [
  { name: 'public', own: '10.1.0.2' as IpAddress, partner: partner as IpAddress },
];

test('another partner is given deadtime to speak', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.pass(2.9);
  reload(node, { channels: channelTo('10.1.0.9') });
  expect(node.state().partner.heardAt).toBeUndefined();
  node.pass(2.9);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(0.2);
  expect(node.state().phase.type).toBe('taking-over');
});

test('an active router that gets a partner stays active', () => {
  const node = activeRouter({ hasPartner: false, channels: [] });
  reload(node, {});
  node.hear();
  node.pass(10);
  expect(node.state().phase.type).toBe('active');
});

test('a router that loses its partner from the file takes over, and what the former one says is not heard', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear({ active: true, term: 1 });
  expect(texts(reload(node, { role: 'primary', hasPartner: false, channels: [] }))).toContain(
    'no backup configured: activating lvs',
  );
  node.hear({ active: true, term: 1 });
  node.pass(5);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a former partner goes on being told that this router is active', () => {
  const node = activeRouter();
  reload(node, { hasPartner: false, channels: [] });
  node.pass(2);
  expect(sent(node.take())).toBe(2);
});

test('the sync daemons are looked after when their settings change, and left alone otherwise', () => {
  const node = activeRouter();
  expect(types(reload(node, {}))).not.toContain('sync-daemons');
  const changed = reload(node, { syncDaemon: { device: 'eth1', id: 7 } });
  expect(changed).toContainEqual({ type: 'sync-daemons', run: true });
});
