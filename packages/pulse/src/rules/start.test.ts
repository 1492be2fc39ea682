import { expect, test } from '@jest/globals';
import { roles, router, sent, texts, types } from '../testing/fake-router.ts';
import type { AdoptedLvs } from '../events.ts';

const left: AdoptedLvs = { lives: true, serves: false, fenced: false, term: 4, held: false };

const startedWith = (adopted: AdoptedLvs) => {
  const node = router();
  node.give({ type: 'started', at: node.now(), force: false, adopted, timers: undefined });
  return node;
};

test('a pulse that finds a standby lvs is inactive, hands it its file, and does not start another', () => {
  const node = startedWith(left);
  const actions = node.take();
  expect(node.state().phase.type).toBe('inactive');
  expect(types(actions)).toEqual(['configure-lvs', 'stopped', 'lower-addresses', 'run-command', 'sync-daemons']);
  expect(roles(actions)).toEqual(['standby']);
});

test('it takes over with that lvs', () => {
  const node = startedWith(left);
  node.pass(3);
  node.ready();
  const actions = node.take();
  expect(types(actions)).toContain('raise-addresses');
  expect(types(actions)).not.toContain('start-lvs');
});

test('it goes on as the active router with the term and the placement that lvs was told', () => {
  const node = startedWith({ ...left, serves: true, term: 9, held: true });
  expect(sent(node.take())).toMatchObject([{ active: true, term: 9, held: true }]);
  expect(node.state().balancer).toMatchObject({ running: true, table: 'usable' });
});

test('an adopted lvs that takes the addresses down brings none up before it stands by again', () => {
  const node = startedWith({ ...left, fenced: true });
  node.pass(3.5);
  expect(node.state().phase).toMatchObject({ type: 'taking-over' });
  expect(types(node.take())).not.toContain('raise-addresses');
  node.ready();
  expect(types(node.take())).toContain('raise-addresses');
});

test('what an adopted lvs tells again is what the partner hears from then on', () => {
  const node = startedWith(left);
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: 2 } });
  node.take();
  node.pass(1);
  expect(sent(node.take())).toMatchObject([{ living: 2 }]);
});

test('an adopted lvs that ends is started again like any other', () => {
  const node = startedWith({ ...left, serves: true });
  node.take();
  node.give({ type: 'lvs-ended', at: node.now(), ending: { type: 'vanished' } });
  expect(types(node.take())).toEqual(['start-lvs']);
});

test('where lvs is gone, too, but this router owned the service a moment ago, it goes on and starts another', () => {
  const node = startedWith({ ...left, lives: false, serves: true });
  const actions = node.take();
  expect(node.state().phase.type).toBe('active');
  expect(types(actions)).toEqual(['running', 'start-lvs', 'raise-addresses', 'sync-daemons', 'announce']);
  expect(roles(actions)).toEqual(['active']);
});

test('a takeover that waits no longer for its servers to be judged says so', () => {
  const node = router();
  node.start();
  node.pass(3.1);
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'written' } });
  node.pass(1);
  expect(texts(node.take())).toContain('not all servers have been judged yet: the addresses wait no longer');
});
