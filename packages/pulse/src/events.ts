// What happens to pulse, and what it orders.
import type { Ending, FloatingAddress, ForeignAddress, Instant, IpAddress } from '@piranha/domain';
import type { Datagram, LvsMessage, Note, SharedOrder, SignedNote, Timers, Trailer } from '@piranha/protocol';
import type { Misplaced, PairNews } from './news.ts';
import type { KeptTimers, PulseSettings } from './state.ts';
import type { ChannelName, Links, LvsAnswer } from './state-parts.ts';

/** What lvs says on its own; answers to questions decide nothing. */
export type LvsNews = Exclude<LvsMessage, LvsAnswer>;

/** What an earlier pulse has left. */
export type AdoptedLvs = {
  /** Whether lvs lives on; else only the kernel's table and addresses are left. */
  readonly lives: boolean;
  /** Whether this router owns the service: lvs is active, and has not fenced itself. */
  readonly serves: boolean;
  /** Whether lvs takes the addresses down by itself, or has done so and does not stand by yet. */
  readonly fenced: boolean;
  readonly term: number;
  readonly held: boolean;
};

/** Everything that can happen to pulse. `at` is the monotonic time at which it was noticed. */
export type PulseEvent =
  /** `adopted`: what an earlier pulse has left, where that is still worth anything. */
  | {
      readonly type: 'started';
      readonly at: Instant;
      readonly force: boolean;
      readonly adopted: AdoptedLvs | undefined;
      /** The timers that the pulse before had in force; undefined where none was since the machine was switched on. */
      readonly timers: KeptTimers | undefined;
    }
  | { readonly type: 'clock'; readonly at: Instant }
  | {
      readonly type: 'datagram';
      readonly at: Instant;
      readonly channel: ChannelName;
      readonly datagram: Datagram;
    }
  | ({ readonly type: 'note'; readonly at: Instant } & SignedNote)
  | { readonly type: 'misplaced'; readonly at: Instant; readonly why: Misplaced }
  /** The kernel takes no heartbeat of ours on any network, or does again. */
  | { readonly type: 'voice'; readonly at: Instant; readonly sends: boolean }
  | { readonly type: 'links'; readonly at: Instant; readonly links: Links }
  | { readonly type: 'switch'; readonly at: Instant; readonly force: boolean }
  | { readonly type: 'lvs-said'; readonly at: Instant; readonly message: LvsNews }
  | { readonly type: 'lvs-ended'; readonly at: Instant; readonly ending: Ending }
  | { readonly type: 'addresses-up'; readonly at: Instant; readonly added: readonly string[] }
  | { readonly type: 'addresses-not-up'; readonly at: Instant; readonly problem: string }
  | { readonly type: 'addresses-down'; readonly at: Instant }
  /** Announcements came to send_arp after their time, and were left out. */
  | { readonly type: 'announced-late'; readonly at: Instant }
  | { readonly type: 'addresses-not-down'; readonly at: Instant; readonly problem: string }
  /** What stands of the floating addresses: what pulse has raised though it is inactive, and what others have. */
  | {
      readonly type: 'addresses-seen';
      readonly at: Instant;
      readonly ours: readonly IpAddress[];
      readonly foreign: readonly ForeignAddress[];
    }
  | { readonly type: 'configured'; readonly at: Instant; readonly settings: PulseSettings }
  /** The sync daemons are as ordered, or in words why not. */
  | { readonly type: 'sync-daemons-set'; readonly at: Instant; readonly problem: string | undefined }
  | { readonly type: 'stop'; readonly at: Instant; readonly reason: string };

/** Everything pulse can order. */
export type PulseAction =
  | { readonly type: 'send'; readonly trailer: Trailer }
  | { readonly type: 'send-note'; readonly note: Note; readonly channel: ChannelName }
  | { readonly type: 'start-lvs' }
  | { readonly type: 'configure-lvs' }
  | {
      readonly type: 'tick-lvs';
      readonly spokenAt: Instant | undefined;
      readonly role: 'active' | 'standby';
      readonly term: number;
      readonly held: boolean;
      /** By which lvs lets go. */
      readonly timers: Timers;
    }
  | { readonly type: 'hand-orders'; readonly orders: readonly SharedOrder[] }
  | { readonly type: 'stop-lvs' }
  /** It hangs. */
  | { readonly type: 'kill-lvs' }
  /**
   * Not after `by`, if there is one: who has been asleep since it was ordered does not know any more who has them. For
   * `lease` seconds, or for good without.
   */
  | {
      readonly type: 'raise-addresses';
      readonly addresses: readonly FloatingAddress[];
      readonly lease: number | undefined;
      readonly by?: Instant;
    }
  /** What is `kept`, the file names on another device, and it is to be up there. */
  | {
      readonly type: 'lower-addresses';
      readonly addresses: readonly FloatingAddress[];
      readonly kept?: readonly FloatingAddress[];
    }
  /** Worth nothing after `until`: then this router may be no owner any more. */
  | { readonly type: 'announce'; readonly addresses: readonly FloatingAddress[]; readonly until: Instant }
  /** Ask whether another station has them; nothing waits for the answer. */
  | { readonly type: 'probe'; readonly addresses: readonly FloatingAddress[] }
  | { readonly type: 'sync-daemons'; readonly run: boolean }
  /** For a pulse that is started instead of this one. */
  | { readonly type: 'keep-timers'; readonly timers: KeptTimers }
  | { readonly type: 'run-command'; readonly which: 'active' | 'inactive' }
  | { readonly type: 'news'; readonly news: PairNews }
  | { readonly type: 'exit' };
