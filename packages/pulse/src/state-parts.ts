// The parts of what pulse knows, each beside the rules that it is of.
import type { ForeignAddress, Instant, IpAddress } from '@piranha/domain';
import type { LvsMessage, SharedOrder } from '@piranha/protocol';
import type { AddressNews } from './news.ts';
import type { Candidates } from './rules/candidates.ts';

/** The networks that carry heartbeats. */
export type ChannelName = 'public' | 'private';

/** One way to the partner: our end and its end. */
export type Channel = { readonly name: ChannelName; readonly own: IpAddress; readonly partner: IpAddress };

/** What is asked of signatures. */
export type AuthMode = 'off' | 'accept' | 'require';

/** Why a datagram changes nothing. */
export type Refusal =
  | 'unsigned'
  | 'wrong-signature'
  | 'retired-session'
  | 'unproved-session'
  | 'old-sequence'
  | 'bare-beside-trailer'
  | 'bare-under-require'
  | 'own-session';

/** What is remembered of the datagrams so far. */
export type Reception = {
  /** The partner's session that counts; 0n for none. */
  readonly session: bigint;
  /** Whether that session has said ours under a valid signature: then it is no recording. */
  readonly proved: boolean;
  /** Sessions that were replaced, oldest first. */
  readonly retired: ReadonlySet<bigint>;
  /** The highest sequence of the session, when it came, and the highest one of each channel. */
  readonly newest: bigint;
  readonly newestAt: Instant | undefined;
  readonly newestOn: Readonly<Partial<Record<ChannelName, bigint>>>;
  /** When a datagram with a trailer was last accepted. */
  readonly trailerAt: Instant | undefined;
  readonly candidates: Candidates;
  /** Whether it has said, and was believed, that all it sends has the full time to live. */
  readonly near: boolean;
  readonly refused: Readonly<Record<Refusal, number>>;
  /** Accepted under `accept`, and to be refused under `require`. */
  readonly tolerated: Readonly<Record<'unsigned' | 'wrong-signature', number>>;
};

export type LinkState = 'up' | 'down';

/** A device that floating addresses stand on; `serves`: a virtual address is among them, not only that of the NAT router. */
export type Carrier = { readonly device: string; readonly serves: boolean };

/** Whose links are watched: those of our ends of the heartbeat's ways, and of the devices of floating addresses. */
export type WatchedPlaces = { readonly channels: readonly Channel[]; readonly carriers: readonly Carrier[] };

/** What `ip` says of the interfaces that carry our heartbeat addresses, `private` only where there is such a channel, and of others. */
export type Links = {
  readonly public: LinkState;
  readonly private: LinkState | undefined;
  readonly carriers: readonly (CarrierPlace & { readonly state: LinkState })[];
};

/** `network`: its device has our heartbeat address there, too. */
type CarrierPlace = Carrier & { readonly network: ChannelName | undefined };

/** One link as it is taken to be, which is not always as it was last read. */
export type WatchedLink =
  /** Up. Before `doubtedUntil` one reading is enough to take it down: it was read as down a short while ago. */
  | { readonly type: 'up'; readonly doubtedUntil: Instant }
  /** Up, but the last reading says down: the next one decides, or this one when none comes until `judgeAt`. */
  | { readonly type: 'suspected'; readonly judgeAt: Instant }
  | { readonly type: 'down' }
  /** Down, but every reading since some time says up. */
  | { readonly type: 'returning'; readonly upAt: Instant };

export type CarrierLink = CarrierPlace & { readonly link: WatchedLink };

/** All links as they are taken to be. */
export type AllLinks = {
  readonly public: WatchedLink;
  readonly private: WatchedLink;
  readonly carriers: readonly CarrierLink[];
};

/**
 * What the links make of this router: 0 the public one is down, or those of all virtual addresses are; 1 the private one is,
 * or that of some floating address; 2 good.
 */
export type LinkClass = AllLinks & { readonly class: 0 | 1 | 2 };

/** An order, and when it was told with its durations. */
export type Told = { readonly order: SharedOrder; readonly at: Instant };

/** What was said in notes, and what is to be. */
export type Notes = {
  /** All that lvs has told, the latest orders first. */
  readonly own: readonly Told[];
  /** The order with which the next note begins: those that do not fit come in the ones after it. */
  readonly next: number;
  /** Of the last note. */
  readonly sequence: bigint;
  readonly sentAt: Instant;
  readonly dueAt: Instant;
  /** The partner's session; what follows is of it. */
  readonly session: bigint;
  /** The highest sequence of its notes. */
  readonly newest: bigint;
  readonly theirs: ReadonlyMap<string, Told>;
};

/** What stands here though pulse has not raised it, and what of it was said. */
export type Foreign = { readonly here: readonly ForeignAddress[]; readonly told: readonly AddressNews[] };

/** A message that answers a question. */
export type LvsAnswer = Extract<LvsMessage, { readonly type: 'report' | 'server-ordered' }>;
