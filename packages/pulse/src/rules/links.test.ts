import { describe, expect, test } from '@jest/globals';
import type { Instant, IpAddress } from '@piranha/domain';
import { instant, never, seconds } from '@piranha/domain';
import { decodeInterfaces } from '@piranha/protocol';
import fc from 'fast-check';
import { brokenLinks, firstLinkClass, linksOf, nextLinkDeadline, passLinks, watchLinks } from './links.ts';
import type { Carrier, Channel, LinkClass, LinkState, Links } from '../state-parts.ts';

const [publicOwn, privateOwn] = ['10.1.0.2', '10.2.0.2'] as const;
const channels: readonly Channel[] = [
  { name: 'public', own: publicOwn as IpAddress, partner: '10.1.0.3' as IpAddress },
  { name: 'private', own: privateOwn as IpAddress, partner: '10.2.0.3' as IpAddress },
];

const good = ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'];

/** What `ip -j address` prints of one interface. */
const card = (ifname: string, address: string | undefined, flags = good, operstate = 'UP') => ({
  ...{ ifname, flags, operstate },
  addr_info: address === undefined ? [] : [{ family: 'inet', local: address, prefixlen: 24 }],
});

function read(...cards: readonly ReturnType<typeof card>[]): Links {
  const interfaces = decodeInterfaces(JSON.stringify(cards));
  if (!interfaces.ok) throw new Error(interfaces.error);
  return linksOf(interfaces.value, { channels, carriers: [] });
}

describe('a link', () => {
  test.each([
    ['is up with a carrier', good, 'UP', 'up'],
    ['is up on a device that knows no carrier, such as dummy', ['UP', 'LOWER_UP'], 'UNKNOWN', 'up'],
    ['is down when it was switched off', ['BROADCAST'], 'DOWN', 'down'],
    ['is down without a carrier', ['NO-CARRIER', 'UP'], 'DOWN', 'down'],
    ['is down when the device below, or the other end of a veth, is', ['NO-CARRIER', 'UP'], 'LOWERLAYERDOWN', 'down'],
    ['is down while the port waits to be let in', ['NO-CARRIER', 'UP', 'LOWER_UP'], 'DORMANT', 'down'],
  ] as const)('%s', (_what, flags, operstate, expected) => {
    const links = read(card('eth0', publicOwn, [...flags], operstate), card('eth1.7', privateOwn));
    expect(links).toMatchObject({ public: expected, private: 'up' });
  });

  test('is down when the interface was deleted, or the address alone', () => {
    expect(read(card('eth0', publicOwn))).toMatchObject({ public: 'up', private: 'down' });
    expect(read(card('eth0', undefined), card('eth1', privateOwn))).toMatchObject({ public: 'down', private: 'up' });
  });

  test('is up when the address stands on several interfaces of which one is good', () => {
    const links = read(card('eth0', publicOwn, ['UP']), card('lo', publicOwn), card('eth1', privateOwn, ['UP']));
    expect(links).toMatchObject({ public: 'up', private: 'down' });
  });

  test('is not read where there is no channel', () => {
    const interfaces = decodeInterfaces('[]');
    if (!interfaces.ok) throw new Error(interfaces.error);
    expect(linksOf(interfaces.value, { channels: channels.slice(0, 1), carriers: [] })).toMatchObject({
      public: 'down',
      private: undefined,
    });
    expect(linksOf(interfaces.value, { channels: [], carriers: [] })).toMatchObject({
      public: 'up',
      private: undefined,
    });
  });
});

const deadtime = seconds(3);

/** Readings at given milliseconds, one after the other. */
const after = (...readings: readonly (readonly [number, LinkState, LinkState | undefined])[]): LinkClass =>
  readings.reduce(
    (state, [at, onPublic, onPrivate]) =>
      watchLinks(state, { public: onPublic, private: onPrivate, carriers: [] }, instant(at), deadtime),
    firstLinkClass,
  );

describe('the class', () => {
  test('is 2 before anything was read, and while all links are up', () => {
    expect(firstLinkClass.class).toBe(2);
    expect(after([0, 'up', 'up']).class).toBe(2);
    expect(after([0, 'up', undefined]).class).toBe(2);
  });

  test('falls when a link is read as down for the second time: to 0 for the public one, to 1 for the private one', () => {
    expect(after([0, 'down', 'up']).class).toBe(2);
    expect(after([0, 'down', 'up'], [20, 'down', 'up']).class).toBe(0);
    expect(after([0, 'up', 'down'], [20, 'up', 'down']).class).toBe(1);
    expect(after([0, 'down', 'down'], [20, 'down', 'down']).class).toBe(0);
  });

  test('falls by one reading when no second one comes', () => {
    const once = after([0, 'down', 'up']);
    const deadline = nextLinkDeadline(once);
    expect(deadline).toBeLessThan(1000);
    expect(passLinks(once, instant(deadline - 1)).class).toBe(2);
    expect(passLinks(once, deadline).class).toBe(0);
  });

  test('stays when a single reading was wrong, but not when that happens again within deadtime', () => {
    const blip = after([0, 'up', 'up'], [10, 'down', 'up'], [20, 'up', 'up']);
    expect([blip.class, nextLinkDeadline(blip)]).toEqual([2, never]);
    const down: Links = { public: 'down', private: 'up', carriers: [] };
    expect(watchLinks(blip, down, instant(3019), deadtime).class).toBe(0);
    expect(watchLinks(blip, down, instant(3020), deadtime).class).toBe(2);
  });

  test('rises when the link has been up for deadtime, by a reading or by the clock', () => {
    const back = after([0, 'down', 'up'], [20, 'down', 'up'], [1000, 'up', 'up']);
    expect([back.class, nextLinkDeadline(back)]).toEqual([0, 4000]);
    expect(passLinks(back, instant(3999)).class).toBe(0);
    expect(passLinks(back, instant(4000)).class).toBe(2);
    expect(after([0, 'down', 'up'], [20, 'down', 'up'], [1000, 'up', 'up'], [4000, 'up', 'up']).class).toBe(2);
  });

  test('waits anew when the link flaps meanwhile', () => {
    const down = [
      [0, 'up', 'down'],
      [20, 'up', 'down'],
    ] as const;
    const flap = after(...down, [1000, 'up', 'up'], [3900, 'up', 'down'], [4000, 'up', 'up']);
    expect([flap.class, nextLinkDeadline(flap)]).toEqual([1, 7000]);
  });

  test('forgets a private link when there is no private network any more', () => {
    expect(after([0, 'up', 'down'], [20, 'up', 'down'], [30, 'up', undefined])).toEqual(firstLinkClass);
  });
});

describe('the devices of floating addresses', () => {
  const eth5 = { device: 'eth5', serves: true };
  const eth6 = { device: 'eth6', serves: true };
  const eth7 = { device: 'eth7', serves: false };
  const down = ['UP', 'NO-CARRIER'];

  /** The class after two such readings, and its reason. */
  function judge(carriers: readonly Carrier[], ...cards: readonly ReturnType<typeof card>[]) {
    const interfaces = decodeInterfaces(JSON.stringify(cards));
    if (!interfaces.ok) throw new Error(interfaces.error);
    const links = linksOf(interfaces.value, { channels, carriers });
    const once = watchLinks(firstLinkClass, links, instant(0), deadtime);
    const twice = watchLinks(once, links, instant(20), deadtime);
    return [twice.class, brokenLinks(twice)];
  }
  const routers = [card('eth0', publicOwn), card('eth1', privateOwn)] as const;

  test('need no address to be good: the inactive router has none there', () => {
    expect(judge([eth5, eth7], ...routers, card('eth5', undefined), card('eth7', undefined))).toEqual([2, undefined]);
  });

  test.each([
    ['without a carrier', [card('eth5', undefined, down)]],
    ['switched off', [card('eth5', undefined, ['BROADCAST'])]],
    ['not there', []],
  ])('the only one with a virtual address %s: this router can serve nobody', (_, cards) => {
    expect(judge([eth5], ...routers, ...cards)).toEqual([0, 'the link of eth5 is down']);
  });

  test('one of two makes this router the worse one, which serves the other; so does that of the NAT router', () => {
    const [good5, bad6] = [card('eth5', undefined), card('eth6', undefined, down)];
    expect(judge([eth5, eth6], ...routers, good5, bad6)).toEqual([1, 'the link of eth6 is down']);
    expect(judge([eth5, eth7], ...routers, good5)).toEqual([1, 'the link of eth7 is down']);
  });

  test('one that carries a heartbeat address, too, is told once', () => {
    const eth0 = { device: 'eth0', serves: true };
    const lost = [card('eth0', publicOwn, down), card('eth1', privateOwn, down)];
    expect(judge([eth0, { device: 'eth1', serves: false }], ...lost)).toEqual([
      ...[0, 'the public link is down, the private link is down'],
    ]);
  });

  test('a file without one of them forgets it', () => {
    const interfaces = decodeInterfaces(JSON.stringify(routers));
    if (!interfaces.ok) throw new Error(interfaces.error);
    const links = (...carriers: readonly Carrier[]) => linksOf(interfaces.value, { channels, carriers });
    const lost = [0, 20].reduce((state, at) => watchLinks(state, links(eth5), instant(at), deadtime), firstLinkClass);
    expect(lost.class).toBe(0);
    expect(watchLinks(lost, links(), instant(30), deadtime)).toEqual(firstLinkClass);
  });

  test('a link that is up again is not called down while it has to prove itself', () => {
    const back = after([0, 'down', 'up'], [20, 'down', 'up'], [1000, 'up', 'up']);
    expect(brokenLinks(back)).toBe('the public link is up again, but not for deadtime yet');
  });
});

/** One thing that happens after `pause` ms: a reading, or the clock. */
type Happening = { readonly pause: number; readonly links: Links | 'clock' };

const linkState = fc.constantFrom<LinkState>('up', 'down');

/** Two devices with virtual addresses, and one with that of the NAT router alone. */
const carriersOf = (...[one, other, inside]: readonly [LinkState, LinkState, LinkState]): Links['carriers'] => [
  { device: 'eth5', serves: true, network: undefined, state: one },
  { device: 'eth6', serves: true, network: undefined, state: other },
  { device: 'eth7', serves: false, network: undefined, state: inside },
];
const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    pause: fc.oneof(fc.nat(300), fc.nat(4000)),
    links: fc.oneof(
      fc.record({
        public: linkState,
        private: fc.oneof({ weight: 4, arbitrary: linkState }, fc.constant(undefined)),
        carriers: fc.tuple(linkState, linkState, linkState).map((states) => carriersOf(...states)),
      }),
      fc.constant('clock' as const),
    ),
  }),
  { maxLength: 60 },
);

const isDown = ({ type }: LinkClass['public']): boolean => type === 'down' || type === 'returning';

/** What happened, with the states before and after it. */
function history(events: readonly Happening[]) {
  let at = 0;
  let state = firstLinkClass;
  return events.map(({ pause, links }) => {
    at += pause;
    const before = state;
    const now: Instant = instant(at);
    state = links === 'clock' ? passLinks(state, now) : watchLinks(state, links, now, deadtime);
    return { at, links, before, after: state };
  });
}

describe('whatever is read', () => {
  test('a link that counts as down rises no sooner than deadtime after it was last read as down', () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const seen = history(events);
        for (const [index, { at, before, after: now }] of seen.entries()) {
          if (!isDown(before.public) || isDown(now.public)) continue;
          const lastDown = seen
            .slice(0, index + 1)
            .findLast(({ links }) => links !== 'clock' && links.public === 'down');
          expect(at - (lastDown?.at ?? Infinity)).toBeGreaterThanOrEqual(deadtime);
        }
      }),
    );
  });

  test('the class is 0 just when the public link or those of all virtual addresses count as down, 1 when any other does', () => {
    fc.assert(
      fc.property(happenings, (events) => {
        for (const { after: now } of history(events)) {
          const [one, other] = now.carriers.map(({ link }) => isDown(link));
          const none = isDown(now.public) || (one === true && other === true);
          expect(now.class === 0).toBe(none);
          const any = isDown(now.private) || now.carriers.some(({ link }) => isDown(link));
          expect(now.class === 1).toBe(!none && any);
          expect(brokenLinks(now) === undefined).toBe(now.class === 2);
        }
      }),
    );
  });

  test('two readings of down in a row end in class 0, and no deadline is left behind that has passed', () => {
    fc.assert(
      fc.property(happenings, (events) => {
        for (const { at, links, before, after: now } of history(events)) {
          const readTwice = links !== 'clock' && links.public === 'down' && before.public.type === 'suspected';
          expect(readTwice && now.class !== 0).toBe(false);
          expect(nextLinkDeadline(passLinks(now, instant(at)))).toBeGreaterThan(at);
        }
      }),
    );
  });

  test('the two links do not know of each other', () => {
    fc.assert(
      fc.property(happenings, (events) => {
        const alone = events.map((event) =>
          event.links === 'clock' ? event : { ...event, links: { ...event.links, private: 'up' as const } },
        );
        expect(history(events).map((each) => each.after.public)).toEqual(
          history(alone).map((each) => each.after.public),
        );
      }),
    );
  });
});
