// A history as people read it: one line a change, with the faults among them.
import type { History, Scene } from './history.ts';
import type { Violation } from './stretches.ts';
import type { Fault, Schedule, Side } from './schedule.ts';
import { sides } from './schedule.ts';

type Entry = { readonly at: number; readonly text: string };

const seconds = (at: number): string => (at / 1000).toFixed(3).padStart(9);

/** The pair in one line. */
export const describePair = (schedule: Schedule): string =>
  [
    `seed ${schedule.seed}: keepalive ${schedule.keepalive / 1000}, deadtime ${schedule.deadtime / 1000}`,
    `auth ${[...new Set(sides.map((side) => schedule.auth[side]))].join(' and ')}, failback ${schedule.failback}`,
    ...(schedule.hotStandby ? ['hot standby'] : []),
    ...(schedule.monitorLinks ? ['links monitored'] : []),
    schedule.privateChannel ? 'two networks' : 'one network',
    ...(schedule.original === undefined ? [] : [`the ${schedule.original} is an original`]),
  ].join(', ');

/** A fault in words. */
export function describeFault({ from, until, type, ...more }: Fault): string {
  const details = Object.entries(more).map(([name, value]) => `${name} ${String(value)}`);
  return [`${type} from ${seconds(from).trim()} to ${seconds(until).trim()} s`, ...details].join(', ');
}

/** Everything in the order in which it happened. */
export function timelineOf(history: History, violations: readonly Violation[]): readonly string[] {
  const { schedule } = history;
  const entries: Entry[] = [
    ...schedule.faults.flatMap((fault) => [
      { at: fault.from, text: `+ ${describeFault(fault)}` },
      { at: fault.until, text: `- ${fault.type} is over` },
    ]),
    ...history.scenes.flatMap(({ at, scene }, index) =>
      changesOf(history.scenes[index - 1]?.scene, scene).map((text) => ({ at, text })),
    ),
    ...history.marks
      .filter(({ type }) => type === 'announced')
      .map(({ at, side }) => ({ at, text: `  ${side} announces its addresses` })),
    ...history.lines.map(({ at, side, text }) => ({ at, text: `    ${side}: ${text}` })),
    ...violations.map(({ rule, from, why }) => ({ at: from, text: `! ${rule}: ${why}` })),
    { at: schedule.healAt, text: '= all is well from now on' },
  ];
  return [
    describePair(schedule),
    ...entries.sort((a, b) => a.at - b.at).map(({ at, text }) => `${seconds(at)}  ${text}`),
  ];
}

function changesOf(before: Scene | undefined, now: Scene): readonly string[] {
  return sides.flatMap((side) => [
    ...factChanges(before, now, side),
    ...(before !== undefined && before.ways[side] !== now.ways[side]
      ? [`  nothing reaches the ${side}`.replace('nothing', now.ways[side] ? 'something' : 'nothing')]
      : []),
  ]);
}

function factChanges(before: Scene | undefined, now: Scene, side: Side): readonly string[] {
  const names = ['machine', 'pulse', 'lvs', 'says', 'addresses', 'table', 'class'] as const;
  const changed = names.filter((name) => before?.[side][name] !== now[side][name]);
  if (before === undefined || changed.length === 0) return [];
  return [`  ${side}: ${changed.map((name) => `${name} ${String(now[side][name])}`).join(', ')}`];
}
