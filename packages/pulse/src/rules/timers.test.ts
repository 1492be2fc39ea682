import { expect, test } from '@jest/globals';
import { instant, milliseconds, seconds } from '@piranha/domain';
import type { Timers } from '@piranha/protocol';
import fc from 'fast-check';
import { activeRouter, ownSession, router, settings, texts } from '../testing/fake-router.ts';
import { fenceTimers } from './fence-timers.ts';
import type { PulseAction } from '../events.ts';
import type { PulseSettings, PulseState } from '../state.ts';
import { initialState } from '../step.ts';
import { shareTimers, startTimers, withTimers } from './timers.ts';

type Node = ReturnType<typeof router>;

const digest = 'fedcba9876543210';
const old = { keepalive: settings.keepalive, deadtime: settings.deadtime };
const slow = { keepalive: seconds(2), deadtime: seconds(8) };
const fast = { keepalive: milliseconds(500), deadtime: milliseconds(1500) };

function reload(node: Node, changes: Partial<PulseSettings>): PulseAction[] {
  node.take();
  node.give({ type: 'configured', at: node.now(), settings: { ...settings, digest, ...changes } });
  return node.take();
}

/** By what lvs was told to let go last. */
const fence = (actions: readonly PulseAction[]): Timers | undefined =>
  actions.flatMap((action) => (action.type === 'tick-lvs' ? [action.timers] : [])).at(-1);

const leases = (actions: readonly PulseAction[]): (number | undefined)[] =>
  actions.flatMap((action) => (action.type === 'raise-addresses' ? [action.lease] : []));

const kept = (actions: readonly PulseAction[]) =>
  actions.flatMap((action) => (action.type === 'keep-timers' ? [action.timers] : [])).at(-1);

const sent = (actions: readonly PulseAction[]): number => actions.filter((each) => each.type === 'send').length;

/** A partner that goes on as the standby, or as the owner, for so many seconds. */
function hearFor(node: Node, count: number, said: { readonly active?: boolean; readonly digest?: string } = {}): void {
  for (let second = 0; second < count; second += 1) {
    node.hear({ term: 1, digest: settings.digest, ...said });
    node.pass(1);
  }
}

test('a longer deadtime does not count for letting go while the partner has the old file, however long', () => {
  const node = activeRouter();
  node.hear();
  expect(fence(reload(node, slow))).toBeUndefined();
  hearFor(node, 300);
  expect(fence(node.take())).toEqual(old);
  node.hear({ digest });
  const actions = node.take();
  expect(texts(actions)).toContain('the partner has the same timers: they count from now on');
  expect(kept(actions)).toEqual({ ...slow, shortest: slow.deadtime });
  node.pass(3);
  expect(fence(node.take())).toEqual(slow);
});

test('the kernel keeps addresses for no longer than that either', () => {
  const long = { keepalive: seconds(1), deadtime: seconds(6) };
  const longer = { keepalive: seconds(1), deadtime: seconds(18) };
  const node = activeRouter(long);
  node.hear();
  expect(new Set(leases(reload(node, longer)))).toEqual(new Set([4]));
  hearFor(node, 5);
  expect(new Set(leases(node.take()))).toEqual(new Set([4]));
  hearFor(node, 5, { digest });
  expect(leases(node.take()).at(-1)).toBe(14);
});

test('a shorter deadtime counts for letting go at once, before the partner hears of it', () => {
  const node = activeRouter();
  node.hear();
  const actions = reload(node, fast);
  expect(fence(actions)).toEqual(fast);
  expect(actions.findIndex(({ type }) => type === 'tick-lvs')).toBeLessThan(
    actions.findIndex(({ type }) => type === 'configure-lvs'),
  );
});

test('and for taking over only when the partner has the same file: until then it may hold on for longer', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  reload(node, fast);
  hearFor(node, 300, { active: true });
  node.pass(1.9);
  expect(node.state().phase.type).toBe('inactive');
  node.hear({ active: true, term: 1, digest });
  node.pass(1.4);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(0.2);
  expect(node.state().phase.type).toBe('taking-over');
});

test('a longer deadtime counts for taking over at once, for the silence that has begun, too', () => {
  const node = router();
  node.start();
  node.hear({ active: true, term: 1 });
  node.pass(1);
  reload(node, slow);
  node.pass(6.9);
  expect(node.state().phase.type).toBe('inactive');
  node.pass(0.2);
  expect(node.state().phase.type).toBe('taking-over');
});

test.each([
  [6, 18, 1, 5],
  [6, 18, 0.5, 2],
  [2, 8, 1, 2.5],
  [1, 30, 1, 3],
])('an owner with %s/%s takes %s/%s at any moment and stays it', (keepalive, deadtime, newKeepalive, newDeadtime) => {
  for (let waited = 0; waited < keepalive; waited += keepalive / 40) {
    const node = activeRouter({ keepalive: seconds(keepalive), deadtime: seconds(deadtime) });
    node.hear();
    node.pass(2 * keepalive + waited);
    const fresh = { keepalive: seconds(newKeepalive), deadtime: seconds(newDeadtime) };
    const actions = reload(node, fresh);
    // What lvs is told goes by a word that has just been said.
    expect(actions.find((action) => action.type === 'tick-lvs')).toMatchObject({ spokenAt: node.now() });
    node.pass(2 * newDeadtime);
    expect(node.state().phase.type).toBe('active');
  }
});

test('the faster of two keepalives counts until the partner has the same file', () => {
  const node = activeRouter();
  node.hear();
  reload(node, slow);
  hearFor(node, 10);
  expect(sent(node.take())).toBe(10);
  hearFor(node, 1, { digest });
  node.pass(1);
  node.take();
  node.pass(10);
  expect(sent(node.take())).toBe(5);
  reload(node, old);
  node.pass(10);
  expect(sent(node.take())).toBe(10);
});

test('of several files in a row the shortest and the longest count, and the way back is no exception', () => {
  const node = activeRouter();
  node.hear();
  reload(node, slow);
  reload(node, fast);
  const actions = reload(node, { ...old, digest: settings.digest });
  expect(fence(actions)).toBeUndefined();
  node.pass(1);
  expect(fence(node.take())).toEqual(fast);
  expect(node.state().settings.deadtime).toBe(slow.deadtime);
  node.hear();
  node.pass(1);
  expect(fence(node.take())).toEqual(old);
  expect(node.state().settings).toMatchObject(old);
});

test('the log tells it once, and what to do', () => {
  const node = activeRouter();
  expect(texts(reload(node, slow))).toEqual([expect.stringMatching(/^new timers: .*Reload the partner, too$/)]);
  expect(texts(reload(node, fast))).toEqual([]);
});

test('what else changes in the file has nothing to do with it', () => {
  const node = activeRouter();
  node.hear();
  const actions = reload(node, { arpRefresh: seconds(60) });
  expect(texts(actions)).toEqual([]);
  expect(node.state().unshared).toBeUndefined();
});

test('without a partner new timers count at once', () => {
  const alone = { hasPartner: false, channels: [] };
  const node = router(alone);
  node.start();
  reload(node, { ...alone, ...slow });
  expect(node.state().settings).toMatchObject(slow);
  expect(node.state().unshared).toBeUndefined();
});

test('an original never tells which file it has: beside one the new timers count after a minute', () => {
  const node = activeRouter();
  node.hearOriginal('stopped');
  reload(node, slow);
  for (let second = 0; second < 59; second += 1) {
    node.hearOriginal('stopped');
    node.pass(1);
  }
  expect(fence(node.take())).toEqual(old);
  node.hearOriginal('stopped');
  node.pass(2);
  expect(fence(node.take())).toEqual(slow);
});

test('a pulse that is started with another file goes on with what counted before, until the partner has the same', () => {
  const node = router({ ...slow, digest });
  const timers = { ...old, shortest: old.deadtime };
  node.give({ type: 'started', at: node.now(), force: false, adopted: undefined, timers });
  const actions = node.take();
  expect(fence(actions)).toEqual(old);
  expect(kept(actions)).toEqual({ keepalive: old.keepalive, deadtime: slow.deadtime, shortest: old.deadtime });
  node.pass(7.9);
  expect(node.state().phase.type).toBe('inactive');
  node.hear({ digest });
  node.pass(1);
  expect(fence(node.take())).toEqual(slow);
});

test('one that is started with the same file has nothing to wait for, and the first one since the boot keeps its timers', () => {
  const again = router();
  const timers = { ...old, shortest: old.deadtime };
  again.give({ type: 'started', at: again.now(), force: false, adopted: undefined, timers });
  expect(again.state().unshared).toBeUndefined();
  expect(kept(again.take())).toBeUndefined();
  const first = router();
  first.start();
  expect(kept(first.take())).toEqual(timers);
});

/** What happens to one of two routers: it reads a file, is started again with what it kept, or hears the other. */
type Deed = { readonly who: 0 | 1; readonly what: 'reload' | 'restart' | 'hear'; readonly deadtime: number };

const deeds = fc.array(
  fc.record({
    who: fc.constantFrom<0 | 1>(0, 1),
    what: fc.constantFrom<Deed['what']>('reload', 'restart', 'hear', 'hear'),
    deadtime: fc.integer({ min: 2, max: 6 }),
  }),
  { maxLength: 40 },
);

const fileOf = (deadtime: number): PulseSettings => ({
  ...settings,
  deadtime: seconds(deadtime),
  digest: `deadtime ${deadtime}`,
});

function after(routers: readonly [PulseState, PulseState], { who, what, deadtime }: Deed): PulseState {
  const [own, other] = [routers[who], routers[who === 0 ? 1 : 0]];
  const at = instant(0);
  if (what === 'hear') return shareTimers(other.settings.digest, at)(own).state;
  if (what === 'reload') return withTimers(own, fileOf(deadtime), at).state;
  const { keepalive, deadtime: longest } = own.settings;
  const kept = { keepalive, deadtime: longest, shortest: fenceTimers(own).deadtime };
  return startTimers(initialState(fileOf(deadtime), ownSession), kept, at).state;
}

test('whatever files two routers read, and whenever they hear of it, neither waits for less than the other holds on', () => {
  fc.assert(
    fc.property(deeds, (all) => {
      let routers: readonly [PulseState, PulseState] = [
        initialState(fileOf(3), ownSession),
        initialState(fileOf(3), ownSession),
      ];
      for (const deed of all) {
        const now = after(routers, deed);
        routers = deed.who === 0 ? [now, routers[1]] : [routers[0], now];
        const [one, two] = routers;
        expect(fenceTimers(one).deadtime).toBeLessThanOrEqual(two.settings.deadtime);
        expect(fenceTimers(two).deadtime).toBeLessThanOrEqual(one.settings.deadtime);
      }
    }),
  );
});

test('once both have the same file and have heard each other it counts alone', () => {
  fc.assert(
    fc.property(deeds, fc.integer({ min: 2, max: 6 }), (all, deadtime) => {
      let routers: readonly [PulseState, PulseState] = [
        initialState(fileOf(3), ownSession),
        initialState(fileOf(3), ownSession),
      ];
      const last = (['reload', 'hear'] as const).flatMap((what) =>
        [0 as const, 1 as const].map((who) => ({ who, what, deadtime })),
      );
      for (const deed of [...all, ...last]) {
        const now = after(routers, deed);
        routers = deed.who === 0 ? [now, routers[1]] : [routers[0], now];
      }
      for (const each of routers) expect(each).toMatchObject({ settings: fileOf(deadtime), unshared: undefined });
    }),
  );
});
