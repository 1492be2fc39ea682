// What lvs knows.
import type { Configuration } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { instant, never } from '@piranha/domain';
import type { Health, Ramp, ServerId, ServiceKey } from '@piranha/ipvs';
import type { Keeper } from './keeper.ts';
import type { OrderBook, Orders } from './order-book.ts';
import type {
  Census,
  CheckedServer,
  Judgement,
  Lifeline,
  Living,
  Nanny,
  Role,
  Saving,
  Watch,
  WatchId,
} from './state-parts.ts';

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
  /** The servers that are checked. */
  readonly servers: ReadonlyMap<ServerId, CheckedServer>;
  readonly watches: ReadonlyMap<WatchId, Watch>;
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
  /** What pulse was told of the present role: services `written`, all of its work `done`, or that it cannot be done. */
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
  saving: { answers: [], problem: undefined, againAt: never },
  census: { count: null, askAt: instant(-Infinity) },
  countAt: instant(-Infinity),
  pingAt: never,
  servers: new Map(),
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
