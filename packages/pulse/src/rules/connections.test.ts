import { describe, expect, test } from '@jest/globals';
import { seconds } from '@piranha/domain';
import { connectionLife } from './connections.ts';
import { activeRouter, router, sent, texts, types } from '../testing/fake-router.ts';

const syncDaemon = { device: 'eth1', id: 0 };

/** An inactive primary whose partner is active and says so every second. */
function standby(own: number | undefined, partner: number | undefined, more: Parameters<typeof router>[0] = {}) {
  const node = router({ failback: 'auto', failbackDelay: seconds(5), syncDaemon, ...more });
  node.start();
  node.take();
  return {
    ...node,
    /** When it asked for the service, in seconds, and what it said of it. */
    asksWithin: (lengthInSeconds: number) => {
      for (let second = 0; second < lengthInSeconds; second += 1) {
        node.hear({ active: true, term: 3 });
        if (second === 0) node.count(own, partner);
        node.pass(1);
        const actions = node.take();
        if (sent(actions).some(({ want }) => want)) return { at: node.now() / 1000, said: texts(actions) };
      }
      return undefined;
    },
  };
}

const asking = 'asking the backup for the service';

describe('a failback with a sync daemon', () => {
  test('waits while the kernel knows less than 90 % of the partner’s connections', () => {
    expect(standby(89, 100).asksWithin(100)).toBeUndefined();
  });

  test('asks when it knows as many', () => {
    expect(standby(90, 100).asksWithin(100)).toEqual({ at: 5, said: [asking] });
  });

  test('asks at once when it has learnt enough of them after failback_delay', () => {
    const node = standby(10, 100);
    expect(node.asksWithin(60)).toBeUndefined();
    node.count(95, 100);
    node.hear({ active: true, term: 3 });
    expect(texts(node.take())).toEqual([asking]);
  });

  test('waits no longer than the kernel keeps a connection without packets, then asks and says what it costs', () => {
    const said = [`${asking}, although it knows only 10 of 100 connections`];
    expect(standby(10, 100, { connectionLife: seconds(120) }).asksWithin(200)).toEqual({ at: 120, said });
  });

  test('waits for failback_delay, where that is the longer time', () => {
    const node = standby(0, 100, { failbackDelay: seconds(50), connectionLife: seconds(30) });
    expect(node.asksWithin(100)?.at).toBe(50);
  });

  test.each([
    ['the partner has none', 0, 0],
    ['its own number is not known', undefined, 100],
    ['the partner’s is not known', 0, undefined],
    ['it knows more than the partner', 200, 100],
  ])('waits for failback_delay alone where %s', (_what, own, partner) => {
    expect(standby(own, partner).asksWithin(100)).toEqual({ at: 5, said: [asking] });
  });
});

test('without a sync daemon a failback does not wait for connections that never come', () => {
  expect(standby(0, 100, { syncDaemon: undefined }).asksWithin(100)?.at).toBe(5);
});

test('a connection lives as long as tcp_timeout says, and 15 minutes where it does not', () => {
  expect([connectionLife(0), connectionLife(60)]).toEqual([seconds(900), seconds(60)]);
});

describe('the sync daemons', () => {
  const syncs = (actions: ReturnType<ReturnType<typeof router>['take']>) =>
    actions.flatMap((action) => (action.type === 'sync-daemons' ? [action.run] : []));

  test('are started with pulse, and a takeover and a drop leave them alone', () => {
    const node = router({ syncDaemon });
    node.start();
    expect(syncs(node.take())).toEqual([true]);
    node.pass(3);
    node.ready();
    node.up();
    node.hear({ active: true, term: 9 });
    node.give({ type: 'addresses-down', at: node.now() });
    const actions = node.take();
    expect(types(actions)).toEqual(expect.arrayContaining(['raise-addresses', 'lower-addresses']));
    expect(syncs(actions)).toEqual([]);
  });

  test('are looked after by a pulse that goes on with a living lvs', () => {
    const node = router({ syncDaemon });
    const living = { lives: true, serves: true, fenced: false, term: 4, held: false, addresses: [] };
    node.give({ type: 'started', at: node.now(), force: false, adopted: living, timers: undefined });
    expect(syncs(node.take())).toEqual([true]);
  });

  test('are stopped last, when lvs has ended', () => {
    const node = activeRouter({ syncDaemon });
    node.give({ type: 'stop', at: node.now(), reason: 'stopped' });
    node.give({ type: 'addresses-down', at: node.now() });
    expect(syncs(node.take())).toEqual([]);
    node.lvsEnds();
    expect(types(node.take())).toEqual(['sync-daemons', 'exit']);
  });

  test('that do not start are tried every 10 s; the same trouble is told once, and when it is over', () => {
    const node = activeRouter({ syncDaemon });
    const set = (problem: string | undefined): void => {
      node.give({ type: 'sync-daemons-set', at: node.now(), problem });
    };
    set('No such device');
    expect(texts(node.take())).toEqual(['connections are not synchronised: No such device']);
    node.pass(10);
    expect(syncs(node.take())).toEqual([true]);
    set('No such device');
    node.pass(10);
    expect(node.take()).toContainEqual({ type: 'sync-daemons', run: true });
    set(undefined);
    node.pass(20);
    const actions = node.take();
    expect([syncs(actions), texts(actions)]).toEqual([[], ['connections are synchronised again']]);
  });
});
