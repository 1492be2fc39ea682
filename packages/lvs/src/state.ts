// What lvs knows, what happens to it, and what it can order.
import type { Configuration, ConnectionTimeouts, FloatingAddress, IpvsSetting, IpvsSettings } from '@piranha/config';
import type { Instant, Outcome } from '@piranha/domain';
import { instant, never } from '@piranha/domain';
import type {
  DestinationKey,
  Health,
  Loads,
  Ramp,
  ServerId,
  ServiceKey,
  Table,
  TableCommand,
  Weighing,
} from '@piranha/ipvs';
import type { LogFields, LogLevel } from '@piranha/logging';
import type {
  Check,
  LvsMessage,
  NannyCommand,
  NannyMessage,
  ServerOrder,
  SharedOrder,
  Timers,
} from '@piranha/protocol';
import type { Census } from './rules/census.ts';
import type { Living } from './rules/living.ts';
import type { OrderBook, Orders } from './rules/order-book.ts';
import type { Saving } from './rules/saving.ts';
import { nothingToSave } from './rules/saving.ts';

/**
 * `waiting`: told nothing yet, touches nothing. `fencing`: pulse gives no sign of life and the addresses are on their way
 * down. `fenced`: they are down, and so are the services, until pulse says standby. `ending`: our services go out of the
 * table, then the process ends.
 */
type Role = 'waiting' | 'standby' | 'active' | 'fencing' | 'fenced' | 'ending';

/** What an lvs knows of the pulse above it. */
type Lifeline = {
  /** The last tick; undefined before the first, and where lvs was started by hand. */
  readonly tickedAt: Instant | undefined;
  /** When pulse last sent the partner a heartbeat, as the last tick said; undefined where it did not say. */
  readonly spokenAt: Instant | undefined;
  /** The pair's term, as the last tick said. */
  readonly term: number;
  /** Whether an operator has placed the service here, as the last tick said. */
  readonly held: boolean;
  /** By these it lets go, as the last tick said; undefined for those of the file. */
  readonly timers: Timers | undefined;
  /** A tick came while the addresses went down: pulse lives, and a hot standby's table may stand. */
  readonly pulseBack: boolean;
  /** pulse is gone, or has told us to stop: after fencing the process ends. */
  readonly orphaned: boolean;
  /** Nobody above us and nothing to fence: when the process ends unless another pulse comes; `never` otherwise. */
  readonly leaveAt: Instant;
  /** When a tick was last answered. */
  readonly answeredAt: Instant;
  /** Fenced: when the addresses are taken down once more, for an `ip` of a pulse that hangs may still bring them up. */
  readonly guardAt: Instant;
};

/** One server's check and the nanny that has it. */
export type Watch = {
  readonly nanny: number;
  readonly check: Check;
  /** `VIRTUAL/REAL`, by the names of the blocks: for the log. */
  readonly label: string;
  /** Where it stands in the table. */
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  /** What its weight depends on. */
  readonly weighing: Weighing;
};

/** A nanny that should run. */
export type Nanny = {
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly startedAt: Instant;
  /** When it is started again; `never` while it runs. */
  readonly restartAt: Instant;
  readonly failures: number;
  /** Whether it has said anything since it was started. */
  readonly heard: boolean;
  /** Pings in a row that it has not answered. */
  readonly unanswered: number;
};

/** Since when a server's health is what it is, and why: a reason where it is down, empty otherwise. */
type Judgement = { readonly since: Instant; readonly reason: string };

/** A line that had no effect: whose it is, and what ipvsadm said. */
export type FailedLine = { readonly virtual: string; readonly problem: string };

/** What is known of the kernel's table, and how writing it goes. */
export type Keeper = {
  /** As it was last read; undefined before that. */
  readonly found: Table | undefined;
  /** Services of this file, and those that a reload dropped and that are still in the table. */
  readonly owned: ReadonlySet<ServiceKey>;
  /** The number of ipvsadm's last run: the result of another one is out of date. */
  readonly run: number;
  /** What ipvsadm has under way (nothing: it only reads); undefined while it does not run. */
  readonly running: readonly TableCommand[] | undefined;
  /** When ipvsadm was last started. */
  readonly startedAt: Instant;
  /** When ipvsadm last ended. */
  readonly ranAt: Instant;
  /** Until when new servers are gathered; `never` where they need not be. */
  readonly restUntil: Instant;
  /** Lines that were sent and had no effect. */
  readonly failed: ReadonlyMap<string, FailedLine>;
  /** Tries in a row in which no line had an effect. */
  readonly failures: number;
  readonly retryAt: Instant;
  /** Lines at which ipvsadm ended early: they go last, for it reads nothing behind them. */
  readonly suspects: ReadonlySet<string>;
  /** Readings in a row that failed. */
  readonly unreadable: number;
  /** The last problem that was logged. */
  readonly problem: string;
  /** Whether thresholds are read: from the first configuration on that has any. */
  readonly thresholds: boolean;
  /** The timeouts that the kernel was given; undefined while it has its own. */
  readonly timeouts: ConnectionTimeouts | undefined;
  /** Why they could not be set, so that it is logged once. */
  readonly timeoutsProblem: string;
  /** The kernel's settings as they were last made: their values, or why they could not be made. */
  readonly settings: ReadonlyMap<IpvsSetting, number | string>;
};

export type LvsState = {
  readonly role: Role;
  /** Addresses of this machine, as they were when lvs started. */
  readonly ownAddresses: ReadonlySet<string>;
  readonly configuration: Configuration | undefined;
  /** Names the configuration. */
  readonly digest: string | undefined;
  readonly health: ReadonlyMap<ServerId, Health>;
  readonly judgements: ReadonlyMap<ServerId, Judgement>;
  /** Servers that are down by a check that a reload has changed: the first result of the new one decides. */
  readonly anew: ReadonlySet<ServerId>;
  /** The weights of the servers that are up. */
  readonly ramps: ReadonlyMap<ServerId, Ramp>;
  readonly orders: Orders;
  readonly releases: OrderBook['releases'];
  readonly lastStamp: number;
  /** Whether what was ordered outlives this process. */
  readonly saving: Saving;
  /** Connections in the table, for the partner. */
  readonly census: Census;
  /** When the connections of draining servers are counted next; `counting` while that is under way. */
  readonly countAt: Instant | 'counting';
  /** When nannies are asked for a sign of life next. */
  readonly pingAt: Instant;
  readonly watches: ReadonlyMap<ServerId, Watch>;
  readonly nannies: ReadonlyMap<number, Nanny>;
  /** Nannies that were told to stop and have not ended yet. */
  readonly leaving: ReadonlySet<number>;
  readonly lastNanny: number;
  /** Under whom nannies run: `UID:GID`, or a name that was not found; undefined: root. */
  readonly nannyUser: string | undefined;
  /** Nannies that cannot make their checks for want of something on this router, and what it is. */
  readonly checkTroubles: ReadonlyMap<number, string>;
  /** How many files a process of ours may have open. */
  readonly descriptorLimit: number;
  readonly keeper: Keeper;
  /** What pulse was told of the present role: services `written`, all of its work `done`, or that it can not be done. */
  readonly told: 'nothing' | 'written' | 'unable' | 'done';
  /** Whether pulse was told so for the configuration in force, too: new addresses wait for that. */
  readonly answered: boolean;
  readonly lifeline: Lifeline;
  readonly living: Living;
  readonly fenceTries: number;
  /** Virtual servers whose sorry server serves. */
  readonly sorry: ReadonlySet<ServiceKey>;
  /** Whether the kernel was given its module for FTP over NAT. */
  readonly ftpHelped: boolean;
};

/** What became of one of the kernel's settings. */
export type SettingResult = {
  readonly name: IpvsSetting;
  readonly wanted: number | string;
  /** The value before; undefined where it could not be read. */
  readonly found: number | string | undefined;
  /** Why it is not as it should be; empty where it is. */
  readonly problem: string;
};

/** How a run of ipvsadm went. */
export type TableResult = {
  /** What it said on standard error while writing, or why it ended early. */
  readonly complaint: string;
  /** Whether it read all lines. */
  readonly finished: boolean;
  /** The connection timeouts of this run and why they could not be set; undefined where there was nothing to set. */
  readonly timeouts: { readonly sent: ConnectionTimeouts; readonly problem: string } | undefined;
  /** The kernel's settings that were looked after. */
  readonly settings: readonly SettingResult[];
  /** The table afterwards, or why it could not be read. */
  readonly read: Outcome<Table, string>;
};

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
  | { readonly type: 'stop'; readonly at: Instant; readonly reason: string };

export type LvsAction =
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string; readonly fields: LogFields }
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

/** One run of ipvsadm: writes the changes, if any, then reads the table. */
export type TableWork = {
  readonly run: number;
  readonly ipvsadm: string;
  readonly commands: readonly TableCommand[];
  readonly thresholds: boolean;
  /** Connection timeouts to set; undefined for none. */
  readonly timeouts: ConnectionTimeouts | undefined;
  /** The kernel's settings as they should be; undefined where we leave them alone. */
  readonly settings: IpvsSettings | undefined;
  /** Whether the kernel's module is loaded first. */
  readonly loadModule: boolean;
};

export const initialState: LvsState = {
  role: 'waiting',
  ownAddresses: new Set(),
  configuration: undefined,
  digest: undefined,
  health: new Map(),
  judgements: new Map(),
  anew: new Set(),
  ramps: new Map(),
  orders: new Map(),
  releases: new Map(),
  lastStamp: 0,
  saving: nothingToSave,
  census: { count: null, askAt: instant(-Infinity) },
  countAt: instant(-Infinity),
  pingAt: never,
  watches: new Map(),
  nannies: new Map(),
  leaving: new Set(),
  lastNanny: 0,
  nannyUser: undefined,
  checkTroubles: new Map(),
  descriptorLimit: Infinity,
  keeper: {
    run: 0,
    found: undefined,
    owned: new Set(),
    running: undefined,
    startedAt: instant(-Infinity),
    ranAt: instant(-Infinity),
    restUntil: never,
    failed: new Map(),
    failures: 0,
    retryAt: never,
    suspects: new Set(),
    unreadable: 0,
    problem: '',
    thresholds: false,
    timeouts: undefined,
    timeoutsProblem: '',
    settings: new Map(),
  },
  told: 'nothing',
  answered: true,
  lifeline: {
    ...{ tickedAt: undefined, spokenAt: undefined, pulseBack: false, term: 0, held: false, orphaned: false },
    ...{ timers: undefined, leaveAt: never, answeredAt: instant(-Infinity), guardAt: never },
  },
  living: { count: null, told: null, toldAt: instant(-Infinity) },
  fenceTries: 0,
  sorry: new Set(),
  ftpHelped: false,
};
