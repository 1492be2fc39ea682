import { describe, expect, test } from '@jest/globals';
import type { Instant } from '@piranha/domain';
import { instant, seconds } from '@piranha/domain';
import { activeRouter, router, settings, types, vip } from '../testing/fake-router.ts';
import type { PulseEvent } from '../events.ts';
import type { PulseSettings } from '../state.ts';

test('a timer that fires late proves nothing about the partner', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.sleep(60);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(3.1);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a machine that is late again and again takes silence for death when it was awake for deadtime', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  const begun = node.now();
  while (node.state().phase.type === 'inactive' && node.now() < begun + 60_000) {
    node.sleep(0.8);
    node.pass(0.5);
  }
  expect(node.now() - begun).toBeGreaterThan(3000);
  expect(node.now() - begun).toBeLessThan(10_000);
});

test('however many datagrams that do not count are read first after a sleep, silence is judged in time', () => {
  const node = router({ auth: 'require' });
  node.start();
  node.pass(1);
  const at = instant(node.now() + 2000);
  for (let count = 0; count < 20; count += 1) {
    node.give({ type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'stopped' } });
  }
  node.sleep(2);
  node.pass(3.1);
  expect(node.state().phase.type).toBe('taking-over');
});

test('what came during a sleep is read before silence is judged', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.pass(2.9);
  node.sleep(1.5);
  node.pass(0.2);
  node.hear({ active: true, term: 1 });
  node.pass(2.9);
  expect(node.state().phase.type).toBe('inactive');
});

test('what a heartbeat orders up has to be raised within half a keepalive', () => {
  const node = activeRouter();
  const { sendAt, settings } = node.state();
  node.pass(settings.keepalive / 1000);
  expect(node.take().filter(({ type }) => type === 'raise-addresses')).toMatchObject([
    { by: sendAt + settings.keepalive / 2 },
  ]);
});

describe('an owner that was asleep until its partner may have taken over', () => {
  /** Active since 3 s, its last heartbeat at 3 s; keepalive 1 s, deadtime 3 s: lvs fences at 5.7 s. */
  const asleep = (untilMs: number, overrides: Partial<PulseSettings> = {}) => {
    const node = activeRouter(overrides);
    return { ...node, wake: instant(untilMs) };
  };
  const first = {
    'its own timer': (at: Instant): PulseEvent => ({ type: 'clock', at }),
    'an active original': (at: Instant): PulseEvent => ({
      ...{ type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'running' } },
    }),
    'an inactive original': (at: Instant): PulseEvent => ({
      ...{ type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'stopped' } },
    }),
    'news of its links': (at: Instant): PulseEvent => ({
      ...{ type: 'links', at, links: { public: 'down', private: undefined, carriers: [] } },
    }),
    "an operator's order": (at: Instant): PulseEvent => ({ type: 'switch', at, force: true }),
    'a new file': (at: Instant): PulseEvent => ({ type: 'configured', at, settings }),
    'an lvs that is ready': (at: Instant): PulseEvent => ({ type: 'lvs-said', at, message: { type: 'ready' } }),
    'an address that was put back': (at: Instant): PulseEvent => ({ type: 'addresses-up', at, added: [vip.address] }),
    'the answer to an older order': (at: Instant): PulseEvent => ({ type: 'addresses-down', at }),
    'announcements that were late': (at: Instant): PulseEvent => ({ type: 'announced-late', at }),
  };

  test.each(Object.entries(first))('says and announces nothing, whatever comes first: %s', (_, event) => {
    for (const role of ['primary', 'backup'] as const) {
      const node = asleep(5700, { role });
      node.give(event(node.wake));
      node.give({ type: 'clock', at: node.wake });
      const done = types(node.take());
      expect(done).toContain('lower-addresses');
      for (const type of ['running', 'stopped', 'announce', 'raise-addresses']) expect(done).not.toContain(type);
      node.give({ type: 'addresses-down', at: node.wake });
      expect(types(node.take())).toEqual(['stopped']);
    }
  });

  test('is the owner still when it wakes before that', () => {
    const node = asleep(5699);
    node.give({ type: 'clock', at: node.wake });
    expect(types(node.take())).toContain('running');
    expect(node.state().phase.type).toBe('active');
  });

  test('goes by the heartbeat that lvs was told of, as lvs does', () => {
    const node = activeRouter();
    const { balancer } = node.state();
    expect(balancer.toldSpokenAt).toBe(node.state().own.spokenAt);
    // Said once more, and asleep before the next tick.
    node.hear({ active: true, term: 0 });
    node.pass(0.05);
    node.hear({ active: true, term: 0 });
    expect(node.state().own.spokenAt).toBeGreaterThan(balancer.toldSpokenAt ?? 0);
    node.take();
    node.give({ type: 'clock', at: instant(5700) });
    expect(types(node.take())).not.toContain('running');
  });

  test('goes by the shorter of two deadtimes under new timers, as lvs does at once', () => {
    const node = activeRouter({ deadtime: seconds(9) });
    const at = node.now();
    node.give({ type: 'configured', at, settings: { ...settings, deadtime: seconds(3) } });
    node.give({ type: 'clock', at: instant(at + 2700) });
    expect(node.state().phase.type).toBe('yielding');
  });

  test('stays the owner for ever without a partner', () => {
    const node = asleep(60_000, { hasPartner: false, channels: [] });
    node.give({ type: 'clock', at: node.wake });
    expect(node.state().phase.type).toBe('active');
  });
});
