// What could be seen of a pair while a schedule was played. Rules are checked on this afterwards.
import type { Facts } from './router.ts';
import type { Fault, Schedule, Side } from './schedule.ts';
import { sides } from './schedule.ts';

/** How everything stood for a while. */
export type Scene = Readonly<Record<Side, Facts>> & {
  /** Whether anything gets through to that side. */
  readonly ways: Readonly<Record<Side, boolean>>;
};

/** One moment of note. `lost`: what this side sent arrived on no network, while both had the addresses. */
type Mark = {
  readonly at: number;
  readonly type: 'lost' | 'announced' | 'heard-active' | 'switch';
  readonly side: Side;
};

type Line = { readonly at: number; readonly side: Side; readonly text: string };

export type History = {
  readonly schedule: Schedule;
  /** Each holds until the next begins; the last one until the end. */
  readonly scenes: readonly { readonly at: number; readonly scene: Scene }[];
  readonly marks: Mark[];
  readonly lines: Line[];
};

/** A scene and how long it lasted. */
export type Piece = { readonly from: number; readonly until: number; readonly scene: Scene };

export const piecesOf = ({ scenes, schedule }: History): readonly Piece[] =>
  scenes.map(({ at, scene }, index) => ({ from: at, until: scenes[index + 1]?.at ?? schedule.endAt, scene }));

const sameFacts = (one: Facts, other: Facts): boolean =>
  one.machine === other.machine &&
  one.addresses === other.addresses &&
  one.table === other.table &&
  one.keeps === other.keeps &&
  one.pulse === other.pulse &&
  one.lvs === other.lvs &&
  one.says === other.says &&
  one.class === other.class &&
  one.session === other.session &&
  one.accepts === other.accepts &&
  one.waits === other.waits;

export const sameScene = (one: Scene, other: Scene): boolean =>
  sameFacts(one.primary, other.primary) &&
  sameFacts(one.backup, other.backup) &&
  one.ways.primary === other.ways.primary &&
  one.ways.backup === other.ways.backup;

/** Clients reach this router under the floating addresses. */
export const owns = (scene: Scene, side: Side): boolean => scene[side].machine && scene[side].addresses;

export const ownersOf = (scene: Scene): readonly Side[] => sides.filter((side) => owns(scene, side));

/** The faults that lasted at any time between, or had ended for less than `grace`. */
export const faultsBetween = ({ faults }: Schedule, from: number, until: number, grace = 0): readonly Fault[] =>
  faults.filter((fault) => fault.from < until && fault.until + grace > from);
