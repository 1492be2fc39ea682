// Keeping the kernel's table as it should be: one run of ipvsadm at a time, and what its result means.
import type { Instant } from '@piranha/domain';
import { after, backoff, earliest, never, seconds } from '@piranha/domain';
import type { ServiceKey, TableCommand } from '@piranha/ipvs';
import { keyOf, plan, restoreLine, serviceKey } from '@piranha/ipvs';
import { keysOf, standing, wantedNow } from './standing.ts';
import type { Keeper, LvsState, TableResult } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay } from './transition.ts';

const checkInterval = seconds(5);
const firstRetry = seconds(1);
const slowestRetry = seconds(30);
/** So many lines of a long list are shown in the log. */
const shown = 5;

/** What has still to be written; nothing where we touch nothing, or do not know what is there. */
export function pending(state: LvsState): readonly TableCommand[] {
  const { found, owned, unreadable } = state.keeper;
  if (found === undefined || unreadable > 0 || state.role === 'waiting') return [];
  return plan(found, wantedNow(state), owned);
}

/** Starts ipvsadm where there is something to write or it is time to read. */
export function workOnTable(state: LvsState, commands: readonly TableCommand[], at: Instant): Transition {
  const { keeper, configuration } = state;
  if (configuration === undefined || keeper.running !== undefined) return stay(state);
  const all = commands.map(restoreLine);
  const lines = [
    ...all.filter((line) => !keeper.suspects.has(line)),
    ...all.filter((line) => keeper.suspects.has(line)),
  ];
  const isNew = lines.some((line) => !keeper.failed.has(line));
  const write = isNew || (lines.length > 0 && at >= keeper.retryAt);
  if (!write && at < readDue(state)) return stay(state);
  const running = write ? lines : [];
  return go(
    { ...state, keeper: { ...keeper, running } },
    {
      type: 'work-on-table',
      ipvsadm: configuration.ipvsadm,
      lines: running,
      thresholds: keeper.thresholds,
      loadModule: keeper.unreadable === 1,
    },
  );
}

/** When the table is read next. */
function readDue(state: LvsState): Instant {
  const { ranAt, unreadable } = state.keeper;
  if (unreadable === 1) return ranAt;
  if (unreadable > 1) return after(ranAt, backoff(unreadable - 2, checkInterval, slowestRetry));
  if (state.keeper.found === undefined) return ranAt;
  return standing(state) === undefined ? never : after(ranAt, checkInterval);
}

/** When ipvsadm is started next though nothing happens. */
export function nextTableWork(state: LvsState): Instant {
  const { running, failed, retryAt } = state.keeper;
  if (state.configuration === undefined || running !== undefined) return never;
  return earliest(readDue(state), failed.size > 0 ? retryAt : never);
}

/** ipvsadm has ended. */
export function onTableDone(before: LvsState, result: TableResult, at: Instant): Transition {
  const sent = before.keeper.running ?? [];
  const state: LvsState = { ...before, keeper: { ...before.keeper, running: undefined, ranAt: at } };
  if (!result.read.ok) return onUnreadable(state, [result.complaint, result.read.error].filter(Boolean).join('; '));
  const owned = new Set([...state.keeper.owned].filter((key) => stillOurs(state, key, result)));
  const read: LvsState = { ...state, keeper: { ...state.keeper, found: result.read.value, owned, unreadable: 0 } };
  const readable = state.keeper.unreadable > 1 ? readableAgain(read) : stay(read);
  return andThen(readable, (now) =>
    sent.length === 0 ? compareUnasked(before, now) : compareWritten(now, new Set(sent), result, at),
  );
}

/** A service that a reload dropped is ours until it is gone. */
function stillOurs({ configuration }: LvsState, key: ServiceKey, { read }: TableResult): boolean {
  return (read.ok && read.value.has(key)) || (configuration !== undefined && keysOf(configuration).includes(key));
}

/** The first time may be chance; from the second on in a row pulse is told that we can not balance. */
function onUnreadable(before: LvsState, problem: string): Transition {
  const { keeper } = before;
  const unreadable = keeper.unreadable + 1;
  const state: LvsState = { ...before, keeper: { ...keeper, unreadable, problem } };
  if (unreadable === 1) return go(state, log('warning', 'the IPVS table could not be read; trying again', { problem }));
  if (unreadable > 2 && problem === keeper.problem) return stay(state);
  return go({ ...state, announced: false }, log('error', 'the IPVS table can not be read: no balancing', { problem }), {
    type: 'tell',
    message: { type: 'unable', problem },
  });
}

const readableAgain = (state: LvsState): Transition =>
  go({ ...state, keeper: { ...state.keeper, problem: '' } }, log('notice', 'the IPVS table can be read again'));

/** Nothing was written: what differs from before was done by somebody else. */
function compareUnasked(before: LvsState, now: LvsState): Transition {
  const drift = pending(now);
  if (drift.length === 0) return stay(now.keeper.failed.size === 0 ? now : withoutTrouble(now));
  if (before.keeper.found === undefined || before.keeper.unreadable > 0 || pending(before).length > 0) return stay(now);
  return go(now, log('warning', 'somebody else changed the IPVS table: repairing it', listed(drift)));
}

/** Lines that were written and are still wanted had no effect. */
function compareWritten(now: LvsState, sent: ReadonlySet<string>, result: TableResult, at: Instant): Transition {
  const left = pending(now).filter((command) => sent.has(restoreLine(command)));
  if (left.length === 0) return recovered(now);
  const lines = left.map(restoreLine);
  const failures = lines.length < sent.size ? 0 : now.keeper.failures;
  const first = [...sent].find((line) => lines.includes(line));
  const suspects = result.finished || first === undefined ? [] : [first];
  const problem = `${result.complaint} (${lines.join('; ')})`;
  const keeper: Keeper = {
    ...now.keeper,
    problem,
    failed: new Set(lines),
    failures: failures + 1,
    retryAt: after(at, backoff(failures, firstRetry, slowestRetry)),
    suspects: new Set([...now.keeper.suspects, ...suspects].filter((line) => lines.includes(line))),
  };
  const state = { ...now, keeper };
  return problem === now.keeper.problem ? stay(state) : go(state, ...failureLines(now, left, result));
}

function failureLines(state: LvsState, left: readonly TableCommand[], { complaint }: TableResult) {
  const names = new Map(state.configuration?.virtualServers.map((each) => [keyOf(each), each.name]));
  const lines = left.slice(0, shown).map((command) => {
    const key = serviceKey('service' in command ? command.service.identity : command.identity);
    const text = `ipvsadm failed for virtual server ${names.get(key) ?? key}!`;
    return log('error', text, { line: restoreLine(command), problem: complaint || 'it had no effect' });
  });
  const more = left.length - lines.length;
  return more === 0 ? lines : [...lines, log('error', `ipvsadm failed for ${more} more lines`)];
}

const recovered = (state: LvsState): Transition =>
  state.keeper.failed.size === 0
    ? stay(withoutTrouble(state))
    : go(withoutTrouble(state), log('notice', 'the IPVS table is as it should be again'));

const withoutTrouble = (state: LvsState): LvsState => ({
  ...state,
  keeper: { ...state.keeper, failed: new Set(), failures: 0, retryAt: never, suspects: new Set(), problem: '' },
});

function listed(commands: readonly TableCommand[]) {
  const lines = commands.slice(0, shown).map(restoreLine).join('; ');
  const more = commands.length - shown;
  return { lines: more > 0 ? `${lines}; and ${more} more` : lines };
}
