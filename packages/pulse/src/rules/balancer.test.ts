import { expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import { activeRouter, router, settings, roles, texts, types } from '../testing/fake-router.ts';

test('an active router whose lvs finds that the kernel cannot balance takes its addresses down', () => {
  const node = activeRouter();
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'unable', problem: 'no ip_vs' } });
  expect(types(node.take())).toContain('lower-addresses');
});

test('an lvs that dies is restarted in place, once, and told where we stand', () => {
  const node = activeRouter();
  node.lvsEnds();
  const actions = node.take();
  expect(types(actions)).toEqual(['start-lvs']);
  expect(roles(actions)).toEqual(['active']);
  expect(node.state().phase.type).toBe('active');
});

/** Its partner says every keepalive that it could serve. */
function listen(node: ReturnType<typeof router>, lengthInSeconds: number): void {
  for (let second = 0; second < lengthInSeconds; second += 1) {
    node.hear();
    node.pass(1);
  }
}

function failTwice(node: ReturnType<typeof router>): void {
  node.hear();
  node.lvsEnds();
  node.lvsEnds();
}

test('a router whose lvs dies again hands over to a partner that can balance (F-lvs, H1)', () => {
  const node = activeRouter();
  failTwice(node);
  listen(node, 3);
  expect(node.state().phase).toMatchObject({ type: 'yielding', then: 'given' });
});

test('it does not take the service back from a partner that is inactive, until 5 s have passed', () => {
  const node = activeRouter();
  failTwice(node);
  listen(node, 3);
  node.give({ type: 'addresses-down', at: node.now() });
  listen(node, 4);
  expect(node.state().phase.type).toBe('inactive');
  listen(node, 2);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a router that failed again and again waits twice as long each time, also when its partner is active meanwhile', () => {
  const node = activeRouter();
  const waits = [5, 10, 20].map(() => {
    failTwice(node);
    listen(node, 3);
    node.give({ type: 'addresses-down', at: node.now() });
    const begun = node.now();
    node.hear({ active: true, term: 50 });
    for (let second = 0; node.state().phase.type === 'inactive' && second < 60; second += 1) listen(node, 1);
    const waited = node.now() - begun;
    node.ready();
    node.up();
    return waited;
  });
  expect(waits.map((wait) => Math.floor(wait / 1000 / 5) * 5)).toEqual([5, 10, 20]);
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
  node.hear();
  node.lvsEnds();
  node.pass(61);
  node.hear();
  node.lvsEnds();
  expect(node.state().phase.type).toBe('active');
});

test('a router whose lvs cannot balance does not take the addresses', () => {
  const node = router();
  node.start();
  node.pass(3);
  node.give({ type: 'lvs-said', at: node.now(), message: { type: 'unable', problem: 'no ip_vs' } });
  expect(types(node.take())).not.toContain('raise-addresses');
  node.give({ type: 'addresses-down', at: node.now() });
  node.pass(30);
  expect(node.state().phase.type).toBe('inactive');
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

const kills = (actions: ReturnType<ReturnType<typeof router>['take']>) =>
  actions.filter(({ type }) => type === 'kill-lvs').length;

test('an lvs that gives no sign of life for five seconds is killed, and started again in place', () => {
  const node = activeRouter();
  node.pass(60);
  node.take();
  node.lvsHangs();
  node.pass(4.7);
  expect(kills(node.take())).toBe(0);
  node.pass(0.5);
  const actions = node.take();
  expect(kills(actions)).toBe(1);
  expect(texts(actions)).toContain('lvs has given no sign of life for 5 s: killing it');
  node.lvsEnds();
  node.lvsHangs(false);
  expect(types(node.take())).toEqual(['start-lvs']);
  expect(node.state().phase.type).toBe('active');
  expect(node.state().balancer.brokenAt).toBeUndefined();
});

test('with a longer deadtime it has that long', () => {
  const node = activeRouter({ deadtime: seconds(12) });
  node.pass(60);
  node.take();
  node.lvsHangs();
  node.pass(11.7);
  expect(kills(node.take())).toBe(0);
  node.pass(0.5);
  expect(kills(node.take())).toBe(1);
});

test('a standby lvs that hangs is killed, too', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.lvsHangs();
  node.pass(5.1);
  expect(kills(node.take())).toBe(1);
});

test('whatever lvs says is a sign of life', () => {
  const node = activeRouter();
  node.lvsHangs();
  for (let second = 0; second < 30; second += 1) {
    node.pass(1);
    node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: second } });
  }
  expect(kills(node.take())).toBe(0);
});

test('a sleep of our own is not its silence', () => {
  const node = activeRouter();
  node.pass(10);
  node.lvsHangs();
  node.sleep(60);
  node.pass(4.9);
  expect(kills(node.take())).toBe(0);
  node.pass(0.2);
  expect(kills(node.take())).toBe(1);
});

test('before its first word it has twenty seconds', () => {
  const node = router({ hasPartner: false, channels: [] });
  node.lvsHangs();
  node.start();
  node.pass(19.9);
  expect(kills(node.take())).toBe(0);
  node.pass(0.2);
  expect(kills(node.take())).toBe(1);
});

test('one that does not even die makes this router one that cannot balance', () => {
  const node = activeRouter();
  node.pass(60);
  node.lvsHangs();
  node.pass(5.1);
  expect(node.state().balancer.brokenAt).toBeUndefined();
  node.take();
  node.pass(5.1);
  expect(kills(node.take())).toBe(1);
  expect(node.state().balancer.brokenAt).toBeDefined();
});

test('an lvs that hangs again within a minute makes this router one that cannot balance', () => {
  const node = activeRouter();
  node.pass(60);
  node.lvsHangs();
  node.pass(5.1);
  node.lvsEnds();
  node.pass(20.1);
  expect(node.state().balancer.brokenAt).toBeUndefined();
  node.lvsEnds();
  expect(node.state().balancer.brokenAt).toBeDefined();
});
