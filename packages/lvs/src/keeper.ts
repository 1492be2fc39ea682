// The kernel's table as lvs knows it, and one run of ipvsadm: what it is for and how it went.
import type { ConnectionTimeouts, IpvsSetting, IpvsSettings } from '@piranha/config';
import type { Instant, Outcome } from '@piranha/domain';
import type { ServiceKey, Table, TableCommand } from '@piranha/ipvs';

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
