import { expect, test } from '@jest/globals';
import { activeRouter, router, sent, texts } from '../testing/fake-router.ts';
import type { Links } from '../state-parts.ts';

type Node = ReturnType<typeof activeRouter>;

/** A router that serves, keepalive 1 s, deadtime 3 s, with a partner that is well. */
function serving(): Node {
  const node = activeRouter({ monitorLinks: true });
  node.pass(30);
  node.hear();
  node.pass(0.9);
  node.hear();
  node.take();
  return node;
}

/** The monitor reads a change twice. */
function read(node: Node, links: Omit<Links, 'carriers'> & Partial<Links>): void {
  const seen = { carriers: [], ...links };
  for (let times = 0; times < 2; times += 1) node.give({ type: 'links', at: node.now(), links: seen });
}
const publicBroken = { public: 'down', private: 'up' } as const;
const privateBroken = { public: 'up', private: 'down' } as const;
const bothUp = { public: 'up', private: 'up' } as const;
/** A partner that is well, for some seconds. */
function hearOften(node: Node, seconds: number): void {
  for (let tenth = 0; tenth < 10 * seconds; tenth += 1) {
    node.hear();
    node.pass(0.1);
  }
}
const phaseOf = (node: Node) => node.state().phase.type;

test('a broken link is told to the partner at once', () => {
  const node = serving();
  read(node, publicBroken);
  expect(sent(node.take())).toMatchObject([{ class: 0, active: true }]);
});

test.each([
  ['public', publicBroken],
  ['private', privateBroken],
])('half a second after its %s link broke a router gives the service to a partner with better links', (_, links) => {
  const node = serving();
  read(node, links);
  node.pass(0.3);
  node.hear();
  expect(phaseOf(node)).toBe('active');
  node.pass(0.15);
  expect(phaseOf(node)).toBe('active');
  node.pass(0.1);
  expect(phaseOf(node)).toBe('yielding');
  expect(texts(node.take())).toContain('handing over to the backup: it can serve better');
});

test('the partner has to be heard after that: it may be dead', () => {
  const node = serving();
  read(node, publicBroken);
  node.pass(1);
  expect(phaseOf(node)).toBe('active');
  node.hear();
  expect(phaseOf(node)).toBe('yielding');
});

test('a standby that hears of it answers at once, once', () => {
  const node = router({ monitorLinks: true });
  node.start();
  node.hear({ active: true });
  node.take();
  node.hear({ active: true, class: 0 });
  expect(sent(node.take())).toMatchObject([{ active: false, hears: true }]);
  node.hear({ active: true, class: 0 });
  expect(sent(node.take())).toEqual([]);
});

test('where the switch fails both lose the link, and nobody gives the service away', () => {
  const node = serving();
  read(node, publicBroken);
  node.pass(0.4);
  node.hear({ class: 0 });
  for (let times = 0; times < 20; times += 1) {
    node.pass(1);
    node.hear({ class: 0 });
  }
  expect(phaseOf(node)).toBe('active');
});

test.each([
  ['public', publicBroken, 0],
  ['private', privateBroken, 1],
] as const)(
  'when that switch is back the owner keeps the service, though the partner has noticed its %s link first',
  (_, links, itsClass) => {
    const node = serving();
    read(node, links);
    node.hear({ class: itsClass });
    node.pass(5);
    read(node, bothUp);
    hearOften(node, 2.8);
    expect(phaseOf(node)).toBe('active');
    node.pass(0.9);
    node.hear();
    node.pass(0.9);
    node.hear();
    expect(sent(node.take()).at(-1)).toMatchObject({ class: 2, active: true });
  },
);

test('nor does an original get it then, which tells nothing of its own link', () => {
  const node = activeRouter({ monitorLinks: true });
  node.pass(30);
  read(node, publicBroken);
  node.pass(5);
  read(node, bothUp);
  node.hearOriginal('stopped');
  node.pass(2.5);
  node.hearOriginal('stopped');
  expect(phaseOf(node)).toBe('active');
  read(node, publicBroken);
  node.hearOriginal('stopped');
  expect(phaseOf(node)).toBe('yielding');
});

test('a link that is up again and breaks once more makes the router give the service after all', () => {
  const node = serving();
  read(node, publicBroken);
  node.hear({ class: 0 });
  node.pass(5);
  read(node, bothUp);
  hearOften(node, 2.5);
  expect(phaseOf(node)).toBe('active');
  read(node, publicBroken);
  node.hear();
  expect(phaseOf(node)).toBe('yielding');
});

test('a router whose lvs cannot balance does not wait for its link', () => {
  const node = serving();
  read(node, privateBroken);
  node.hear({ class: 1 });
  node.pass(5);
  read(node, bothUp);
  node.lvsEnds();
  node.pass(2.2);
  node.lvsEnds();
  node.hear();
  node.pass(0.9);
  node.hear();
  node.pass(0.9);
  node.hear();
  node.pass(0.5);
  expect(phaseOf(node)).toBe('yielding');
});

test('an lvs that is started again has two keepalives for it', () => {
  const node = serving();
  node.lvsEnds();
  node.pass(0.9);
  node.hear();
  node.pass(0.6);
  expect(phaseOf(node)).toBe('active');
});
