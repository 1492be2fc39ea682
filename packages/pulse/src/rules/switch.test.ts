import { expect, test } from '@jest/globals';
import { activeRouter, router, sent } from '../testing/fake-router.ts';
import type { PulseSettings } from '../state.ts';
import { judgeSwitch } from './switch.ts';

type Node = ReturnType<typeof router>;
const judged = (node: Node, force = false) => judgeSwitch(node.state(), node.now(), force);
const order = (node: Node, force = false): void => {
  node.give({ type: 'switch', at: node.now(), force });
};
const standby = (overrides: Partial<PulseSettings> = {}): Node => {
  const node = router(overrides);
  node.start();
  node.hear({ active: true, term: 1 });
  node.take();
  return node;
};

test('the active router hands over to a partner that hears it, and holds the service there', () => {
  const node = activeRouter();
  node.hear();
  expect(judged(node)).toEqual({ ok: true, value: 'handing over to the backup' });
  order(node);
  expect(node.state().phase).toMatchObject({ type: 'yielding', then: 'given' });
  node.give({ type: 'addresses-down', at: node.now() });
  expect(sent(node.take()).at(-1)).toMatchObject({ given: true, held: true });
});

test('the inactive router asks for the service, for deadtime at most', () => {
  const node = standby();
  order(node);
  expect(sent(node.take())).toMatchObject([{ want: true }]);
  for (let second = 0; second < 4; second += 1) {
    node.pass(1);
    node.hear({ active: true, term: 1 });
  }
  expect(sent(node.take()).at(-1)).toMatchObject({ want: false });
});

test('what it was given by order it holds', () => {
  const node = standby();
  order(node);
  node.hear({ term: 1, given: true });
  expect(sent(node.take()).at(-1)).toMatchObject({ active: true, term: 2, held: true });
});

test.each<[string, (node: Node) => void, RegExp]>([
  [
    'is silent',
    (node) => {
      node.pass(5);
    },
    /do not hear each other/,
  ],
  [
    'does not hear this router',
    (node) => {
      node.hear({ hears: false });
    },
    /do not hear each other/,
  ],
  [
    'cannot serve',
    (node) => {
      node.hear({ class: 0 });
    },
    /backup says that it cannot serve/,
  ],
  [
    'is being stopped',
    (node) => {
      node.hear({ leaving: true });
    },
    /is being stopped/,
  ],
])('a switch to a partner that %s is refused, by force too', (_, happens, why) => {
  const node = activeRouter();
  node.hear();
  happens(node);
  expect(judged(node)).toEqual({ ok: false, error: expect.stringMatching(why) });
  expect(judged(node, true).ok).toBe(false);
  order(node, true);
  expect(node.state().phase.type).toBe('active');
});

test.each([
  ['runs another file', { digest: 'fedcba9876543210' }, /another lvs\.cf; --force/],
  ['lost a link', { class: 1 }, /worse off.*--force/],
] as const)('a switch to a partner that %s needs force', (_, said, why) => {
  const node = activeRouter();
  node.hear(said);
  expect(judged(node)).toEqual({ ok: false, error: expect.stringMatching(why) });
  expect(judged(node, true).ok).toBe(true);
});

test('without a partner there is nothing to switch', () => {
  expect(judged(activeRouter({ hasPartner: false }))).toEqual({ ok: false, error: expect.stringMatching(/no other/) });
});
