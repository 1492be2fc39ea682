// The table after an event: it becomes what is wanted, and pulse hears what it waits for.
import type { Instant } from '@piranha/domain';
import { chain } from '@piranha/domain';
import type { TableCommand } from '@piranha/ipvs';
import { restoreLine } from '@piranha/ipvs';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import { helpFtp } from './ftp.ts';
import { noteSorryServers } from './sorry.ts';
import { allJudged, sorryNow, standsAtAll, wantedNow } from './standing.ts';
import { compareTable } from './table-result.ts';
import { isResting, isWriting, nextTableWork, pending, workOnTable } from './table-work.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/**
 * Whether nothing changed that the table depends on, as when a nanny starts, ends or says that it lives. Comparing a table
 * of a thousand servers would take longer than the event itself.
 */
const tableStays = (before: LvsState, now: LvsState, at: Instant): boolean =>
  now.role !== 'ending' &&
  at < nextTableWork(now) &&
  groundOf(now).every((part, index) => part === groundOf(before)[index]);

/** All that the wanted table, and what pulse is told of it, depend on. */
const groundOf = ({ role, configuration, health, ramps, orders, keeper }: LvsState): readonly unknown[] => [
  ...[role, configuration, health, ramps, orders, keeper],
];

const onlyGood = (event: LvsEvent): boolean =>
  event.type === 'nanny-said' && event.findings.every(({ type }) => type === 'up');

/** Has the table become what is wanted, and tells pulse what it is waiting for. What is wanted and what is pending is found once. */
export function keepTable(before: LvsState, now: LvsState, event: LvsEvent): Transition {
  const { at } = event;
  if (tableStays(before, now, at)) return stay(now);
  // The end of the rest is an event, too: till then a thousand verdicts need not be compared with the table one by one.
  const rests = onlyGood(event) && isResting(now.keeper, at);
  const wanted = rests || isWriting(now.keeper) ? undefined : wantedNow(now);
  const commands = wanted === undefined ? [] : pending(now, wanted.table);
  return chain(
    now,
    (state) => noteSorryServers(state, wanted?.sorry ?? sorryNow(state)),
    helpFtp,
    (state) => (isResultOf(before, event) ? compareTable(before, state, commands, event.result) : stay(state)),
    (state) => (rests ? stay(state) : workOnTable(state, commands, at)),
    (state) => (rests ? stay(state) : tellProgress(state, commands)),
  );
}

/** Whether this is how the run of ipvsadm ended that is under way; the result of an older one is out of date. */
export const isResultOf = (
  { keeper }: LvsState,
  event: LvsEvent,
): event is Extract<LvsEvent, { readonly type: 'table-done' }> =>
  event.type === 'table-done' && event.run === keeper.run;

const tellProgress = (state: LvsState, commands: readonly TableCommand[]): Transition =>
  state.role === 'ending' ? exitWhenDone(state, commands.length) : announce(state, commands);

/** One line without effect must not keep the others from being used: it is enough that every line was tried. */
function announce(state: LvsState, commands: readonly TableCommand[]): Transition {
  const { found, running, unreadable, failed } = state.keeper;
  const untried = commands.some((command) => !failed.has(restoreLine(command)));
  const lost = state.role === 'active' && !standsAtAll(state);
  const nothingNew = state.told === 'done' && state.answered && !lost;
  if (nothingNew || untried || found === undefined || running !== undefined || unreadable > 0) {
    return stay(state);
  }
  if (state.role === 'standby') return go({ ...state, told: 'done', answered: true }, tell({ type: 'standing-by' }));
  return state.role === 'active' ? announceActive(state) : stay(state);
}

function announceActive(state: LvsState): Transition {
  const { failures, problem } = state.keeper;
  if (!standsAtAll(state)) {
    // Once may be chance: an ipvsadm that was killed, say.
    if (failures < 2 || state.told === 'unable') return stay(state);
    return go({ ...state, told: 'unable' }, tell({ type: 'unable', problem }));
  }
  if (allJudged(state)) return go({ ...state, told: 'done', answered: true }, tell({ type: 'ready' }));
  return state.told === 'written' || state.told === 'done'
    ? stay(state)
    : go({ ...state, told: 'written' }, tell({ type: 'written' }));
}

/** Ends when our services and nannies are gone; a table that refuses twice stays as it is. */
function exitWhenDone(state: LvsState, left: number): Transition {
  const { running, failures, unreadable } = state.keeper;
  const unclean = failures > 1 || unreadable > 1;
  if (running !== undefined || (left > 0 && !unclean)) return stay(state);
  if (unreadable === 1) return stay(state);
  if (state.nannies.size > 0 || state.leaving.size > 0) return stay(state);
  return go(state, { type: 'exit', status: left > 0 || unclean ? 1 : 0 });
}
