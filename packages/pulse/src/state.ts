// What pulse knows, what happens to it, and what it orders.
import type { Configuration } from '@piranha/config';
import type { Instant, IpAddress, Millis } from '@piranha/domain';
import { never } from '@piranha/domain';
import type { HeartbeatWord, LvsMessage } from '@piranha/protocol';
import type { Ending, FloatingAddress } from '@piranha/runtime';
import type { LvsAnswer } from './lvs-questions.ts';

/** The networks that carry heartbeats. */
export type ChannelName = 'public' | 'private';

/** One way to the partner: our end and its end. */
export type Channel = { readonly name: ChannelName; readonly own: IpAddress; readonly partner: IpAddress };

/** What the rules of the pair need to know of the configuration. */
export type PulseSettings = {
  readonly role: 'primary' | 'backup';
  /** Whether there is another router at all. */
  readonly hasPartner: boolean;
  /** Public first; none without a partner. */
  readonly channels: readonly Channel[];
  readonly keepalive: Millis;
  readonly deadtime: Millis;
  /** How long a takeover waits for lvs to say that the table is ready before the addresses go up all the same. */
  readonly readyLimit: Millis;
  /** Names the configuration; lvs has to answer with the same. */
  readonly digest: string;
  /** All floating addresses, NAT router address included, each once. */
  readonly addresses: readonly FloatingAddress[];
  /** The kernel's connection synchronisation; undefined for off. */
  readonly syncDaemon: Configuration['syncDaemon'];
};

/** Timers of a new file that count only when the partner has had time to read it, too. */
type LaterTimers = { readonly at: Instant; readonly keepalive: Millis; readonly deadtime: Millis };

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
 * on their way down and nothing is sent. `ending`: waiting for lvs, then the process ends.
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
      readonly then: 'inactive' | 'ending';
      readonly tries: number;
      readonly retryAt: Instant;
    }
  | { readonly type: 'ending' };

/** What was heard of the other router. */
type Partner = {
  readonly said: 'running' | 'stopped' | 'nothing';
  /** The last word on each channel and when it came. */
  readonly lastWords: Readonly<Partial<Record<ChannelName, { readonly word: HeartbeatWord; readonly at: Instant }>>>;
  /** When each channel last said RUNNING; `never` where it has said STOPPED since. */
  readonly runningOn: Readonly<Partial<Record<ChannelName, Instant>>>;
  readonly heardAt: Instant | undefined;
  /** Silence until then means that it is dead. */
  readonly deadAt: Instant;
  /** An inactive backup that hears an inactive primary takes over then; `never` while there is no such election. */
  readonly electAt: Instant;
};

/** How the balancer under us is doing. */
type Balancer = {
  readonly running: boolean;
  /** What lvs last said of the kernel's table: whether it can balance at all. */
  readonly table: 'unknown' | 'usable' | 'unusable';
  /** Configurations that it was handed and has not answered yet. */
  readonly unanswered: number;
  readonly startedAt: Instant;
  /** Ends since the last quiet time. */
  readonly failures: number;
  readonly restartAt: Instant;
  /** After a hand-over because of lvs this router does not take over before then. */
  readonly unfitUntil: Instant;
};

/** The whole of what pulse knows. */
export type PulseState = {
  readonly settings: PulseSettings;
  readonly phase: Phase;
  /** When this phase began. */
  readonly phaseSince: Instant;
  readonly partner: Partner;
  readonly balancer: Balancer;
  readonly sendAt: Instant;
  /** Gratuitous ARPs still to come, soonest first. */
  readonly announceAt: readonly Instant[];
  /** Why addresses could not be brought up, so that it is logged once. */
  readonly addressProblem: string | undefined;
  /** Both routers were active when we last heard the partner. */
  readonly conflict: boolean;
  readonly laterTimers: LaterTimers | undefined;
  readonly newcomers: Newcomers;
};

/** What lvs says on its own; answers to questions decide nothing. */
export type LvsNews = Exclude<LvsMessage, LvsAnswer>;

/** Everything that can happen to pulse. `at` is the monotonic time at which it was noticed. */
export type PulseEvent =
  | { readonly type: 'started'; readonly at: Instant; readonly force: boolean }
  | { readonly type: 'clock'; readonly at: Instant }
  | {
      readonly type: 'heartbeat';
      readonly at: Instant;
      readonly channel: ChannelName;
      readonly word: HeartbeatWord;
    }
  | { readonly type: 'lvs-said'; readonly at: Instant; readonly message: LvsNews }
  | { readonly type: 'lvs-ended'; readonly at: Instant; readonly ending: Ending }
  | { readonly type: 'addresses-up'; readonly at: Instant; readonly added: readonly string[] }
  | { readonly type: 'addresses-not-up'; readonly at: Instant; readonly problem: string }
  | { readonly type: 'addresses-down'; readonly at: Instant }
  | { readonly type: 'addresses-not-down'; readonly at: Instant; readonly problem: string }
  | { readonly type: 'configured'; readonly at: Instant; readonly settings: PulseSettings }
  | { readonly type: 'stop'; readonly at: Instant; readonly reason: string };

/** Everything pulse can order. */
export type PulseAction =
  | { readonly type: 'send'; readonly word: 'running' | 'stopped' }
  | { readonly type: 'start-lvs' }
  | { readonly type: 'configure-lvs' }
  | { readonly type: 'tell-lvs'; readonly role: 'active' | 'standby' }
  | { readonly type: 'stop-lvs' }
  | { readonly type: 'raise-addresses'; readonly addresses: readonly FloatingAddress[] }
  | { readonly type: 'lower-addresses'; readonly addresses: readonly FloatingAddress[] }
  | { readonly type: 'announce'; readonly addresses: readonly FloatingAddress[] }
  | { readonly type: 'sync-daemon'; readonly mode: 'master' | 'backup' | 'off' }
  | { readonly type: 'run-command'; readonly which: 'active' | 'inactive' }
  | { readonly type: 'log'; readonly level: 'error' | 'warning' | 'notice' | 'info'; readonly text: string }
  | { readonly type: 'exit' };
