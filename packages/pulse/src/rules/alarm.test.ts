import { describe, expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { alarmOf } from './alarm.ts';
import { activeRouter, router } from '../testing/fake-router.ts';
import type { PulseEvent } from '../events.ts';

type Node = ReturnType<typeof router>;

const alarm = (node: Node): string | undefined => alarmOf(node.state(), node.now());

/** All cables are out, or only that of the virtual address. */
function cutOff(node: Node, link: 'public' | 'eth5' = 'public'): void {
  const carriers = [
    { device: 'eth5', serves: true, network: undefined, state: link === 'eth5' ? 'down' : 'up' } as const,
  ];
  const links = { public: link === 'public' ? 'down' : 'up', private: undefined, carriers } as const;
  for (let times = 0; times < 2; times += 1) node.give({ type: 'links', at: node.now(), links });
}

describe('a router without links, inactive', () => {
  const inactive = (): Node => {
    const node = router({ monitorLinks: true });
    node.start();
    cutOff(node);
    return node;
  };

  test('does not know whether its partner serves when it hears nothing of it', () => {
    const node = inactive();
    node.pass(10);
    expect(alarm(node)).toBe(
      'this router cannot serve (the public link is down), and nothing is heard of the backup: look there whether it serves',
    );
  });

  test('knows that nobody serves when the partner says so, or there is none', () => {
    const node = inactive();
    node.hear({ active: false });
    expect(alarm(node)).toBe(
      'nobody serves: this router cannot (the public link is down), and the backup says that it is inactive',
    );
    const alone = router({ hasPartner: false });
    alone.start();
    alone.give({ type: 'lvs-said', at: alone.now(), message: { type: 'unable', problem: 'no ip_vs' } });
    alone.give({ type: 'addresses-down', at: alone.now() });
    expect(alarm(alone)).toBe('nobody serves: this router cannot (lvs cannot balance)');
  });

  test('is content when the partner serves', () => {
    const node = inactive();
    node.hear({ active: true });
    expect(alarm(node)).toBeUndefined();
  });
});

describe('a router without links, active', () => {
  const active = (): Node => {
    const node = activeRouter({ monitorLinks: true });
    cutOff(node, 'eth5');
    return node;
  };
  const problem = 'this router should not be the active one (the link of eth5 is down)';

  test('says of the partner what it has heard of it', () => {
    const node = active();
    expect(alarm(node)).toBe(`${problem}, and nothing is heard of the backup`);
    node.hear({ class: 0 });
    expect(alarm(node)).toBe(`${problem}, but the backup says that it cannot serve either`);
    node.hear({ class: 2 });
    expect(alarm(node)).toBe(problem);
  });

  test('has heard of an original only that it is inactive', () => {
    const node = activeRouter({ monitorLinks: true });
    node.hearOriginal('stopped');
    // O4 would hand over; this one has just done so.
    node.give({ type: 'links', at: node.now(), links: { public: 'up', private: undefined, carriers: [] } });
    const gaveNow = { ...node.state(), own: { ...node.state().own, gaveAt: node.now() } };
    const broken = { ...gaveNow, balancer: { ...gaveNow.balancer, brokenAt: node.now() } };
    expect(alarmOf(broken, node.now())).toMatch(/and an original backup does not say whether it can serve$/);
  });
});

test('an original that goes on as active although this router sends is told as that, and no more', () => {
  const node = activeRouter();
  const says = (at: number): PulseEvent => ({
    ...{ type: 'datagram', at: instant(at), channel: 'public', datagram: { type: 'bare', word: 'running' } },
  });
  for (let second = 0; second < 6; second += 1) {
    node.pass(1);
    node.give(says(node.now()));
  }
  expect(alarm(node)).toBe(
    'the backup goes on saying that it is active, too, although this router sends: stop one of them',
  );
});
