// The parts of what lvs knows; the table's is in keeper.ts, the orders' in order-book.ts.
import type { Brand, Instant } from '@piranha/domain';
import type { DestinationKey, ServerId, ServiceKey, Weighing } from '@piranha/ipvs';
import type { Check, Timers } from '@piranha/protocol';

/**
 * `waiting`: told nothing yet, touches nothing. `fencing`: pulse gives no sign of life and the addresses are on their way
 * down. `fenced`: they are down, and so are the services, until pulse says standby. `ending`: our services go out of the
 * table, then the process ends.
 */
export type Role = 'waiting' | 'standby' | 'active' | 'fencing' | 'fenced' | 'ending';

/** What an lvs knows of the pulse above it. */
export type Lifeline = {
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

/** A server that is checked, whatever its checks are. */
export type CheckedServer = {
  /** `VIRTUAL/REAL`, by the names of the blocks: for the log. */
  readonly label: string;
  /** Where it stands in the table. */
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  /** What its weight depends on. */
  readonly weighing: Weighing;
};

/** Names one check of one server, of which it may have several: nannies know the watch by this. */
export type WatchId = Brand<string, 'WatchId'>;

/** One check of one server, and the nanny that has it. */
export type Watch = { readonly nanny: number; readonly server: ServerId; readonly check: Check };

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
export type Judgement = { readonly since: Instant; readonly reason: string };

/** Connections in the table: the last count, and when the next is due. */
export type Census = { readonly count: number | null; readonly askAt: Instant };

/** How many real servers are known to be good: null while any is not known, or none is checked. */
export type LivingCount = number | null;

/** The count as it is, and as pulse has it. */
export type Living = { readonly count: LivingCount; readonly told: LivingCount; readonly toldAt: Instant };

/** How saving orders goes. */
export type Saving = {
  /** Answers to orders that are being written. */
  readonly answers: readonly { readonly id: number; readonly text: string }[];
  /** Why the last ones could not be written; undefined where they are. */
  readonly problem: string | undefined;
  /** When that is tried again; `never` where there is nothing to try. */
  readonly againAt: Instant;
};
