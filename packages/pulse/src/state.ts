// What pulse knows, what happens to it, and what it orders.
import type { Configuration } from '@piranha/config';
import type { FloatingAddress, Instant, IpAddress, Millis } from '@piranha/domain';
import { never } from '@piranha/domain';
import type { HeartbeatWord, Timers, Trailer } from '@piranha/protocol';
import type { Doubt } from './news.ts';
import type { AuthMode, Carrier, Channel, ChannelName, Foreign, LinkClass, Notes, Reception } from './state-parts.ts';

/** What the rules of the pair need to know of the configuration. */
export type PulseSettings = {
  readonly role: 'primary' | 'backup';
  /** Whether there is another router at all. */
  readonly hasPartner: boolean;
  /** Public first; none without a partner. */
  readonly channels: readonly Channel[];
  readonly keepalive: Millis;
  readonly deadtime: Millis;
  /** Whether lvs checks and keeps its table while this router is inactive. */
  readonly hotStandby: boolean;
  /** How long a takeover waits for lvs to say that the table is ready before the addresses go up all the same. */
  readonly readyLimit: Millis;
  /** Names the configuration; lvs has to answer with the same. */
  readonly digest: string;
  /** What signatures are worth. */
  readonly auth: AuthMode;
  readonly failback: 'manual' | 'auto';
  /** For how long all has to be well before the primary asks for the service. */
  readonly failbackDelay: Millis;
  /** Whether the links under the heartbeat's and the floating addresses count. */
  readonly monitorLinks: boolean;
  /** The devices that floating addresses stand on, each once. */
  readonly carriers: readonly Carrier[];
  /** All floating addresses, NAT router address included, each once. */
  readonly addresses: readonly FloatingAddress[];
  /** Pause between announcements of addresses that stand; 0 for none. */
  readonly arpRefresh: Millis;
  /** The kernel's connection synchronisation; undefined for off. */
  readonly syncDaemon: Configuration['syncDaemon'];
  /** How long the kernel keeps an established TCP connection without packets. */
  readonly connectionLife: Millis;
};

/**
 * The partner may have another file than this router: until it is known to have the same, the settings' timers are the
 * shorter keepalive and the longer deadtime of all files since it had.
 */
type Unshared = {
  /** Those of the file. */
  readonly file: Timers;
  /** The shortest deadtime of all files since. */
  readonly shortest: Millis;
  /** From then on the file's count, where the partner is an original. */
  readonly at: Instant;
};

/** Timers that outlive pulse: what it had in force. */
export type KeptTimers = Timers & { readonly shortest: Millis };

/** Addresses of a reload that are not up yet: all that are `expected`, and those that wait for lvs until `raiseAt`. */
type Newcomers = {
  readonly expected: readonly IpAddress[];
  readonly waiting: readonly IpAddress[];
  readonly raiseAt: Instant;
};

export const noNewcomers: Newcomers = { expected: [], waiting: [], raiseAt: never };

/**
 * Where this router stands. `taking-over`: announced as active, the addresses not up yet; it waits for lvs until
 * `raiseAt`, after that (`no-longer`) only for a table that is usable at all, then for `ip`. `yielding`: the addresses are
 * on their way down and nothing is sent; `given` is a hand-over to the partner. `ending`: waiting for lvs, then the
 * process ends.
 */
type Phase =
  | { readonly type: 'inactive' }
  | {
      readonly type: 'taking-over';
      readonly raiseAt: Instant;
      readonly wait: 'for-lvs' | 'no-longer' | 'for-addresses';
    }
  | { readonly type: 'active' }
  | {
      readonly type: 'yielding';
      readonly then: 'inactive' | 'given' | 'ending';
      readonly tries: number;
      readonly retryAt: Instant;
    }
  | { readonly type: 'ending' };

/** What was heard of the other router. */
export type Partner = {
  /** Whether it is one of ours or an original; unknown until it was heard, and after a file with another partner. */
  readonly kind: 'unknown' | 'pair' | 'original';
  /** What it says of itself; `nothing` after deadtime without a word. */
  readonly said: 'running' | 'stopped' | 'nothing';
  /** The last datagram of one of ours whose state counted; undefined again after deadtime without a word. */
  readonly trailer: Trailer | undefined;
  /** Since when it says that it is inactive; undefined while it does not. */
  readonly inactiveSince: Instant | undefined;
  /** The last word on each channel and when it came. */
  readonly lastWords: Readonly<Partial<Record<ChannelName, { readonly word: HeartbeatWord; readonly at: Instant }>>>;
  /** When each channel of an original last said RUNNING; `never` where it has said STOPPED since. */
  readonly runningOn: Readonly<Partial<Record<ChannelName, Instant>>>;
  readonly heardAt: Instant | undefined;
  /** Silence until then means that it is dead. */
  readonly deadAt: Instant;
  /** The digests for which a difference was logged last. */
  readonly otherFile: string | undefined;
  /** In its table, active and inactive, as its last note said; undefined for unknown. */
  readonly connections: number | undefined;
  /** Floating addresses for which it answers though it is inactive, as its last note said. */
  readonly foreign: readonly IpAddress[];
};

/** What this router says of itself, and what it has promised (docs/pair.md). */
type Own = {
  /** Random at start, kept for the life of pulse; names us in front of our partner. */
  readonly session: bigint;
  /** Of the last datagram. */
  readonly sequence: bigint;
  readonly term: number;
  /** The highest term ever heard. */
  readonly highestTerm: number;
  /** The operator placed the service: no automatic failback. */
  readonly held: boolean;
  /** Started with --forceactive, and the partner not met since: once it may outbid it. */
  readonly forced: boolean;
  readonly leaving: boolean;
  /** Asks for the service until then. */
  readonly want: { readonly by: 'failback' | 'operator'; readonly until: Instant } | undefined;
  /** After a hand-over: no election by us until then; `never` where nothing was given. */
  readonly waitUntil: Instant;
  readonly gaveAt: Instant;
  /** Known living real servers; undefined for unknown. */
  readonly living: number | undefined;
  /** In this router's table, active and inactive; undefined for unknown. */
  readonly connections: number | undefined;
  /** Since when the partner says that it hears nothing, though it knows our session; undefined where it does not say so. */
  readonly unheardSince: Instant | undefined;
  /** The last datagrams that were sent as an answer to a conflict, to bound them. */
  readonly answeredAt: readonly Instant[];
  /** When the last heartbeat was sent; undefined before the first. While none can be sent it stays that of the last one that could. */
  readonly spokenAt: Instant | undefined;
  /** When the one before it was sent. */
  readonly spokenBefore: Instant | undefined;
  /** No heartbeat can be sent on any network, and the partner was heard when that began: it takes over. */
  readonly muted: boolean;
};

/** Both routers were active when we last heard the partner. */
type Conflict = {
  /** When the partner last said so. */
  readonly heardAt: Instant;
  /** Whether our term was raised in it: once is enough. */
  readonly raised: boolean;
  /** When the partner was first active without hearing us; undefined while it hears us. */
  readonly deafSince: Instant | undefined;
  readonly since: Instant;
  /** Whether our addresses were announced because of it. */
  readonly announced: boolean;
  /** Whether the administrator was told of a partner that stays active although we send. */
  readonly alarmed: boolean;
};

/** The first word of a conflict came. */
export const newConflict = (at: Instant): Conflict => ({
  ...{ heardAt: at, since: at, raised: false, deafSince: undefined, announced: false, alarmed: false },
});

/** Since when without a break; undefined where it is not so. */
type Since = {
  /** The partner would serve better. */
  readonly betterPartner: Instant | undefined;
  /** It is of a higher class than our links allow. */
  readonly betterLinks: Instant | undefined;
  /** The partner asks for the service and may have it. */
  readonly wantedBack: Instant | undefined;
  /** All is well for a failback to us. */
  readonly failback: Instant | undefined;
};

/** How the balancer under us is doing. */
type Balancer = {
  readonly running: boolean;
  /** What lvs last said of the kernel's table: whether it can balance at all. */
  readonly table: 'unknown' | 'usable' | 'unusable';
  /** It takes the addresses down by itself, or has done so, and does not stand by yet. */
  readonly fenced: boolean;
  /** Configurations that it was handed and has not answered yet. */
  readonly unanswered: number;
  readonly startedAt: Instant;
  /** When it gave the last sign of life; undefined before the first. */
  readonly heardAt: Instant | undefined;
  /** Its silence counts from then on: the last sign of life, its start, or the end of a sleep of our own. */
  readonly silentSince: Instant;
  /** It gave no sign of life and was killed; its end has not come yet. */
  readonly hangs: boolean;
  /** Ends since the last quiet time. */
  readonly failures: number;
  readonly restartAt: Instant;
  /** When it failed for good, undefined where it did not; class 0 until it is forgiven. */
  readonly brokenAt: Instant | undefined;
  /** How often that happened: each time it is forgiven later. */
  readonly breakdowns: number;
  /** When the last heartbeat went out, as it was last told; undefined before the first. */
  readonly toldSpokenAt: Instant | undefined;
  /** When it is told our role next: no word for a while, and it fences itself. */
  readonly tickAt: Instant;
};

/** Why the kernel's sync daemons could not be made to run, and when that is tried again. */
type Sync = { readonly problem: string | undefined; readonly retryAt: Instant };

/** When it last came, and whether that was logged. */
type Unbelieved = { readonly heardAt: Instant; readonly why: Doubt; readonly told: boolean };

/** The whole of what pulse knows. */
export type PulseState = {
  readonly settings: PulseSettings;
  readonly phase: Phase;
  /** When this phase began. */
  readonly phaseSince: Instant;
  /** When the last event came: rules that were due then and did not act wait for something else. */
  readonly seenAt: Instant;
  readonly own: Own;
  readonly reception: Reception;
  readonly partner: Partner;
  readonly conflict: Conflict | undefined;
  readonly since: Since;
  readonly links: LinkClass;
  readonly balancer: Balancer;
  readonly sendAt: Instant;
  /** Gratuitous ARPs still to come, soonest first. */
  readonly announceAt: readonly Instant[];
  /** When addresses that stand are announced once more; counts on an active router only. */
  readonly refreshAt: Instant;
  /** None before that: we may have slept while another took over. */
  readonly announceHeldUntil: Instant;
  /** After a sleep: until then datagrams are read that have waited, and tell of the past. */
  readonly unreadUntil: Instant;
  /** Why addresses could not be brought up, so that it is logged once. */
  readonly addressProblem: string | undefined;
  /** Undefined while the partner is taken to have our timers. */
  readonly unshared: Unshared | undefined;
  readonly newcomers: Newcomers;
  readonly sync: Sync;
  /** The partner's address is heard, and not believed; undefined once it was. */
  readonly unbelieved: Unbelieved | undefined;
  readonly notes: Notes;
  readonly foreign: Foreign;
};
