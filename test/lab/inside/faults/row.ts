// A row of the fault table as data: what is done to a pair under traffic, and what may come of it.
import type { Method } from '../lab.ts';
import type { Stage } from './stage.ts';

/** What has to hold; times in ms. */
type Expectation = {
  /** Who has the address when all is over, beside who had it before. */
  readonly owner: 'same' | 'other' | 'either';
  /** The longest time in which the client got no answer. */
  readonly outageAtMost?: number;
  readonly failedAtMost?: number;
  /** Both routers had the address, and a client could reach both. */
  readonly overlapAtMost: number;
};

/** One fault. */
export type FaultRow = {
  readonly name: string;
  readonly deed: (stage: Stage) => Promise<unknown>;
  /** How long the fault lasts after its deed. */
  readonly observeMs: number;
  readonly undo: (stage: Stage) => Promise<unknown>;
  readonly expect: Expectation;
  /** The one line of the log that tells an administrator, of either router; or nothing at all from a notice upwards. */
  readonly says: RegExp | 'nothing';
  /** A router is another machine afterwards: what watches the first one sees nothing more. */
  readonly switchesOff?: true;
  /** Processes of the suite end by it, and others take their place: no life is longer than to the next of these. */
  readonly endsProcesses?: true;
  /** What a namespace cannot hold, as the clock, is done in the guest alone. */
  readonly guestOnly?: true;
  /** How the pair reaches its servers; nat where it is not said. */
  readonly network?: Method;
  /** Whether the same can be done to a pair of keepalived, or why not. */
  readonly keepalived: true | string;
};

/** What came of it. */
export type RowSeen = {
  readonly name: string;
  readonly owner: 'same' | 'other' | 'none' | 'both';
  readonly outageMs: number;
  readonly requests: number;
  readonly failed: number;
  /** What became of the requests, in words. */
  readonly outcomes: string;
  /** By the addresses of both kernels. */
  readonly overlapMs: number;
  /** By announcements on the client's wire: from the first of the new owner to the last of the old one. */
  readonly wireOverlapMs: number;
  /** The longest time for which a processor of the lab stood still before the last change of owner. */
  readonly stoodMs: number;
  readonly line: string | null;
  readonly tookMs: number;
  /** What went wrong with the row itself. */
  readonly problem: string | null;
  /** Who had the address from when on and until when, in words. */
  readonly moves: readonly string[];
  /** What both routers logged meanwhile. */
  readonly log: readonly string[];
};

/** For rows that mend by themselves, or whose deed is all there is. */
export const nothing = (): Promise<void> => Promise.resolve();
