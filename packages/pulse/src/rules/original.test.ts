import { expect, test } from '@jest/globals';
import { activeRouter, router, types } from '../testing/fake-router.ts';

test.each(['primary', 'backup'] as const)(
  'a partner that gives up the service is followed at once by the %s',
  (role) => {
    const node = router({ role });
    node.start();
    node.hearOriginal('running');
    node.pass(0.5);
    node.hearOriginal('stopped');
    expect(node.state().phase.type).toBe('taking-over');
  },
);

test.each(['primary', 'backup'] as const)(
  'an old word on one channel that is read after a new one on the other does not make the %s take over',
  (role) => {
    const node = router({ role });
    node.start();
    node.hearOriginal('running', 'public');
    node.hearOriginal('stopped', 'private');
    node.hearOriginal('running', 'private');
    node.pass(2.5);
    expect(node.state().phase.type).toBe('inactive');
  },
);

test('a partner that gives up is followed as soon as both channels say so', () => {
  const node = router({ role: 'backup' });
  node.start();
  for (const channel of ['public', 'private'] as const) node.hearOriginal('running', channel);
  node.pass(0.5);
  node.hearOriginal('stopped', 'public');
  expect(node.state().phase.type).toBe('inactive');
  node.hearOriginal('stopped', 'private');
  expect(node.state().phase.type).toBe('taking-over');
});

test('a channel that has been silent for two keepalives does not hold up what the other says', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hearOriginal('running', 'private');
  for (let count = 0; count < 3; count += 1) {
    node.hearOriginal('running', 'public');
    node.pass(1);
  }
  node.hearOriginal('stopped', 'public');
  expect(node.state().phase.type).toBe('taking-over');
});

test('an active backup that hears an active primary says so once more and yields, addresses first', () => {
  const node = activeRouter({ role: 'backup' });
  node.hearOriginal('running');
  expect(types(node.take())).toEqual(['running', 'lower-addresses', 'run-command']);
  node.hearOriginal('running');
  node.pass(0.5);
  expect(types(node.take())).toEqual([]);
  node.give({ type: 'addresses-down', at: node.now() });
  expect(types(node.take())).toEqual(['stopped']);
  expect(node.state().phase.type).toBe('inactive');
});

test('an active primary that hears an active backup stays and announces for longer than 5 seconds, once a conflict', () => {
  const node = activeRouter();
  node.pass(10);
  node.take();
  for (let count = 0; count < 10; count += 1) {
    node.hearOriginal('running');
    node.pass(1);
  }
  const announcements = types(node.take()).filter((type) => type === 'announce');
  expect(announcements).toHaveLength(11);
  expect(node.state().phase.type).toBe('active');
});

test('nothing is said while addresses go down', () => {
  const node = activeRouter({ role: 'backup' });
  node.hearOriginal('running');
  node.take();
  node.pass(5);
  expect(types(node.take())).toEqual([]);
});

test('an address that does not go is tried three times before the router says it is inactive', () => {
  const node = activeRouter({ role: 'backup' });
  node.hearOriginal('running');
  const tries = [0, 1, 2].map(() => {
    node.give({ type: 'addresses-not-down', at: node.now(), problem: 'ip: busy' });
    node.pass(0.5);
    return types(node.take());
  });
  expect(tries.flat().filter((type) => type === 'lower-addresses')).toHaveLength(3);
  expect(tries[2]).toContain('stopped');
});

/** Beside an idle original, with its private link down and so many servers alive. */
function withoutLink(living: number | null) {
  const node = activeRouter({ monitorLinks: true });
  node.hearOriginal('stopped');
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: living } });
  const links = { public: 'up', private: 'down', carriers: [] } as const;
  node.give({ type: 'links', at: node.now(), links });
  node.pass(0.1);
  node.give({ type: 'links', at: node.now(), links });
  return node;
}

test.each([1, null])(
  'a private link that is down alone hands nothing over while %p servers are known to live',
  (count) => {
    expect(withoutLink(count).state().phase.type).toBe('active');
  },
);

test('no server left hands nothing over while the links are up', () => {
  const node = activeRouter({ monitorLinks: true });
  node.hearOriginal('stopped');
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: 0 } });
  expect(node.state().phase.type).toBe('active');
});

test('both together do, and the service is taken back where the original does not take it, once in ten deadtimes', () => {
  const node = withoutLink(0);
  expect(node.state().phase).toMatchObject({ type: 'yielding', then: 'given' });
  node.give({ type: 'addresses-down', at: node.now() });
  const idle = (seconds: number): void => {
    for (let count = 0; count < seconds; count += 1) {
      node.hearOriginal('stopped');
      node.pass(1);
    }
  };
  idle(2);
  expect(node.state().phase.type).toBe('inactive');
  idle(2);
  expect(node.state().phase.type).toBe('taking-over');
  node.ready();
  node.up();
  idle(25);
  expect(node.state().phase.type).toBe('active');
  idle(6);
  expect(node.state().phase.type).toBe('yielding');
});

test('an original that takes it keeps it', () => {
  const node = withoutLink(0);
  node.give({ type: 'addresses-down', at: node.now() });
  node.hearOriginal('running');
  node.pass(2.9);
  expect(node.state().phase.type).toBe('inactive');
});
