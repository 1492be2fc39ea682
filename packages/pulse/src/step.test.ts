import { expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { instant, milliseconds, seconds } from '@piranha/domain';
import fc from 'fast-check';
import type { Trailer } from '@piranha/protocol';
import { activeRouter, ownSession, router, settings, texts, types } from './testing/fake-router.ts';
import type { PulseEvent } from './events.ts';
import { initialState, nextDeadline, step } from './step.ts';

test('a router that starts says so at once, starts lvs on standby and stays inactive', () => {
  const node = router();
  node.start();
  expect(types(node.take())).toEqual(['start-lvs', 'stopped', 'lower-addresses', 'run-command', 'sync-daemons']);
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
    node.hear({ active: true, term: 1 });
    node.pass(1);
  }
  expect(node.state().phase.type).toBe('inactive');
});

test('of two inactive routers the primary goes on the first word', () => {
  const node = router({ role: 'primary' });
  node.start();
  node.take();
  node.hear();
  expect(texts(node.take())).toEqual(['backup inactive: activating lvs']);
});

test('of two inactive routers the backup waits two keepalives for the primary', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear();
  node.pass(1);
  node.hear();
  node.pass(0.9);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(0.2);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a primary that becomes active meanwhile ends the wait of the backup', () => {
  const node = router({ role: 'backup' });
  node.start();
  node.hear();
  node.pass(1);
  node.hear({ active: true, term: 1 });
  node.pass(2);
  expect(node.state().phase.type).toBe('inactive');
});

test('an active router stays active when the partner is inactive', () => {
  const node = activeRouter();
  node.hear();
  node.take();
  node.hear();
  expect(node.take()).toEqual([]);
  expect(node.state().phase.type).toBe('active');
});

test('a clean stop takes the addresses down, says so three times and then stops lvs', () => {
  const node = activeRouter();
  node.give({ type: 'stop', at: node.now(), reason: 'Terminating due to signal SIGTERM' });
  expect(types(node.take())).toEqual(['lower-addresses', 'run-command']);
  node.give({ type: 'addresses-down', at: node.now() });
  expect(types(node.take())).toEqual(['stopped', 'stopped', 'stopped', 'stop-lvs']);
  node.give({ type: 'lvs-ended', at: node.now(), ending: { type: 'exited', code: 0 } });
  expect(types(node.take())).toEqual(['sync-daemons', 'exit']);
});

test('an inactive router says that it leaves, and stops', () => {
  const node = router();
  node.start();
  node.take();
  node.give({ type: 'stop', at: node.now(), reason: 'Terminating due to signal SIGTERM' });
  expect(types(node.take())).toEqual(['run-command', 'stopped', 'stopped', 'stopped', 'stop-lvs']);
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
  expect(types(node.take())).toEqual(['probe', 'announce']);
});

test('while lvs takes the addresses down nothing is said, and none is brought up', () => {
  const node = activeRouter();
  node.pass(10);
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'fencing' } });
  node.take();
  node.pass(1);
  expect(types(node.take())).toEqual([]);
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

const anyEvent = (at: Instant): fc.Arbitrary<PulseEvent> =>
  fc.oneof(
    anyOther(at),
    anyTrailer.map((trailer): PulseEvent => ({
      type: 'datagram',
      at,
      channel: 'public',
      datagram: { type: 'pair', trailer, signature: 'valid' },
    })),
  );

const anyTrailer: fc.Arbitrary<Trailer> = fc.record({
  kind: fc.constantFrom('heartbeat', 'answer'),
  ...{ active: fc.boolean(), hears: fc.boolean(), leaving: fc.boolean(), given: fc.boolean(), want: fc.boolean() },
  ...{ held: fc.boolean(), class: fc.constantFrom(0, 1, 2), living: fc.constantFrom(undefined, 0, 1) },
  ...{ term: fc.nat(3), session: fc.constantFrom(1n, 2n), echo: fc.constantFrom(0n, ownSession) },
  ...{ sequence: fc.bigInt({ min: 0n, max: 99n }), digest: fc.constantFrom('0123456789abcdef', 'fedcba9876543210') },
});

const anyOther = (at: Instant): fc.Arbitrary<PulseEvent> =>
  fc.constantFrom<PulseEvent>(
    { type: 'clock', at },
    { type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'running' } },
    { type: 'datagram', at, channel: 'private', datagram: { type: 'bare', word: 'stopped' } },
    { type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'stop-me' } },
    { type: 'links', at, links: { public: 'down', private: 'up', carriers: [] } },
    { type: 'switch', at, force: true },
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
      let state = initialState({ ...settings, role }, ownSession);
      state = step(state, {
        type: 'started',
        at: instant(0),
        force: false,
        adopted: undefined,
        timers: undefined,
      }).state;
      for (const event of events) {
        const before = state.phase.type;
        const next = step(state, event);
        const stopped = next.actions.some((action) => action.type === 'send' && !action.trailer.active);
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
      let state = step(initialState(settings, ownSession), {
        type: 'started',
        at: instant(0),
        force: false,
        adopted: undefined,
        timers: undefined,
      }).state;
      for (const event of events) {
        state = step(state, event).state;
        expect(nextDeadline(state)).toBeLessThanOrEqual(event.at + milliseconds(700_000));
      }
    }),
  );
});
