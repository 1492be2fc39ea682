// Whether the cables of what pulse has to reach and to be reached by carry frames, and what that makes of this router
// (docs/pair.md, "What a router says of itself"). Pure.
import type { Instant, IpAddress, Millis } from '@piranha/domain';
import { after, earliest, instant, milliseconds, never } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type {
  AllLinks,
  CarrierLink,
  Channel,
  ChannelName,
  LinkClass,
  LinkState,
  Links,
  WatchedLink,
  WatchedPlaces,
} from '../state-parts.ts';

/** A reading is repeated at once when it has changed; with no second one in this time the first one counts. */
const checkLimit = milliseconds(250);

const trusted: WatchedLink = { type: 'up', doubtedUntil: instant(-Infinity) };

/** Before anything was read: links are taken to be good. */
export const firstLinkClass: LinkClass = { class: 2, public: trusted, private: trusted, carriers: [] };

/**
 * Reads the links off the machine's interfaces. An address that is on no interface has lost its link: the interface was
 * deleted and took the address along, or somebody deleted the address, and then nothing reaches us on it either.
 * A network without a channel has no link that could be down. A floating address needs its device, whether it is up or not.
 */
export function linksOf(interfaces: readonly Interface[], { channels, carriers }: WatchedPlaces): Links {
  const read = (name: ChannelName): LinkState | undefined => {
    const channel = channels.find((each) => each.name === name);
    return channel === undefined ? undefined : linkOf(interfaces, channel.own);
  };
  return {
    public: read('public') ?? 'up',
    private: read('private'),
    carriers: carriers.map((each) => ({ ...each, ...deviceLink(interfaces, each.device, channels) })),
  };
}

function deviceLink(interfaces: readonly Interface[], name: string, channels: readonly Channel[]) {
  const device = interfaces.find((each) => each.name === name);
  const here = new Set(device?.addresses.map(({ address }) => address));
  const state: LinkState = device?.running === true ? 'up' : 'down';
  return { state, network: channels.find(({ own }) => here.has(own))?.name };
}

/** On several interfaces one good link is enough. */
function linkOf(interfaces: readonly Interface[], own: IpAddress): LinkState {
  const carriers = interfaces.filter((device) => device.addresses.some((entry) => entry.address === own));
  return carriers.some((device) => device.running) ? 'up' : 'down';
}

/** Takes a reading in. Down counts when it is read twice; up when nothing else was read for `deadtime`. */
export function watchLinks(before: LinkClass, seen: Links, at: Instant, deadtime: Millis): LinkClass {
  const known = new Map(before.carriers.map(({ device, link }) => [device, link]));
  return classified({
    public: onReading(before.public, seen.public, at, deadtime),
    private: seen.private === undefined ? trusted : onReading(before.private, seen.private, at, deadtime),
    carriers: seen.carriers.map(({ device, serves, network, state }) => ({
      ...{ device, serves, network },
      link: onReading(known.get(device) ?? trusted, state, at, deadtime),
    })),
  });
}

/** Lets time pass: the last reading still stands. */
export const passLinks = (before: LinkClass, at: Instant): LinkClass =>
  classified({
    public: onTime(before.public, at),
    private: onTime(before.private, at),
    carriers: before.carriers.map((each) => ({ ...each, link: onTime(each.link, at) })),
  });

/** When `passLinks` will make a difference. */
export const nextLinkDeadline = (state: LinkClass): Instant =>
  earliest(
    linkDeadline(state.public),
    linkDeadline(state.private),
    ...state.carriers.map(({ link }) => linkDeadline(link)),
  );

const classified = (links: AllLinks): LinkClass => ({ ...links, class: classOf(links, isDown) });

/** What `class` is once every link that is up again has proved itself. */
export const classWhenProved = (links: LinkClass): 0 | 1 | 2 => classOf(links, ({ type }) => type === 'down');

/** With some of several virtual addresses out of reach a router still serves: it is the worse one, but better than none. */
function classOf(links: AllLinks, lost: (link: WatchedLink) => boolean): 0 | 1 | 2 {
  const serving = links.carriers.filter(({ serves }) => serves);
  const servesNothing = serving.length > 0 && serving.every(({ link }) => lost(link));
  if (lost(links.public) || servesNothing) return 0;
  return lost(links.private) || links.carriers.some(({ link }) => lost(link)) ? 1 : 2;
}

/** In words which links do not count as up, each cable once; undefined where all do. */
export function brokenLinks({ public: publicLink, private: privateLink, carriers }: LinkClass): string | undefined {
  const [lostPublic, lostPrivate] = [isDown(publicLink), isDown(privateLink)];
  const isTold = ({ network }: CarrierLink): boolean =>
    network === 'public' ? lostPublic : network !== undefined && lostPrivate;
  const broken = [
    ...(lostPublic ? [`the public link ${stateOf(publicLink)}`] : []),
    ...(lostPrivate ? [`the private link ${stateOf(privateLink)}`] : []),
    ...carriers
      .filter((each) => isDown(each.link) && !isTold(each))
      .map(({ device, link }) => `the link of ${device} ${stateOf(link)}`),
  ];
  return broken.length === 0 ? undefined : broken.join(', ');
}

const stateOf = ({ type }: WatchedLink): string =>
  type === 'returning' ? 'is up again, but not for deadtime yet' : 'is down';

const isDown = ({ type }: WatchedLink): boolean => type === 'down' || type === 'returning';

const onReading = (link: WatchedLink, seen: LinkState, at: Instant, deadtime: Millis): WatchedLink =>
  seen === 'up' ? onUp(link, at, deadtime) : onDown(link, at);

function onUp(link: WatchedLink, at: Instant, deadtime: Millis): WatchedLink {
  switch (link.type) {
    case 'up':
      return link;
    case 'suspected':
      // One false alarm is forgiven, a link that comes and goes is not.
      return { type: 'up', doubtedUntil: after(at, deadtime) };
    case 'down':
      return { type: 'returning', upAt: after(at, deadtime) };
    case 'returning':
      return onTime(link, at);
  }
}

function onDown(link: WatchedLink, at: Instant): WatchedLink {
  if (link.type !== 'up') return { type: 'down' };
  return at < link.doubtedUntil ? { type: 'down' } : { type: 'suspected', judgeAt: after(at, checkLimit) };
}

function onTime(link: WatchedLink, at: Instant): WatchedLink {
  if (link.type === 'suspected' && at >= link.judgeAt) return { type: 'down' };
  if (link.type === 'returning' && at >= link.upAt) return trusted;
  return link;
}

function linkDeadline(link: WatchedLink): Instant {
  if (link.type === 'suspected') return link.judgeAt;
  return link.type === 'returning' ? link.upAt : never;
}
