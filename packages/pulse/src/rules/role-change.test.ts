import { expect, test } from '@jest/globals';
import { router, types } from '../testing/fake-router.ts';

test('the addresses wait for the table', () => {
  const node = router();
  node.start();
  node.pass(3);
  expect(types(node.take())).not.toContain('raise-addresses');
  node.ready();
  expect(types(node.take())).toEqual(['raise-addresses']);
});

test('the addresses of a hot standby that has judged its servers go up at once', () => {
  const node = router({ hotStandby: true });
  node.start();
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'standing-by' } });
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: 2 } });
  node.pass(2.9);
  node.take();
  node.pass(0.1);
  expect(types(node.take())).toContain('raise-addresses');
});

test.each([
  ['some servers are not judged yet', { type: 'living', count: null }],
  ['lvs has said nothing of its table', { type: 'living', count: 2 }],
] as const)('those of a hot standby wait for lvs while %s', (_, message) => {
  const node = router({ hotStandby: true });
  node.start();
  node.give({ type: 'lvs-said', at: node.now(), message });
  node.pass(3);
  expect(types(node.take())).not.toContain('raise-addresses');
});

test('those of a hot standby whose lvs is just fencing wait until it stands by again, longer than the limit too', () => {
  const node = router({ hotStandby: true });
  node.start();
  for (const message of [{ type: 'standing-by' }, { type: 'living', count: 2 }, { type: 'fencing' }] as const)
    node.give({ type: 'lvs-said', at: node.now(), message });
  node.pass(5);
  expect(types(node.take())).not.toContain('raise-addresses');
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'written' } });
  expect(types(node.take())).toContain('raise-addresses');
});

test('the addresses do not wait for the last verdict longer than the limit', () => {
  const node = router();
  node.start();
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'standing-by' } });
  node.pass(3);
  node.take();
  node.pass(1);
  expect(types(node.take())).toContain('raise-addresses');
});

test('the addresses wait for an lvs that has not said whether it can balance, longer than the limit too', () => {
  const node = router();
  node.start();
  node.pass(10);
  expect(types(node.take())).not.toContain('raise-addresses');
  node.ready();
  expect(types(node.take())).toEqual(['raise-addresses']);
});

test('a lone router with a silent server takes its address when the services are written and the limit is over', () => {
  const node = router({ hasPartner: false });
  node.start();
  node.pass(1);
  expect(types(node.take())).not.toContain('raise-addresses');
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'written' } });
  expect(types(node.take())).toEqual(['raise-addresses']);
});
