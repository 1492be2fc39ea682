// What a run of ipvsadm has shown: lines without effect, a table that cannot be read, changes by somebody else.
import type { Instant } from '@piranha/domain';
import { after, backoff, chain, never, seconds } from '@piranha/domain';
import type { ServiceKey, Table, TableCommand } from '@piranha/ipvs';
import { restoreLine } from '@piranha/ipvs';
import { onSettings } from './settings-result.ts';
import { keysOf, wantedNow } from './standing.ts';
import { describeFailed } from './failed-lines.ts';
import type { FailedLine, Keeper, TableResult } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import { pending, restAfter } from './table-work.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell, tellNews } from './transition.ts';

const firstRetry = seconds(1);
const slowestRetry = seconds(30);
/** So many lines of a long list are shown in the log. */
const shown = 5;

/** ipvsadm has ended. */
export function onTableDone(before: LvsState, result: TableResult, at: Instant): Transition {
  const sent = before.keeper.running ?? [];
  const restUntil = sent.length === 0 ? never : restAfter(before.keeper.startedAt, at);
  const ended: LvsState = { ...before, keeper: { ...before.keeper, running: undefined, ranAt: at, restUntil } };
  return chain(
    ended,
    (state) => onTimeoutsSet(state, result.timeouts),
    (state) => onSettings(state, result.settings),
    (state) => onTableRead(state, result),
  );
}

/** The kernel has the connection timeouts now, or not: then it is tried again with the next run. */
function onTimeoutsSet(state: LvsState, timeouts: TableResult['timeouts']): Transition {
  if (timeouts === undefined) return stay(state);
  const { sent, problem } = timeouts;
  const known = { ...state.keeper, timeoutsProblem: problem };
  if (problem === '') return stay({ ...state, keeper: { ...known, timeouts: sent } });
  if (problem === state.keeper.timeoutsProblem) return stay({ ...state, keeper: known });
  const because = { type: 'problem', problem } as const;
  return go({ ...state, keeper: known }, tellNews({ type: 'timeouts-not-set', timeouts: sent, because }));
}

function onTableRead(state: LvsState, result: TableResult): Transition {
  if (!result.read.ok) return onUnreadable(state, [result.complaint, result.read.error].filter(Boolean).join('; '));
  const owned = stillOurs(state, result.read.value);
  const read: LvsState = { ...state, keeper: { ...state.keeper, found: result.read.value, owned, unreadable: 0 } };
  return state.keeper.unreadable > 1 ? readableAgain(read) : stay(read);
}

/** The run that began in `before` has ended: `left` is what the table still lacks, as it was read. */
export function compareTable(
  before: LvsState,
  now: LvsState,
  left: readonly TableCommand[],
  result: TableResult,
): Transition {
  if (!result.read.ok) return stay(now);
  const sent = (before.keeper.running ?? []).map(restoreLine);
  return sent.length === 0 ? compareUnasked(before, now, left) : compareWritten(now, left, sent, result);
}

/** A service that a reload dropped is ours until it is gone. */
function stillOurs({ configuration, keeper }: LvsState, found: Table): ReadonlySet<ServiceKey> {
  const dropped = [...keeper.owned].filter((key) => found.has(key));
  return new Set([...(configuration === undefined ? [] : keysOf(configuration)), ...dropped]);
}

/**
 * The first time may be chance. From the second on in a row pulse is told that we cannot balance, unless our
 * services were written before: the kernel goes on with the table that it has.
 */
function onUnreadable(before: LvsState, problem: string): Transition {
  const { keeper, told } = before;
  const unreadable = keeper.unreadable + 1;
  const state: LvsState = { ...before, keeper: { ...keeper, unreadable, problem } };
  const because = { type: 'problem', problem } as const;
  if (unreadable === 1) return go(state, tellNews({ type: 'table-unreadable', lasting: false, because }));
  if (unreadable > 2 && problem === keeper.problem) return stay(state);
  const complaint = tellNews({ type: 'table-unreadable', lasting: true, because });
  return told === 'written' || told === 'done'
    ? go(state, complaint)
    : go({ ...state, told: 'unable' }, complaint, tell({ type: 'unable', problem }));
}

const readableAgain = (state: LvsState): Transition =>
  go(
    { ...state, keeper: { ...state.keeper, problem: '' } },
    tellNews({ type: 'table-readable', because: { type: 'recovered' } }),
  );

const wasUnfinished = (state: LvsState): boolean => pending(state, wantedNow(state).table).length > 0;

/** Nothing was written: what differs from before was done by somebody else. */
function compareUnasked(before: LvsState, now: LvsState, drift: readonly TableCommand[]): Transition {
  if (drift.length === 0) return stay(now.keeper.failed.size === 0 ? now : withoutTrouble(now));
  if (before.keeper.found === undefined || before.keeper.unreadable > 0 || wasUnfinished(before)) return stay(now);
  return go(now, tableChanged(drift));
}

/** Lines that were written and are still wanted had no effect. */
function compareWritten(
  now: LvsState,
  wanted: readonly TableCommand[],
  sent: readonly string[],
  result: TableResult,
): Transition {
  const left = wanted.filter((command) => sent.includes(restoreLine(command)));
  if (left.length === 0) return recovered(now, result);
  const lines = left.map(restoreLine);
  const failures = lines.length < sent.length ? 0 : now.keeper.failures;
  const first = sent.find((line) => lines.includes(line));
  const suspects = result.finished || first === undefined ? [] : [first];
  const problem = `${result.complaint} (${lines.join('; ')})`;
  const failed = describeFailed(now, left, sent, result);
  const keeper: Keeper = {
    ...now.keeper,
    problem,
    failed,
    failures: failures + 1,
    retryAt: after(now.keeper.ranAt, backoff(failures, firstRetry, slowestRetry)),
    suspects: new Set([...now.keeper.suspects, ...suspects].filter((line) => lines.includes(line))),
  };
  const state = { ...now, keeper };
  return problem === now.keeper.problem ? stay(state) : go(state, ...failureNews(failed));
}

function failureNews(failed: ReadonlyMap<string, FailedLine>) {
  const news = [...failed]
    .slice(0, shown)
    .map(([line, { virtual, problem }]) =>
      tellNews({ type: 'line-failed', virtual, line, because: { type: 'problem', problem } }),
    );
  const count = failed.size - news.length;
  return count === 0 ? news : [...news, tellNews({ type: 'more-lines-failed', count })];
}

function recovered(state: LvsState, { complaint, finished }: TableResult): Transition {
  const because = { type: 'problem', problem: complaint } as const;
  const news = [
    ...(complaint === '' ? [] : [tellNews({ type: 'ipvsadm-complained', finished, because })]),
    ...(state.keeper.failed.size === 0
      ? []
      : [tellNews({ type: 'table-right-again', because: { type: 'recovered' } })]),
  ];
  return go(withoutTrouble(state), ...news);
}

const withoutTrouble = (state: LvsState): LvsState => ({
  ...state,
  keeper: { ...state.keeper, failed: new Map(), failures: 0, retryAt: never, suspects: new Set(), problem: '' },
});

const tableChanged = (drift: readonly TableCommand[]) =>
  tellNews({
    type: 'table-changed',
    lines: drift.slice(0, shown).map(restoreLine),
    more: Math.max(0, drift.length - shown),
    because: { type: 'somebody-else' },
  });
