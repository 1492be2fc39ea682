// What pulse has to say of what happened: data, of which rules/words.ts makes log lines.
import type { Millis } from '@piranha/domain';
import type { NodeClass } from '@piranha/protocol';
import type { FloatingAddress, ForeignAddress } from '@piranha/domain';

/** A router of the pair, by its role in the file. */
export type Side = 'primary' | 'backup';

/** Why what comes from the partner's address is not believed; `unproved`: well signed and active, but maybe a recording. */
export type Doubt = 'unproved' | 'unsigned' | 'wrong-signature' | 'bare-under-require' | Misplaced;

/** By which wrong way a datagram with the partner's address has come: another port, too many routers, another device. */
export type Misplaced = 'other-port' | 'far' | 'elsewhere';

/** Why something happened: the input or the news that caused it. */
type Because =
  /** What a program or the kernel said. */
  | { readonly type: 'problem'; readonly problem: string }
  | { readonly type: 'operator' }
  /** Pulse was started with --forceactive. */
  | { readonly type: 'forced' }
  | { readonly type: 'failback'; readonly lost: LostConnections | undefined }
  | { readonly type: 'partner-inactive'; readonly partner: Side }
  | { readonly type: 'partner-dead' }
  | { readonly type: 'no-partner' }
  | { readonly type: 'partner-active' }
  | { readonly type: 'partner-deaf' }
  | { readonly type: 'partner-asks' }
  | { readonly type: 'partner-fitter' }
  | { readonly type: 'cannot-balance' }
  | { readonly type: 'no-servers' }
  | { readonly type: 'fitter' }
  | { readonly type: 'recovered' }
  | { readonly type: 'lvs-unable'; readonly problem: string }
  | { readonly type: 'lvs-fenced' }
  | { readonly type: 'claim-over' }
  | { readonly type: 'links'; readonly broken: string | undefined }
  | { readonly type: 'stop'; readonly reason: string }
  /** How the process ended. */
  | { readonly type: 'ended'; readonly how: string }
  | { readonly type: 'silence'; readonly silent: Millis };

/** One of these causes. */
export type Why<T extends Because['type']> = Extract<Because, { readonly type: T }>;

/** Of the partner's connections this router knows so many. */
export type LostConnections = { readonly known: number | undefined; readonly of: number | undefined };

/** A datagram caused it; `proved`: nobody but the partner can have sent it. */
type Heard = { readonly proved: boolean };

/** Who serves. */
export type ServiceNews =
  | { readonly type: 'started'; readonly role: Side }
  | { readonly type: 'went-on'; readonly term: number }
  | {
      readonly type: 'took-over';
      readonly because: Why<'partner-inactive' | 'partner-dead' | 'no-partner' | 'forced'>;
    }
  | {
      readonly type: 'service-given';
      readonly to: Side;
      readonly because: Why<'operator' | 'partner-asks' | 'partner-fitter' | 'cannot-balance' | 'no-servers'>;
    }
  | {
      readonly type: 'service-left';
      readonly because: Why<'partner-active' | 'partner-deaf' | 'lvs-unable' | 'lvs-fenced' | 'claim-over' | 'stop'>;
    }
  | { readonly type: 'service-asked'; readonly of: Side; readonly because: Why<'operator' | 'failback'> }
  | { readonly type: 'switch-refused'; readonly because: Why<'problem'> }
  | { readonly type: 'stopping'; readonly because: Why<'stop'> };

/** lvs under us, and what this router is good for. */
export type HealthNews =
  | { readonly type: 'lvs-refused'; readonly because: Why<'problem'> }
  | { readonly type: 'lvs-differs' }
  | { readonly type: 'lvs-unable'; readonly because: Why<'problem'> }
  | { readonly type: 'lvs-fenced' }
  | { readonly type: 'lvs-ended'; readonly because: Why<'ended'> }
  | { readonly type: 'lvs-hangs'; readonly because: Why<'silence'> }
  | { readonly type: 'lvs-recovered' }
  /** The last heartbeat is too long ago. */
  | { readonly type: 'claim-over' }
  | { readonly type: 'mute' }
  | { readonly type: 'heard-again' }
  | { readonly type: 'links-better'; readonly because: Why<'links'> }
  | { readonly type: 'links-worse'; readonly class: NodeClass; readonly because: Why<'links'> }
  | { readonly type: 'not-synchronised'; readonly because: Why<'problem'> }
  | { readonly type: 'synchronised'; readonly because: Why<'recovered'> };

/** Floating addresses here. */
export type AddressNews =
  | { readonly type: 'addresses-wait' }
  | { readonly type: 'addresses-wait-no-longer' }
  | { readonly type: 'addresses-new'; readonly addresses: readonly string[] }
  /** Somebody had taken them down. */
  | { readonly type: 'addresses-put-back'; readonly addresses: readonly string[] }
  | { readonly type: 'address-not-up'; readonly because: Why<'problem'> }
  | {
      readonly type: 'address-not-down';
      readonly then: 'nothing' | 'try-again' | 'give-up';
      readonly because: Why<'problem'>;
    }
  | { readonly type: 'announced' }
  | { readonly type: 'leftovers'; readonly addresses: readonly FloatingAddress[] }
  /** pulse has not raised it, and this router is inactive. */
  | { readonly type: 'in-the-way'; readonly address: ForeignAddress }
  | { readonly type: 'left-alone'; readonly address: ForeignAddress }
  | { readonly type: 'foreign-gone'; readonly address: ForeignAddress };

/** What was heard of the other router, or not. */
export type PartnerNews =
  | (Heard & { readonly type: 'original-met'; readonly partner: Side })
  | (Heard & { readonly type: 'original-gone'; readonly partner: Side })
  | (Heard & { readonly type: 'resending-arps'; readonly because: Why<'partner-active'> })
  /** The partner is active, and we stay so. */
  | (Heard & { readonly type: 'staying'; readonly because: Why<'forced' | 'fitter'> })
  | (Heard & { readonly type: 'session-deaf'; readonly partner: Side })
  | (Heard & { readonly type: 'unbelieved'; readonly partner: Side; readonly doubt: Doubt })
  | (Heard & { readonly type: 'other-file'; readonly partner: Side })
  | (Heard & { readonly type: 'same-file' })
  | (Heard & { readonly type: 'same-timers' })
  /** It tells of addresses that somebody else has raised there, or here they are still in the way. */
  | (Heard & { readonly type: 'foreign-told'; readonly what: InTheWay })
  | (Heard & { readonly type: 'foreign-told-gone'; readonly partner: Side })
  /** It is active beside us, and never yields. */
  | { readonly type: 'partner-stays'; readonly partner: Side }
  | { readonly type: 'partner-silent'; readonly partner: Side; readonly because: Why<'silence'> }
  | { readonly type: 'partner-changed'; readonly addresses: readonly string[] }
  | { readonly type: 'partner-dropped' }
  | { readonly type: 'timers-differ' };

/** Floating addresses that stand where they should not, on either router. */
export type InTheWay =
  | { readonly at: 'here'; readonly address: ForeignAddress }
  | { readonly at: 'partner'; readonly partner: Side; readonly addresses: readonly string[] };

/** Everything that pulse has to say of what happened. */
export type PairNews = ServiceNews | HealthNews | AddressNews | PartnerNews;
