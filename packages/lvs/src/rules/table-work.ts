// When ipvsadm is run, and for what: one run at a time.
import { isDeepStrictEqual } from 'node:util';
import type { ConnectionTimeouts } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { after, backoff, between, earliest, instant, milliseconds, never, seconds } from '@piranha/domain';
import type { Table, TableCommand } from '@piranha/ipvs';
import { plan, restoreLine } from '@piranha/ipvs';
import { standing } from './standing.ts';
import type { Keeper } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay } from './transition.ts';

const checkInterval = seconds(4);
const slowestReading = seconds(10);

/** What has still to be written; nothing where we touch nothing, or do not know what is there. */
export function pending(state: LvsState, wanted: Table): readonly TableCommand[] {
  const { found, owned, unreadable } = state.keeper;
  if (found === undefined || unreadable > 0 || state.role === 'waiting') return [];
  return plan(found, wanted, owned);
}

/** Whether ipvsadm is at work on changes. */
export const isWriting = ({ running }: Keeper): boolean => running !== undefined && running.length > 0;

/** A reading holds up no change: what it shows counts for nothing once something is written beside it. */
const mayStart = (keeper: Keeper, write: boolean): boolean =>
  keeper.running === undefined || (write && !isWriting(keeper));

/** Starts ipvsadm where there is something to write or it is time to read. */
export function workOnTable(state: LvsState, commands: readonly TableCommand[], at: Instant): Transition {
  const { keeper, configuration } = state;
  const write = isDue(keeper, commands, at);
  if (configuration === undefined || !mayStart(keeper, write)) return stay(state);
  if (write && mayWait(commands) && isResting(keeper, at)) return stay(state);
  const rested = { ...keeper, restUntil: isResting(keeper, at) ? keeper.restUntil : never };
  if (!write && at < readDue(state)) return stay({ ...state, keeper: rested });
  const run = keeper.run + 1;
  const running = write ? suspectsLast(commands, keeper.suspects) : [];
  return go(
    { ...state, keeper: { ...rested, run, running, startedAt: at } },
    {
      ...{ type: 'work-on-table', run, ipvsadm: configuration.ipvsadm, commands: running },
      thresholds: keeper.thresholds,
      timeouts: timeoutsToSet(state),
      settings: standing(state)?.ipvsSettings,
      loadModule: keeper.unreadable === 1,
    },
  );
}

const longestRest = seconds(1);

/**
 * After a run that wrote, new servers wait as long as it took: where many are found good one after the other, they go
 * in few batches.
 */
export const restAfter = (startedAt: Instant, endedAt: Instant): Instant =>
  after(endedAt, milliseconds(Math.min(between(startedAt, endedAt), longestRest)));

/** Lines that failed wait for their next try. */
const isDue = ({ failed, retryAt }: Keeper, commands: readonly TableCommand[], at: Instant): boolean =>
  commands.some((command) => !failed.has(restoreLine(command))) || (commands.length > 0 && at >= retryAt);

/** A server that has failed does not wait. */
const mayWait = (commands: readonly TableCommand[]): boolean =>
  commands.every(({ type }) => type === 'add-destination');

/** Whether ipvsadm rests. */
export const isResting = ({ restUntil }: Keeper, at: Instant): boolean => restUntil !== never && at < restUntil;

/** Timeouts of the file that the kernel has not got yet. */
function timeoutsToSet(state: LvsState): ConnectionTimeouts | undefined {
  const wanted = standing(state)?.timeouts;
  const said = wanted !== undefined && Object.values(wanted).some((seconds) => seconds > 0);
  return said && !isDeepStrictEqual(wanted, state.keeper.timeouts) ? wanted : undefined;
}

const suspectsLast = (commands: readonly TableCommand[], suspects: ReadonlySet<string>): readonly TableCommand[] =>
  suspects.size === 0
    ? commands
    : commands.toSorted((a, b) => Number(suspects.has(restoreLine(a))) - Number(suspects.has(restoreLine(b))));

/** When the table is read next. */
function readDue(state: LvsState): Instant {
  const { ranAt, unreadable, restUntil } = state.keeper;
  if (unreadable === 1) return ranAt;
  if (unreadable > 1) return after(ranAt, backoff(unreadable - 2, checkInterval, slowestReading));
  if (state.keeper.found === undefined) return ranAt;
  if (standing(state) === undefined) return never;
  const next = after(ranAt, checkInterval);
  // Nobody looks whether the table is as it was while ipvsadm rests.
  return restUntil === never ? next : instant(Math.max(next, restUntil));
}

/** When ipvsadm is started next though nothing happens. */
export function nextTableWork(state: LvsState): Instant {
  const { running, failed, retryAt, restUntil } = state.keeper;
  if (state.configuration === undefined || running !== undefined) return never;
  return earliest(readDue(state), restUntil, failed.size > 0 ? retryAt : never);
}
