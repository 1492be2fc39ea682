// Whether the cables of our heartbeat addresses carry frames, and what that makes of this router (pair.md §1). Pure.
import type { Instant, IpAddress, Millis } from '@piranha/domain';
import { after, earliest, instant, milliseconds, never } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Channel, ChannelName } from './state.ts';

export type LinkState = 'up' | 'down';

/** What `ip` says of the interfaces that carry our heartbeat addresses; `private` only where there is such a channel. */
export type Links = { readonly public: LinkState; readonly private: LinkState | undefined };

/** One link as it is taken to be, which is not always as it was last read. */
type WatchedLink =
  /** Up. Before `doubtedUntil` one reading is enough to take it down: it was read as down a short while ago. */
  | { readonly type: 'up'; readonly doubtedUntil: Instant }
  /** Up, but the last reading says down: the next one decides, or this one when none comes until `judgeAt`. */
  | { readonly type: 'suspected'; readonly judgeAt: Instant }
  | { readonly type: 'down' }
  /** Down, but every reading since some time says up. */
  | { readonly type: 'returning'; readonly upAt: Instant };

/** What the links make of this router: 2 good, 1 a private link is down, 0 the public one is. */
export type LinkClass = {
  readonly class: 0 | 1 | 2;
  readonly public: WatchedLink;
  readonly private: WatchedLink;
};

/** A reading is repeated at once when it has changed; with no second one in this time the first one counts. */
const checkLimit = milliseconds(250);

const trusted: WatchedLink = { type: 'up', doubtedUntil: instant(-Infinity) };

/** Before anything was read: links are taken to be good. */
export const firstLinkClass: LinkClass = { class: 2, public: trusted, private: trusted };

/**
 * Reads the links off the machine's interfaces. An address that is on no interface has lost its link: the interface was
 * deleted and took the address along, or somebody deleted the address, and then nothing reaches us on it either.
 * A network without a channel has no link that could be down.
 */
export function linksOf(interfaces: readonly Interface[], channels: readonly Channel[]): Links {
  const read = (name: ChannelName): LinkState | undefined => {
    const channel = channels.find((each) => each.name === name);
    return channel === undefined ? undefined : linkOf(interfaces, channel.own);
  };
  return { public: read('public') ?? 'up', private: read('private') };
}

/** On several interfaces one good link is enough. */
function linkOf(interfaces: readonly Interface[], own: IpAddress): LinkState {
  const carriers = interfaces.filter((device) => device.addresses.some((entry) => entry.address === own));
  return carriers.some((device) => device.running) ? 'up' : 'down';
}

/** Takes a reading in. Down counts when it is read twice; up when nothing else was read for `deadtime`. */
export function watchLinks(before: LinkClass, seen: Links, at: Instant, deadtime: Millis): LinkClass {
  const privateLink = seen.private === undefined ? trusted : onReading(before.private, seen.private, at, deadtime);
  return classified(onReading(before.public, seen.public, at, deadtime), privateLink);
}

/** Lets time pass: the last reading still stands. */
export const passLinks = (before: LinkClass, at: Instant): LinkClass =>
  classified(onTime(before.public, at), onTime(before.private, at));

/** When `passLinks` will make a difference. */
export const nextLinkDeadline = (state: LinkClass): Instant =>
  earliest(linkDeadline(state.public), linkDeadline(state.private));

const classified = (publicLink: WatchedLink, privateLink: WatchedLink): LinkClass => ({
  class: isDown(publicLink) ? 0 : isDown(privateLink) ? 1 : 2,
  public: publicLink,
  private: privateLink,
});

/** What `class` is once every link that is up again has proved itself. */
export const classWhenProved = (state: LinkClass): 0 | 1 | 2 =>
  state.public.type === 'down' ? 0 : state.private.type === 'down' ? 1 : 2;

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
