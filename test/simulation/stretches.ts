// What the rules for histories have in common: how long things take, and stretches of time in which something holds.
import type { Piece, Scene } from './history.ts';
import { faultsBetween, owns } from './history.ts';
import type { Pace, Schedule } from './schedule.ts';

export type Violation = {
  readonly rule: RuleName;
  readonly from: number;
  readonly until: number;
  readonly why: string;
};

type RuleName =
  'two owners' | 'wrong yield' | 'not fenced' | 'no owner' | 'restless' | 'not announced' | 'no table' | 'not settled';

/** How long an ordinary datagram takes, `ip`, a late timer, and the start of an lvs (ms). */
export const transit = 2;
export const takeDown = 40;
export const lateTimer = 3;
export const lvsStart = 450;
export const slack = 60;

/** The longest delay that noise adds between two moments. */
export const noiseDelay = (schedule: Schedule, from: number, until: number): number =>
  Math.max(
    0,
    ...faultsBetween(schedule, from, until, 2000).map((fault) =>
      fault.type === 'noise' ? 2 * (fault.delay + fault.jitter) : 0,
    ),
  );

/** The slowest timers of all files that were read until then: who has another file than the partner may go by them for long. */
export function slowest(schedule: Schedule, until: number): Pace {
  const read = schedule.faults.flatMap((fault) => (fault.type === 'reloaded' && fault.from <= until ? [fault] : []));
  const paces: readonly Pace[] = [schedule, ...read];
  return {
    keepalive: Math.max(...paces.map(({ keepalive }) => keepalive)),
    deadtime: Math.max(...paces.map(({ deadtime }) => deadtime)),
  };
}

export const slowIp = (schedule: Schedule, from: number, until: number): number =>
  Math.max(
    0,
    // Several orders may wait behind each other when the fault is over.
    ...faultsBetween(schedule, from, until, 8000).map((fault) => (fault.type === 'ip-slow' ? 2 * fault.latency : 0)),
  );

/** Stretches in which a condition holds without a break. */
export function stretches(pieces: readonly Piece[], holds: (scene: Scene) => boolean): readonly Piece[][] {
  const found: Piece[][] = [];
  let current: Piece[] | undefined;
  for (const piece of pieces) {
    if (!holds(piece.scene)) current = undefined;
    else if (current === undefined) found.push((current = [piece]));
    else current.push(piece);
  }
  return found;
}

export const startOf = (stretch: readonly Piece[]): number => stretch[0]?.from ?? 0;
export const endOf = (stretch: readonly Piece[]): number => stretch.at(-1)?.until ?? 0;

export const bothOwn = (scene: Scene): boolean => owns(scene, 'primary') && owns(scene, 'backup');
