import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { instant, milliseconds, seconds } from '@piranha/domain';
import fc from 'fast-check';
import { activeRouter, router, settings, texts, types } from './fake-router.ts';
import type { PulseEvent } from './state.ts';
import { initialState, nextDeadline, step } from './step.ts';

test('a router that starts says so at once, starts lvs on standby and stays inactive', () => {
  const node = router();
  node.start();
  expect(types(node.take())).toEqual([
    'stopped',
    'lower-addresses',
    'run-command',
    'sync-daemon',
    'start-lvs',
    'tell-lvs',
  ]);
  expect(node.state().phase.type).toBe('inactive');
});

test('silence for deadtime makes an inactive router take over', () => {
  const node = router();
  node.start();
  node.pass(2.9);
  expect(node.state().phase.type).toBe('inactive');
  node.take();
  node.pass(0.2);
  const actions = node.take();
  expect(texts(actions)).toContain('partner dead: activating lvs');
  expect(types(actions)).toContain('running');
});

test('the addresses wait for the table', () => {
  const node = router();
  node.start();
  node.pass(3);
  expect(types(node.take())).not.toContain('raise-addresses');
  node.ready();
  expect(types(node.take())).toEqual(['raise-addresses']);
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

test('an active router whose lvs finds that the kernel can not balance takes its addresses down', () => {
  const node = activeRouter();
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'unable', problem: 'no ip_vs' } });
  expect(types(node.take())).toContain('lower-addresses');
});

test('addresses are announced when they are up and at 1, 2, 3 and 4 seconds', () => {
  const node = router();
  node.start();
  node.pass(3);
  node.ready();
  node.take();
  node.up();
  const counts = [types(node.take()), ...[1, 1, 1, 1, 1].map((length) => (node.pass(length), types(node.take())))];
  expect(counts.map((list) => list.filter((type) => type === 'announce').length)).toEqual([1, 1, 1, 1, 1, 0]);
});

test('a router without a partner takes over at once', () => {
  const node = router({ hasPartner: false });
  node.start();
  expect(texts(node.take())).toContain('no backup configured: activating lvs');
});

test.each(['primary', 'backup'] as const)('a forced %s becomes active at once', (role) => {
  const node = router({ role });
  node.start(true);
  expect(node.state().phase.type).toBe('taking-over');
});

test('an active partner keeps a router inactive for ever', () => {
  const node = router();
  node.start();
  for (let count = 0; count < 100; count += 1) {
    node.hear('running');
    node.pass(1);
  }
  expect(node.state().phase.type).toBe('inactive');
});

test('of two inactive routers the primary goes on the first word', () => {
  const node = router({ role: 'primary' });
  node.start();
  node.take();
  node.hear('stopped');
  expect(texts(node.take())).toEqual(['backup inactive: activating lvs']);
});

test('of two inactive routers the backup waits two keepalives for the primary', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear('stopped');
  node.pass(1);
  node.hear('stopped');
  node.pass(0.9);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(0.2);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a primary that becomes active meanwhile ends the wait of the backup', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear('stopped');
  node.pass(1);
  node.hear('running');
  node.pass(2);
  expect(node.state().phase.type).toBe('inactive');
});

test.each(['primary', 'backup'] as const)(
  'a partner that gives up the service is followed at once by the %s',
  (role) => {
    const node = router({ role });
    node.start();
    node.hear('running');
    node.pass(0.5);
    node.hear('stopped');
    expect(node.state().phase.type).toBe('taking-over');
  },
);

test.each(['primary', 'backup'] as const)(
  'an old word on one channel that is read after a new one on the other does not make the %s take over',
  (role) => {
    const node = router({ role });
    node.start();
    node.hear('running', 'public');
    node.hear('stopped', 'private');
    node.hear('running', 'private');
    node.pass(2.5);
    expect(node.state().phase.type).toBe('inactive');
  },
);

test('a partner that gives up is followed as soon as both channels say so', () => {
  const node = router({ role: 'backup' });
  node.start();
  for (const channel of ['public', 'private'] as const) node.hear('running', channel);
  node.pass(0.5);
  node.hear('stopped', 'public');
  expect(node.state().phase.type).toBe('inactive');
  node.hear('stopped', 'private');
  expect(node.state().phase.type).toBe('taking-over');
});

test('a channel that has been silent for two keepalives does not hold up what the other says', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear('running', 'private');
  for (let count = 0; count < 3; count += 1) {
    node.hear('running', 'public');
    node.pass(1);
  }
  node.hear('stopped', 'public');
  expect(node.state().phase.type).toBe('taking-over');
});

test('an active router stays active when the partner is inactive', () => {
  const node = activeRouter();
  node.hear('stopped');
  expect(node.take()).toEqual([]);
});

test('an active backup that hears an active primary says so once more and yields, addresses first', () => {
  const node = activeRouter({ role: 'backup' });
  node.hear('running');
  expect(types(node.take())).toEqual(['running', 'lower-addresses', 'run-command', 'sync-daemon']);
  node.hear('running');
  node.pass(0.5);
  expect(types(node.take())).toEqual([]);
  node.give({ type: 'addresses-down', at: node.now() });
  expect(types(node.take())).toEqual(['stopped', 'tell-lvs']);
  expect(node.state().phase.type).toBe('inactive');
});

test('an active primary that hears an active backup stays and announces for longer than 5 seconds, once a conflict', () => {
  const node = activeRouter();
  node.pass(10);
  node.take();
  for (let count = 0; count < 10; count += 1) {
    node.hear('running');
    node.pass(1);
  }
  const announcements = types(node.take()).filter((type) => type === 'announce');
  expect(announcements).toHaveLength(8);
  expect(node.state().phase.type).toBe('active');
});

test('nothing is said while addresses go down', () => {
  const node = activeRouter({ role: 'backup' });
  node.hear('running');
  node.take();
  node.pass(5);
  expect(types(node.take())).toEqual([]);
});

test('an address that does not go is tried three times before the router says it is inactive', () => {
  const node = activeRouter({ role: 'backup' });
  node.hear('running');
  const tries = [0, 1, 2].map(() => {
    node.give({ type: 'addresses-not-down', at: node.now(), problem: 'ip: busy' });
    node.pass(0.5);
    return types(node.take());
  });
  expect(tries.flat().filter((type) => type === 'lower-addresses')).toHaveLength(3);
  expect(tries[2]).toContain('stopped');
});

test('a clean stop takes the addresses down, says so three times and then stops lvs', () => {
  const node = activeRouter();
  node.give({ type: 'stop', at: node.now(), reason: 'Terminating due to signal SIGTERM' });
  expect(types(node.take())).toEqual(['lower-addresses', 'run-command', 'sync-daemon']);
  node.give({ type: 'addresses-down', at: node.now() });
  expect(types(node.take())).toEqual(['stopped', 'stopped', 'stopped', 'stop-lvs']);
  node.give({ type: 'lvs-ended', at: node.now(), ending: { type: 'exited', code: 0 } });
  expect(types(node.take())).toEqual(['exit']);
});

test('an inactive router stops without a word', () => {
  const node = router();
  node.start();
  node.take();
  node.give({ type: 'stop', at: node.now(), reason: 'Terminating due to signal SIGTERM' });
  expect(types(node.take())).toEqual(['run-command', 'sync-daemon', 'stop-lvs']);
});

test('an lvs that dies is restarted in place, once, and told where we stand', () => {
  const node = activeRouter();
  node.lvsEnds();
  expect(node.take().filter((action) => action.type !== 'log')).toEqual([
    { type: 'start-lvs' },
    { type: 'tell-lvs', role: 'active' },
  ]);
  expect(node.state().phase.type).toBe('active');
});

test('an lvs that dies again makes the router hand over to a partner it hears', () => {
  const node = activeRouter();
  node.hear('stopped');
  node.lvsEnds();
  node.pass(0.1);
  node.lvsEnds();
  expect(texts(node.take())).toContain('lvs failed again: handing over to the partner');
});

test('after a hand-over because of lvs the router does not take the service straight back', () => {
  const node = activeRouter();
  node.hear('stopped');
  node.lvsEnds();
  node.lvsEnds();
  node.give({ type: 'addresses-down', at: node.now() });
  node.pass(1);
  node.hear('stopped');
  expect(node.state().phase.type).toBe('inactive');
});

test('without a partner an lvs that keeps dying is restarted later each time, and the addresses stay', () => {
  const node = activeRouter();
  node.pass(10);
  node.take();
  for (let count = 0; count < 6; count += 1) node.lvsEnds();
  expect(node.state().phase.type).toBe('active');
  expect(types(node.take()).filter((type) => type === 'start-lvs')).toHaveLength(1);
  node.pass(30);
  expect(types(node.take()).filter((type) => type === 'start-lvs')).toHaveLength(1);
});

test('a quiet minute forgives an lvs its earlier death', () => {
  const node = activeRouter();
  node.hear('stopped');
  node.lvsEnds();
  node.pass(61);
  node.hear('stopped');
  node.lvsEnds();
  expect(node.state().phase.type).toBe('active');
});

test('a router whose lvs can not balance does not take the addresses', () => {
  const node = router();
  node.start();
  node.pass(3);
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'unable', problem: 'no ip_vs' } });
  expect(types(node.take())).not.toContain('raise-addresses');
  node.give({ type: 'addresses-down', at: node.now() });
  node.pass(30);
  expect(node.state().phase.type).toBe('inactive');
});

test('a timer that fires late proves nothing about the partner', () => {
  const node = router();
  node.start();
  node.hear('running');
  node.sleep(60);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(3.1);
  expect(node.state().phase.type).toBe('taking-over');
});

test('heartbeats go on every keepalive while the addresses wait for lvs', () => {
  const node = router({ readyLimit: seconds(30) });
  node.start();
  node.pass(3);
  node.take();
  node.pass(10);
  expect(types(node.take()).filter((type) => type === 'running')).toHaveLength(10);
});

test('every heartbeat of an active router looks after the addresses, and one that was put back is announced', () => {
  const node = activeRouter();
  node.pass(10);
  node.take();
  node.pass(1);
  expect(types(node.take())).toEqual(['running', 'raise-addresses']);
  node.up();
  expect(types(node.take())).toEqual(['announce']);
});

test.each([
  ['0123456789abcdef', []],
  ['fedcba9876543210', ['lvs runs another configuration than pulse: restart pulse']],
])('lvs answers a configuration with the digest %s: the log says %j', (digest, said) => {
  const node = router();
  node.start();
  node.take();
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'configured', digest } });
  expect(texts(node.take())).toEqual(said);
});

test('of two reloads in a row only the answer to the last has to fit', () => {
  const node = router();
  node.start();
  for (const digest of ['one', 'two'])
    node.give({ type: 'configured', at: node.now(), settings: { ...settings, digest } });
  node.take();
  for (const digest of [settings.digest, 'one', 'two']) {
    node.give({ type: 'lvs-said', at: node.now(), message: { type: 'configured', digest } });
  }
  expect(texts(node.take())).toEqual([]);
});

const anyEvent = (at: Instant): fc.Arbitrary<PulseEvent> =>
  fc.constantFrom<PulseEvent>(
    { type: 'clock', at },
    { type: 'heartbeat', at, channel: 'public', word: 'running' },
    { type: 'heartbeat', at, channel: 'private', word: 'stopped' },
    { type: 'heartbeat', at, channel: 'public', word: 'stop-me' },
    { type: 'lvs-said', at, message: { type: 'ready' } },
    { type: 'lvs-said', at, message: { type: 'standing-by' } },
    { type: 'lvs-said', at, message: { type: 'unable', problem: 'x' } },
    { type: 'lvs-ended', at, ending: { type: 'exited', code: 1 } },
    { type: 'addresses-up', at, added: [] },
    { type: 'addresses-not-up', at, problem: 'x' },
    { type: 'addresses-down', at },
    { type: 'addresses-not-down', at, problem: 'x' },
    { type: 'configured', at, settings },
    { type: 'configured', at, settings: { ...settings, channels: [], hasPartner: false, addresses: [] } },
    { type: 'configured', at, settings: { ...settings, keepalive: milliseconds(100), deadtime: milliseconds(300) } },
  );

const history = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.nat(12)), { maxLength: 60 })
  .chain((entries) => {
    let at = 0;
    return fc.tuple(
      ...entries.map(([wait]) => {
        at += wait;
        return anyEvent(instant(at));
      }),
    );
  });

test('whatever happens, STOPPED is never said between taking over and the addresses being down', () => {
  fc.assert(
    fc.property(history, fc.constantFrom('primary', 'backup'), (events, role) => {
      let state = initialState({ ...settings, role });
      state = step(state, { type: 'started', at: instant(0), force: false }).state;
      for (const event of events) {
        const before = state.phase.type;
        const next = step(state, event);
        const stopped = next.actions.some((action) => action.type === 'send' && action.word === 'stopped');
        const mayStop = before === 'inactive' || (before === 'yielding' && event.type.startsWith('addresses'));
        expect(!stopped || mayStop).toBe(true);
        state = next.state;
      }
    }),
  );
});

test('whatever happens, there is always a next deadline and it is never missed', () => {
  fc.assert(
    fc.property(history, (events) => {
      let state = step(initialState(settings), { type: 'started', at: instant(0), force: false }).state;
      for (const event of events) {
        state = step(state, event).state;
        expect(nextDeadline(state)).toBeLessThanOrEqual(event.at + milliseconds(700_000));
      }
    }),
  );
});
