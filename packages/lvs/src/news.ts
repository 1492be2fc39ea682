// What lvs has to say of what happened: data, of which rules/words.ts makes log lines.
import type { ConnectionTimeouts, IpvsSetting } from '@piranha/config';
import type { Millis } from '@piranha/domain';
import type { Health, ServerId } from '@piranha/ipvs';
import type { Role } from './state-parts.ts';

/** Why something happened: the input or the news that caused it. */
type Because =
  /** What a program, the kernel or a disk said. */
  | { readonly type: 'problem'; readonly problem: string }
  | { readonly type: 'role'; readonly role: Role }
  | { readonly type: 'configured' }
  | { readonly type: 'signal'; readonly signal: number }
  | { readonly type: 'nanny-said'; readonly reason: string }
  /** How the process ended. */
  | { readonly type: 'ended'; readonly how: string }
  | { readonly type: 'administrator'; readonly router: 'here' | 'partner' }
  | { readonly type: 'no-connections' }
  | { readonly type: 'drain-timeout' }
  | { readonly type: 'servers'; readonly inService: boolean }
  /** pulse was silent for so long; undefined where it did not say when it sent its last heartbeat. */
  | { readonly type: 'silence'; readonly silentMs: number; readonly sinceHeartbeatMs: number | undefined }
  /** So many pings in a row were not answered. */
  | { readonly type: 'unanswered'; readonly pings: number }
  /** The stamp of an order cannot follow from the highest that was seen. */
  | { readonly type: 'stamp'; readonly stamp: number; readonly highest: number }
  /** Nobody of us wrote it. */
  | { readonly type: 'somebody-else' }
  /** What was wrong is over. */
  | { readonly type: 'recovered' };

type Why<T extends Because['type']> = Extract<Because, { readonly type: T }>;

/** `VIRTUAL/REAL`, by the names of the blocks, and its name in the table. */
type Server = { readonly server: ServerId; readonly label: string };

/** What was ordered of a server. */
export type Ordered =
  | { readonly type: 'force'; readonly to: 'up' | 'down' }
  /** Null: however long it takes. */
  | { readonly type: 'drain'; readonly timeout: Millis | null }
  | { readonly type: 'unforce' }
  | { readonly type: 'undrain' }
  /** On the partner, of which not more is known. */
  | { readonly type: 'release' };

/** Real servers and their nannies. */
type ServerNews =
  | (Server & { readonly type: 'server-up'; readonly from: Health; readonly because: Why<'nanny-said'> })
  | (Server & { readonly type: 'server-down'; readonly from: Health; readonly because: Why<'nanny-said'> })
  | (Server & { readonly type: 'ordered'; readonly order: Ordered; readonly because: Why<'administrator'> })
  | (Server & { readonly type: 'drained'; readonly because: Why<'no-connections' | 'drain-timeout'> })
  | { readonly type: 'order-forgotten'; readonly server: ServerId; readonly because: Why<'configured'> }
  | (Server & { readonly type: 'order-passed-over'; readonly because: Why<'stamp'> })
  | (Server & { readonly type: 'monitor-runs'; readonly pid: number })
  | (Server & {
      readonly type: 'nanny-died';
      readonly restartIn: Millis;
      readonly kept: Health;
      readonly because: Why<'ended'>;
    })
  | { readonly type: 'nanny-hangs'; readonly pid: number | undefined; readonly because: Why<'unanswered'> };

/** Virtual servers, by the names of their blocks. */
type ServiceNews =
  | {
      readonly type: 'service-started';
      readonly virtual: string;
      readonly port: number;
      readonly because: Why<'role' | 'configured'>;
    }
  | { readonly type: 'service-ended'; readonly virtual: string; readonly because: Why<'role' | 'configured'> }
  | {
      readonly type: 'sorry-server';
      readonly virtual: string;
      readonly sorryServer: string;
      readonly because: Why<'servers'>;
    };

/** The kernel's table and settings. */
type KernelNews =
  /** The first time may be chance, and then it is `lasting`. */
  | { readonly type: 'table-unreadable'; readonly lasting: boolean; readonly because: Why<'problem'> }
  | { readonly type: 'table-readable'; readonly because: Why<'recovered'> }
  /** `lines` would repair it: the first of them, and how many more. */
  | {
      readonly type: 'table-changed';
      readonly lines: readonly string[];
      readonly more: number;
      readonly because: Why<'somebody-else'>;
    }
  | {
      readonly type: 'line-failed';
      readonly virtual: string;
      readonly line: string;
      readonly because: Why<'problem'>;
    }
  | { readonly type: 'more-lines-failed'; readonly count: number }
  /** `finished`: it read all lines. */
  | { readonly type: 'ipvsadm-complained'; readonly finished: boolean; readonly because: Why<'problem'> }
  | { readonly type: 'table-right-again'; readonly because: Why<'recovered'> }
  | { readonly type: 'timeouts-not-set'; readonly timeouts: ConnectionTimeouts; readonly because: Why<'problem'> }
  | (Setting & { readonly type: 'setting-failed'; readonly because: Why<'problem'> })
  | (Setting & {
      readonly type: 'setting-made';
      /** The value before; undefined where it could not be read. */
      readonly found: number | string | undefined;
      readonly because: Why<'configured' | 'somebody-else'>;
    })
  | { readonly type: 'no-ftp-module'; readonly because: Why<'problem'> };

type Setting = { readonly name: IpvsSetting; readonly wanted: number | string };

/** What this router lacks. */
type RouterNews =
  | { readonly type: 'checks-not-made'; readonly because: Why<'problem'> }
  | { readonly type: 'checks-made'; readonly because: Why<'recovered'> }
  | { readonly type: 'few-descriptors'; readonly because: Why<'problem'> }
  | { readonly type: 'orders-not-saved'; readonly because: Why<'problem'> }
  | { readonly type: 'orders-saved'; readonly because: Why<'recovered'> };

/** The pulse above, and the addresses. */
type LifelineNews =
  | { readonly type: 'fencing'; readonly because: Why<'silence'> }
  | { readonly type: 'addresses-down' }
  | { readonly type: 'addresses-not-down'; readonly tries: number; readonly because: Why<'problem'> }
  /** What lvs does then: waits for another, takes the addresses down when it is time, or ends. */
  | { readonly type: 'pulse-gone'; readonly then: 'wait' | 'fence' | 'end' }
  | { readonly type: 'no-pulse-came' }
  | { readonly type: 'adopted' }
  | { readonly type: 'stopping'; readonly because: Why<'signal'> };

/** Everything that lvs has to say of what happened. */
export type TableNews = ServerNews | ServiceNews | KernelNews | RouterNews | LifelineNews;
