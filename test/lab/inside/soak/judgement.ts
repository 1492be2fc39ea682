// The verdict on a soak: is every figure flat, was every request answered, has everything come back?
import type { Course, Failure, LogLine, Move, RouterSample, Sample } from './course.ts';
import type { Limit } from './limits.ts';
import { limitOf, quietLogPerHour, riseOf } from './limits.ts';
import type { Point, Trend } from './series.ts';
import { lengthOf, trendOf } from './series.ts';
import { linesInQuiet, movesInQuiet, samplesInQuiet, sortFailures } from './windows.ts';

/** One figure of one process name on one router, or of the router itself. */
export type Row = {
  readonly router: string;
  readonly name: string;
  readonly limit: Limit;
  /** How many lives were long enough to count. */
  readonly lives: number;
  /** Of the longest; undefined where none counted. */
  readonly trend: Trend | undefined;
  /** Why one of them is not flat. */
  readonly rise: string | undefined;
};

export type Verdict = {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly rows: readonly Row[];
  readonly quietFailures: readonly Failure[];
  readonly unexcusedFailures: readonly Failure[];
  readonly excusedFailures: number;
  readonly quietMoves: readonly Move[];
  readonly quietLines: readonly LogLine[];
  /** What both logs take up in an hour at this rate (bytes), deeds included. */
  readonly logPerHour: number;
};

const processFigures = ['memory', 'heap', 'descriptors', 'threads'] as const;

export function judge(course: Course): Verdict {
  const rows = [...rowsOfProcesses(course.samples), ...rowsOfRouters(samplesInQuiet(course))];
  const { quiet, unexcused, excused } = sortFailures(course);
  const [quietMoves, quietLines] = [movesInQuiet(course), linesInQuiet(course)];
  const problems = [
    ...rows.flatMap(({ router, name, limit, rise }) =>
      rise === undefined ? [] : [`${router} ${name}: ${limit.figure} ${rise}`],
    ),
    ...course.deeds.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
    ...counted(quiet.length, 'requests failed in quiet stretches'),
    ...counted(unexcused.length, 'requests failed in deeds that lose none'),
    ...counted(quietMoves.length, 'changes of owner in quiet stretches'),
    ...counted(lastingZombies(course.samples).length, 'zombies stayed'),
    ...talkative(course, quietLines),
  ];
  return {
    ...{ ok: problems.length === 0, problems, rows, quietMoves, quietLines },
    ...{ quietFailures: quiet, unexcusedFailures: unexcused, excusedFailures: excused.length },
    logPerHour: perHour(bytesOf(course.log.filter(({ at }) => at >= course.from)), course.to - course.from),
  };
}

const counted = (count: number, what: string): string[] => (count === 0 ? [] : [`${count} ${what}`]);

function rowsOfProcesses(samples: readonly Sample[]): Row[] {
  const seen = samples.flatMap(({ at, processes }) => processes.map((each) => ({ at, ...each })));
  return grouped(seen, ({ router, name }) => `${router} ${name}`).flatMap((ofName) => {
    const lives = grouped(ofName, ({ life }) => life);
    const { router, name } = ofName[0];
    return processFigures.flatMap((figure) => {
      const series = lives.map((ofLife) =>
        ofLife.flatMap(({ at, figures: { [figure]: value } }) => (value === undefined ? [] : [{ at, value }])),
      );
      return series.flat().length === 0 ? [] : [rowOf({ router, name, limit: limitOf[figure] }, series)];
    });
  });
}

/** Those with the same key together; keys in their order, members in that of the list. */
function grouped<T>(list: readonly T[], keyOf: (each: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const each of list) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return [...groups].sort(([one], [other]) => one.localeCompare(other)).map(([, group]) => group);
}

const withoutWarmUp = (points: readonly Point[], { warmUp }: Limit): readonly Point[] =>
  points.filter(({ at }) => at >= (points[0]?.at ?? 0) + warmUp);

/** The row of all lives: the longest is shown, every one is judged. */
function rowOf(what: Pick<Row, 'router' | 'name' | 'limit'>, lives: readonly (readonly Point[])[]): Row {
  const judged = lives
    .map((points) => ({ first: points[0]?.value ?? 0, warm: withoutWarmUp(points, what.limit) }))
    .filter(({ warm }) => lengthOf(warm) >= what.limit.shortestLife)
    .sort((one, other) => lengthOf(other.warm) - lengthOf(one.warm))
    .flatMap(({ first, warm }) => {
      const trend = trendOf(warm);
      return trend === undefined
        ? []
        : [{ trend: { ...trend, first }, rise: riseOf(what.limit, trend, lengthOf(warm)) }];
    });
  const rise = judged.find((each) => each.rise !== undefined)?.rise;
  return { ...what, lives: judged.length, trend: judged[0]?.trend, rise };
}

/**
 * Counts of a router, of quiet stretches only: a deed may well change them for its time. No sum of memory: after a deed
 * that kills, it would tell how old the processes are.
 */
function rowsOfRouters(samples: readonly Sample[]): Row[] {
  const routers = [...new Set(samples.flatMap((sample) => sample.routers.map(({ router }) => router)))];
  const points = (of: (sample: Sample) => number): Point[] =>
    samples.map((sample) => ({ at: sample.at, value: of(sample) }));
  return routers.flatMap((router) => {
    const own = (sample: Sample) => sample.processes.filter((each) => each.router === router);
    const kernel = (figure: 'entries' | 'sockets') => (sample: Sample) =>
      sample.routers.find((each) => each.router === router)?.[figure] ?? 0;
    const row = (limit: Limit, of: (sample: Sample) => number): Row =>
      rowOf({ router, name: 'all', limit }, [points(of)]);
    return [
      row(limitOf.processes, (sample) => own(sample).length),
      row(limitOf.entries, kernel('entries')),
      row(limitOf.sockets, kernel('sockets')),
    ];
  });
}

/** Seen twice running: one that is seen once was about to be reaped. */
function lastingZombies(samples: readonly Sample[]): string[] {
  const keys = (routers: readonly RouterSample[]): string[] =>
    routers.flatMap(({ router, zombies }) => zombies.map((life) => `${router} ${life}`));
  const lasting = samples.slice(1).flatMap((sample, index) => {
    const before = keys(samples[index]?.routers ?? []);
    return keys(sample.routers).filter((each) => before.includes(each));
  });
  return [...new Set(lasting)];
}

const bytesOf = (lines: readonly LogLine[]): number => lines.reduce((sum, { text }) => sum + text.length + 1, 0);
const perHour = (count: number, ms: number): number => (ms <= 0 ? 0 : (count / ms) * 3_600_000);

/** Complaints about a log that grows while nothing happens. */
function talkative({ from, to, deeds }: Course, lines: readonly LogLine[]): string[] {
  const quiet = to - from - deeds.reduce((sum, deed) => sum + deed.to - deed.from, 0);
  return [...new Set(lines.map(({ router }) => router))].flatMap((router) => {
    const rate = perHour(bytesOf(lines.filter((line) => line.router === router)), quiet);
    return rate <= quietLogPerHour ? [] : [`${router} logs ${Math.round(rate)} bytes an hour in quiet stretches`];
  });
}
