// What happens to lvs, and what it can order.
import type { Configuration } from '@piranha/config';
import type { FloatingAddress, Instant, Outcome } from '@piranha/domain';
import type { Loads } from '@piranha/ipvs';
import type { LvsMessage, NannyCommand, NannyMessage, ServerOrder, SharedOrder, Timers } from '@piranha/protocol';
import type { TableResult, TableWork } from './keeper.ts';
import type { TableNews } from './news.ts';
import type { OrderBook } from './order-book.ts';

/** What a nanny says of a server. */
export type Finding = Extract<NannyMessage, { readonly type: 'up' | 'down' | 'load' | 'force' }>;

export type LvsEvent =
  | { readonly type: 'clock'; readonly at: Instant }
  | {
      readonly type: 'configured';
      readonly at: Instant;
      readonly configuration: Configuration;
      readonly digest: string;
      /** Under whom nannies run. */
      readonly nannyUser?: string | undefined;
    }
  | { readonly type: 'rejected'; readonly at: Instant; readonly problem: string }
  | {
      readonly type: 'tick';
      readonly at: Instant;
      /** When pulse has said it: not after `at`. */
      readonly sentAt: Instant;
      /** When it last sent the partner a heartbeat. */
      readonly spokenAt: Instant | undefined;
      readonly role: 'standby' | 'active';
      readonly term: number;
      readonly held: boolean;
      /** By which lvs lets go; undefined for those of the file. */
      readonly timers: Timers | undefined;
    }
  /** Nobody ticks: active until it is stopped. */
  | { readonly type: 'started-by-hand'; readonly at: Instant }
  | { readonly type: 'nanny-started'; readonly at: Instant; readonly nanny: number; readonly pid: number }
  | { readonly type: 'nanny-said'; readonly at: Instant; readonly nanny: number; readonly findings: readonly Finding[] }
  | { readonly type: 'nanny-alive'; readonly at: Instant; readonly nanny: number }
  /** Null: its checks can be made again. */
  | { readonly type: 'nanny-trouble'; readonly at: Instant; readonly nanny: number; readonly problem: string | null }
  | { readonly type: 'nanny-ended'; readonly at: Instant; readonly nanny: number; readonly how: string }
  | { readonly type: 'table-done'; readonly at: Instant; readonly run: number; readonly result: TableResult }
  /** `problem` is empty where all went well. */
  | { readonly type: 'ftp-module-done'; readonly at: Instant; readonly problem: string }
  | { readonly type: 'server-order'; readonly at: Instant; readonly id: number; readonly order: ServerOrder }
  /** Undefined: they are. */
  | { readonly type: 'orders-saved'; readonly at: Instant; readonly problem: string | undefined }
  | { readonly type: 'partner-orders'; readonly at: Instant; readonly orders: readonly SharedOrder[] }
  | { readonly type: 'connections-counted'; readonly at: Instant; readonly loads: Outcome<Loads, string> }
  | { readonly type: 'parent-gone'; readonly at: Instant }
  /** Another pulse goes on with this lvs. */
  | { readonly type: 'adopted'; readonly at: Instant }
  | { readonly type: 'addresses-lowered'; readonly at: Instant; readonly result: Outcome<unknown, string> }
  | { readonly type: 'stop'; readonly at: Instant; readonly signal: number };

export type LvsAction =
  | { readonly type: 'news'; readonly news: TableNews }
  | { readonly type: 'tell'; readonly message: LvsMessage }
  | ({ readonly type: 'work-on-table' } & TableWork)
  | { readonly type: 'count-connections'; readonly ipvsadm: string }
  | ({ readonly type: 'save-orders' } & OrderBook)
  | { readonly type: 'load-ftp-module' }
  | { readonly type: 'start-nanny'; readonly nanny: number; readonly user: string | undefined }
  | { readonly type: 'command-nanny'; readonly nanny: number; readonly commands: readonly NannyCommand[] }
  | { readonly type: 'stop-nanny'; readonly nanny: number }
  | { readonly type: 'kill-nanny'; readonly nanny: number }
  | { readonly type: 'lower-addresses'; readonly addresses: readonly FloatingAddress[] }
  | { readonly type: 'exit'; readonly status: number };
