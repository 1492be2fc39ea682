import { describe, expect, test } from '@jest/globals';
import type { Instant, IpAddress } from '@piranha/domain';
import { instant, never, seconds } from '@piranha/domain';
import { decodeInterfaces } from '@piranha/protocol';
import fc from 'fast-check';
import type { LinkClass, Links, LinkState } from './links.ts';
import { firstLinkClass, linksOf, nextLinkDeadline, passLinks, watchLinks } from './links.ts';
import type { Channel } from './state.ts';

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
  return linksOf(interfaces.value, channels);
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
    expect(links).toEqual({ public: expected, private: 'up' });
  });

  test('is down when the interface was deleted, or the address alone', () => {
    expect(read(card('eth0', publicOwn))).toEqual({ public: 'up', private: 'down' });
    expect(read(card('eth0', undefined), card('eth1', privateOwn))).toEqual({ public: 'down', private: 'up' });
  });

  test('is up when the address stands on several interfaces of which one is good', () => {
    const links = read(card('eth0', publicOwn, ['UP']), card('lo', publicOwn), card('eth1', privateOwn, ['UP']));
    expect(links).toEqual({ public: 'up', private: 'down' });
  });

  test('is not read where there is no channel', () => {
    const interfaces = decodeInterfaces('[]');
    if (!interfaces.ok) throw new Error(interfaces.error);
    expect(linksOf(interfaces.value, channels.slice(0, 1))).toEqual({ public: 'down', private: undefined });
    expect(linksOf(interfaces.value, [])).toEqual({ public: 'up', private: undefined });
  });
});

const deadtime = seconds(3);

/** Readings at given milliseconds, one after the other. */
const after = (...readings: readonly (readonly [number, LinkState, LinkState | undefined])[]): LinkClass =>
  readings.reduce(
    (state, [at, onPublic, onPrivate]) =>
      watchLinks(state, { public: onPublic, private: onPrivate }, instant(at), deadtime),
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
    const down: Links = { public: 'down', private: 'up' };
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

/** One thing that happens after `pause` ms: a reading, or the clock. */
type Happening = { readonly pause: number; readonly links: Links | 'clock' };

const linkState = fc.constantFrom<LinkState>('up', 'down');
const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    pause: fc.oneof(fc.nat(300), fc.nat(4000)),
    links: fc.oneof(
      fc.record({ public: linkState, private: fc.oneof({ weight: 4, arbitrary: linkState }, fc.constant(undefined)) }),
      fc.constant('clock' as const),
    ),
  }),
  { maxLength: 60 },
);

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
          if (!(before.class === 0 && now.class > 0)) continue;
          const lastDown = seen
            .slice(0, index + 1)
            .findLast(({ links }) => links !== 'clock' && links.public === 'down');
          expect(at - (lastDown?.at ?? Infinity)).toBeGreaterThanOrEqual(deadtime);
        }
      }),
    );
  });

  test('the class is 0 just when the public link counts as down, 1 just when the private one alone does', () => {
    const isDown = (type: string): boolean => type === 'down' || type === 'returning';
    fc.assert(
      fc.property(happenings, (events) => {
        for (const { after: now } of history(events)) {
          expect(now.class === 0).toBe(isDown(now.public.type));
          expect(now.class === 1).toBe(!isDown(now.public.type) && isDown(now.private.type));
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
