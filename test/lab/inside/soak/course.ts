// What a soak has seen, as plain data: everything that is judged afterwards.
import type { Stall } from '../stalls.ts';

/** What the kernel tells of one process. */
type Figures = {
  /** What the process has filled itself, in KB. */
  readonly memory: number;
  /** Data in V8's heap and what it keeps outside, after a collection, in KB; undefined of a program that is not Node's. */
  readonly heap?: number | undefined;
  readonly descriptors: number;
  readonly threads: number;
};

/** One process of the suite at one moment. */
export type ProcessSample = {
  readonly router: string;
  readonly name: string;
  /** Its number and when it was started: no other process ever has both. */
  readonly life: string;
  readonly figures: Figures;
};

/** One router at one moment. */
export type RouterSample = {
  readonly router: string;
  readonly active: boolean;
  /** Lives of ended children that nobody has reaped. */
  readonly zombies: readonly string[];
  /** Services and servers in the kernel's table. */
  readonly entries: number;
  readonly sockets: number;
  /** Written to the log since the start. */
  readonly logBytes: number;
};

/** Times are ms on the clock that all processes of a kernel share. */
export type Sample = {
  readonly at: number;
  /** Of the whole machine, over the last minute. */
  readonly load: number;
  readonly processes: readonly ProcessSample[];
  readonly routers: readonly RouterSample[];
};

/** A fault or an order: when it began, and when all was as before. */
export type DeedDone = {
  readonly name: string;
  readonly detail: string;
  readonly from: number;
  readonly to: number;
  readonly losesNothing: boolean;
  /** What did not come back to what it was. */
  readonly problem?: string;
};

export type Failure = { readonly sentAt: number; readonly doneAt: number; readonly problem: string };

/** The virtual address came to a router or left it. */
export type Move = { readonly at: number; readonly router: string; readonly has: boolean };

export type LogLine = { readonly at: number; readonly router: string; readonly text: string };

export type Course = {
  readonly from: number;
  readonly to: number;
  readonly samples: readonly Sample[];
  readonly deeds: readonly DeedDone[];
  readonly requests: number;
  readonly failures: readonly Failure[];
  readonly moves: readonly Move[];
  readonly log: readonly LogLine[];
  readonly stalls: readonly Stall[];
};
