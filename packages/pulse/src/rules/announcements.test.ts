// When addresses are asked for and announced.
import { describe, expect, test } from '@jest/globals';
import { instant, seconds } from '@piranha/domain';
import { silenceLimit } from '@piranha/protocol';
import { activeRouter, router, settings, types, vip } from '../testing/fake-router.ts';

/** When addresses were announced in the next seconds, in tenths of a second. */
function announcedAt(node: ReturnType<typeof router>, lengthInSeconds: number): number[] {
  const times: number[] = [];
  for (let tenth = 0; tenth <= lengthInSeconds * 10; tenth += 1) {
    if (tenth > 0) node.pass(0.1);
    if (types(node.take()).includes('announce')) times.push(tenth);
  }
  return times;
}

test('addresses are announced when they are up, thrice more within a second, and at 1, 2, 3 and 4 seconds', () => {
  const node = router();
  node.start();
  node.pass(3);
  node.ready();
  node.take();
  node.up();
  expect(announcedAt(node, 30)).toEqual([0, 1, 3, 6, 10, 20, 30, 40]);
});

describe('addresses that stand', () => {
  test('are announced every arp_refresh seconds, counted from the last announcement', () => {
    const node = activeRouter({ arpRefresh: seconds(10) });
    expect(announcedAt(node, 30)).toEqual([1, 3, 6, 10, 20, 30, 40, 140, 240]);
  });

  test('are announced no more at once when the router ceases to be active', () => {
    const node = activeRouter({ arpRefresh: seconds(10) });
    node.pass(10);
    node.take();
    node.hear({ active: true, term: 9 });
    expect(node.state().phase.type).toBe('yielding');
    expect(announcedAt(node, 30)).toEqual([]);
    node.give({ type: 'addresses-down', at: node.now() });
    for (let second = 0; second < 30; second += 1) {
      node.hear({ active: true, term: 9 });
      expect(announcedAt(node, 1)).toEqual([]);
    }
  });

  test('follow a reload: a new pace counts from then, and 0 ends it', () => {
    const node = activeRouter({ arpRefresh: seconds(60) });
    node.pass(50);
    node.take();
    const configure = (pace: number): void => {
      node.give({ type: 'configured', at: node.now(), settings: { ...settings, arpRefresh: seconds(pace) } });
    };
    configure(5);
    // As punctual as any other timer: nothing was missed.
    expect(announcedAt(node, 12)).toEqual([50, 100]);
    configure(0);
    expect(announcedAt(node, 100)).toEqual([]);
  });

  test('are not announced after a sleep before the partner had its chance to speak', () => {
    const node = activeRouter({ arpRefresh: seconds(10) });
    node.pass(13);
    node.take();
    node.sleep(2);
    expect(announcedAt(node, 2)).toEqual([10]);
  });
});

describe('whether another station has the addresses', () => {
  test('is asked at the begin of a takeover, before they are up', () => {
    const node = router();
    node.start();
    node.take();
    node.pass(3);
    expect(node.take()).toContainEqual({ type: 'probe', addresses: [vip] });
    node.ready();
    node.up();
    node.pass(10);
    expect(types(node.take())).not.toContain('probe');
  });

  test('is waited for by nobody: a hot standby asks and raises in one step', () => {
    const node = router({ hotStandby: true });
    node.start();
    node.ready();
    node.give({ type: 'lvs-said', at: node.now(), message: { type: 'living', count: 2 } });
    node.take();
    node.hear({ leaving: true });
    expect(types(node.take()).filter((type) => type === 'probe' || type === 'raise-addresses')).toEqual([
      ...['probe', 'raise-addresses'],
    ]);
  });
});

describe('after a sleep', () => {
  test('a conflict is read of, and what follows from it is announced when the rest was read, too', () => {
    const node = activeRouter();
    node.pass(10);
    node.take();
    const at = instant(node.now() + 2000);
    node.give({ type: 'datagram', at, channel: 'public', datagram: { type: 'bare', word: 'running' } });
    expect(types(node.take())).not.toContain('announce');
    node.sleep(2);
    expect(announcedAt(node, 2)[0]).toBe(10);
  });

  test('addresses that `ip` has just shown are announced at once', () => {
    const node = router();
    node.start();
    node.pass(3);
    node.ready();
    node.take();
    node.sleep(1.6);
    node.up();
    expect(types(node.take())).toContain('announce');
  });
});

test('announcements that came too late for send_arp are made again, by an active router', () => {
  const node = activeRouter();
  node.pass(10);
  node.take();
  node.give({ type: 'announced-late', at: node.now() });
  expect(announcedAt(node, 5)).toEqual([0, 1, 3, 6, 10, 20, 30, 40]);
  const standby = router();
  standby.start();
  standby.take();
  standby.give({ type: 'announced-late', at: standby.now() });
  expect(announcedAt(standby, 2)).toEqual([]);
});

test('an announcement is worth nothing any more when lvs takes the addresses down', () => {
  const node = activeRouter();
  node.pass(0.1);
  const [announced] = node.take().filter(({ type }) => type === 'announce');
  expect(announced).toMatchObject({ until: 3000 + silenceLimit(settings) });
  const alone = activeRouter({ hasPartner: false, channels: [] });
  alone.pass(0.1);
  expect(alone.take().find(({ type }) => type === 'announce')).toMatchObject({ until: Infinity });
});
