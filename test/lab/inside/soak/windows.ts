// Which of what was seen lies in the time of an announced deed, and which does not.
import type { Stall } from '../stalls.ts';
import type { Course, DeedDone, Failure, LogLine, Move, Sample } from './course.ts';

type Span = { readonly from: number; readonly to: number };

const overlap = (one: Span, other: Span): boolean => one.from <= other.to && other.from <= one.to;

/** The deed in whose time something was; undefined in quiet stretches. */
const deedDuring = (deeds: readonly DeedDone[], span: Span): DeedDone | undefined =>
  deeds.find((deed) => overlap(deed, span));

const ofFailure = ({ sentAt, doneAt }: Failure): Span => ({ from: sentAt, to: doneAt });
const ofMoment = ({ at }: { readonly at: number }): Span => ({ from: at, to: at });

/** Failed requests by what may excuse them: nothing in a quiet stretch, nothing in a deed that loses nothing. */
export function sortFailures({ failures, deeds }: Course) {
  const withDeed = failures.map((failure) => ({ failure, deed: deedDuring(deeds, ofFailure(failure)) }));
  const those = (holds: (deed: DeedDone | undefined) => boolean): Failure[] =>
    withDeed.filter(({ deed }) => holds(deed)).map(({ failure }) => failure);
  return {
    quiet: those((deed) => deed === undefined),
    unexcused: those((deed) => deed?.losesNothing === true),
    excused: those((deed) => deed?.losesNothing === false),
  };
}

/** Failed requests in the time of one deed. */
export const failuresDuring = ({ failures }: Course, deed: DeedDone): number =>
  failures.filter((failure) => overlap(deed, ofFailure(failure))).length;

/** Changes of owner that nobody ordered or provoked. */
export const movesInQuiet = ({ moves, deeds }: Course): Move[] =>
  moves.filter((move) => deedDuring(deeds, ofMoment(move)) === undefined);

export const samplesInQuiet = ({ samples, deeds }: Course): Sample[] =>
  samples.filter((sample) => deedDuring(deeds, ofMoment(sample)) === undefined);

/** What was logged while nothing happened. */
export const linesInQuiet = ({ log, deeds, from, to }: Course): LogLine[] =>
  log.filter((line) => line.at >= from && line.at <= to && deedDuring(deeds, ofMoment(line)) === undefined);

/** What both routers said around a moment. */
export const linesAround = ({ log }: Course, at: number, ms: number): LogLine[] =>
  log.filter((line) => Math.abs(line.at - at) <= ms);

/** Pauses of the machine that were going on, or just over, at a moment. */
export const stallsBefore = ({ stalls }: Course, moment: number, ms: number): Stall[] =>
  stalls.filter(({ at, stood }) => at - stood <= moment && at >= moment - ms);
