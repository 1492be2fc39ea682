// A soak as people read it: deeds, figures, what went wrong with the log lines around it, and the verdict.
import { longestStall } from '../stalls.ts';
import type { Course } from './course.ts';
import type { Row, Verdict } from './judgement.ts';
import { limitOf, quietLogPerHour } from './limits.ts';
import { ownershipOf } from './ownership.ts';
import { failuresDuring, linesAround, stallsBefore } from './windows.ts';

const around = 3000;
/** Such a pause may be the cause of what comes so soon after it (ms). */
const shortly = 1000;
/** Of all events so many are told with their log lines. */
const most = 20;

export function account(course: Course, verdict: Verdict): string {
  const loads = course.samples.map(({ load }) => load);
  return [
    ...deedsOf(course),
    '',
    ...tableOf(verdict.rows),
    '',
    ...limitLines(),
    '',
    ...eventsOf(course, verdict),
    `${course.requests} requests; failed: ${verdict.quietFailures.length} in quiet stretches, ${verdict.unexcusedFailures.length} in deeds that lose none, ${verdict.excusedFailures} in others`,
    `owner changed ${verdict.quietMoves.length} times in quiet stretches; log: ${Math.round(verdict.logPerHour / 1000)} KB an hour, ${verdict.quietLines.length} lines in quiet stretches`,
    ownerLine(course),
    stallLine(course, verdict),
    `load average from ${Math.min(...loads)} to ${Math.max(...loads)}`,
    ...verdict.problems.map((problem) => `✘ ${problem}`),
    verdict.ok ? '✔ flat' : '✘ not flat',
    '',
  ].join('\n');
}

const clock = (course: Course, at: number): string => {
  const seconds = Math.max(0, at - course.from) / 1000;
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
};

function ownerLine(course: Course): string {
  const { twoMs, longestTwoMs, noneMs } = ownershipOf(course);
  return `two owners for ${Math.round(twoMs)} ms, at most ${Math.round(longestTwoMs)} at a time; none for ${Math.round(noneMs)} ms; deeds included`;
}

/** What no process can help. */
function stallLine(course: Course, { quietMoves }: Verdict): string {
  const { stalls } = course;
  const explained = quietMoves.filter(({ at }) => stallsBefore(course, at, shortly).length > 0).length;
  return `a processor stood still ${stalls.length} times for 50 ms or more, at most for ${longestStall(stalls)} ms; of the changes of owner in quiet stretches ${explained} came within ${shortly / 1000} s after that`;
}

function deedsOf(course: Course): string[] {
  return course.deeds.map((deed) => {
    const lost = failuresDuring(course, deed);
    const ended = deed.problem === undefined ? '' : `  ✘ ${deed.problem}`;
    return `${clock(course, deed.from)} to ${clock(course, deed.to)}  ${deed.name} (${deed.detail}): ${lost} requests failed${ended}`;
  });
}

const number = (value: number | undefined): string =>
  value === undefined ? '-' : Math.round(value).toLocaleString('en');

function tableOf(rows: readonly Row[]): string[] {
  const lines = [
    ['', '', '', '', 'lives', 'first', 'first fifth', 'last fifth', 'an hour', ''],
    ...rows.map(({ router, name, limit, lives, trend, rise }) => [
      ...[router, name, limit.figure, limit.unit, String(lives)],
      ...[trend?.first, trend?.early, trend?.late, trend?.slopePerHour].map(number),
      trend === undefined ? 'no life was long enough' : (rise ?? 'flat'),
    ]),
  ];
  const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const padded = (text: string, column: number): string =>
    column < 4 || column === 9 ? text.padEnd(width(column)) : text.padStart(width(column));
  return lines.map((line) => line.map(padded).join('  ').trimEnd());
}

const limitLines = (): string[] => [
  'Flat is, from the first to the last fifth of a life:',
  ...Object.values(limitOf).map(
    ({ figure, unit, rise, part, reason }) =>
      `  ${figure}: at most ${rise}${unit === '' ? '' : ` ${unit}`}${part === 0 ? '' : ` or ${part * 100} %`} more (${reason})`,
  ),
  `  log: at most ${quietLogPerHour} bytes an hour in quiet stretches; no zombie in two samples running`,
];

/** Failed requests and changes of owner that should not have been, each with what the routers said then. */
function eventsOf(course: Course, { quietFailures, unexcusedFailures, quietMoves }: Verdict): string[] {
  const events = [
    ...[...quietFailures, ...unexcusedFailures].map(({ sentAt, problem }) => ({
      at: sentAt,
      what: `request: ${problem}`,
    })),
    ...quietMoves.map(({ at, router, has }) => ({ at, what: `${router} ${has ? 'got' : 'lost'} the address` })),
  ].sort((one, other) => one.at - other.at);
  let told = -Infinity;
  return events.slice(0, most).flatMap(({ at, what }) => {
    const lines = linesAround(course, at, around).filter((line) => line.at > told);
    told = Math.max(told, ...lines.map((line) => line.at));
    return [
      `${clock(course, at)} ${what}`,
      ...lines.map((line) => `  ${clock(course, line.at)} ${line.router} ${line.text}`),
      '',
    ];
  });
}
