// What lvs would do with another file: its own rules, played on a copy of its state and a model of the table.
import type { ConnectionTimeouts } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { success } from '@piranha/domain';
import type { Table, TableCommand } from '@piranha/ipvs';
import { applyCommands, emptyTable } from '@piranha/ipvs';
import type { Finding, LvsAction, LvsEvent } from '../events.ts';
import type { TableResult, TableWork } from '../keeper.ts';
import type { WatchId } from '../state-parts.ts';
import type { LvsState } from '../state.ts';
import { step } from '../step.ts';

export { reportOf } from './report.ts';
export { assumedState, reportedState } from './reported-state.ts';

/** Checks by the names of virtual and real server. */
export type CheckChanges = {
  readonly begun: readonly string[];
  readonly restarted: readonly string[];
  readonly ended: readonly string[];
};

/** All that lvs would do. */
export type DryRun = {
  /** What ipvsadm would be given, in this order. */
  readonly commands: readonly TableCommand[];
  /** What follows when servers that were not checked yet are found good. */
  readonly later: readonly TableCommand[];
  readonly checks: CheckChanges;
  /** Connection timeouts that the kernel would be given; undefined where they stay. */
  readonly timeouts: ConnectionTimeouts | undefined;
};

/** A file to be put in force. */
export type NewFile = Pick<
  Extract<LvsEvent, { readonly type: 'configured' }>,
  'configuration' | 'digest' | 'nannyUser'
>;

/** Plays a file; the answer holds where every line has its effect. */
export function dryRun(state: LvsState, file: NewFile, at: Instant): DryRun {
  const first = play(state, [{ type: 'configured', at, ...file }]);
  const later = play(first.state, goodNews(first.state, at));
  const checks = checkChanges(state, first);
  return { commands: first.commands, later: later.commands, checks, timeouts: first.timeouts };
}

/** What came of some events: the state in the end, and all that was done. */
type Played = {
  readonly state: LvsState;
  readonly actions: readonly LvsAction[];
  readonly commands: readonly TableCommand[];
  readonly timeouts: ConnectionTimeouts | undefined;
};

/** ipvsadm runs for this many batches at most: where lvs wants more, it does not come to rest. */
const mostRuns = 20;

function play(before: LvsState, events: readonly LvsEvent[]): Played {
  const actions: LvsAction[] = [];
  const works: TableWork[] = [];
  let state = before;
  const take = (event: LvsEvent): TableWork | undefined => {
    const next = step(state, event);
    state = next.state;
    actions.push(...next.actions);
    return next.actions.find((action) => action.type === 'work-on-table');
  };
  for (const event of events) {
    let work = take(event);
    for (let run = 0; work !== undefined && run < mostRuns; run += 1) {
      works.push(work);
      work = take({ type: 'table-done', at: event.at, run: work.run, result: goodResult(work, state.keeper.found) });
    }
  }
  const timeouts = works.map((work) => work.timeouts).find((each) => each !== undefined);
  return { state, actions, commands: works.flatMap(({ commands }) => commands), timeouts };
}

/** Every line has had its effect. */
const goodResult = (work: TableWork, found: Table = emptyTable): TableResult => ({
  complaint: '',
  finished: true,
  timeouts: work.timeouts === undefined ? undefined : { sent: work.timeouts, problem: '' },
  settings: [],
  read: success(applyCommands(found, work.commands)),
});

/** Each nanny finds its servers good that were not checked yet. */
function goodNews({ watches, health }: LvsState, at: Instant): readonly LvsEvent[] {
  const findings = new Map<number, Finding[]>();
  for (const [watch, { nanny, server }] of watches) {
    if ((health.get(server) ?? 'unknown') !== 'unknown') continue;
    findings.set(nanny, [...(findings.get(nanny) ?? []), { type: 'up', watch }]);
  }
  return [...findings].map(([nanny, found]) => ({ type: 'nanny-said', at, nanny, findings: found }));
}

/** A check that a nanny is told of though it had it already begins anew. */
function checkChanges(before: LvsState, { state, actions }: Played): CheckChanges {
  const told = actions.flatMap((action) => (action.type === 'command-nanny' ? action.commands : []));
  const begun = told.flatMap((command) => (command.type === 'watch' ? [command.watch as WatchId] : []));
  return {
    begun: labelsOf(
      begun.filter((watch) => !before.watches.has(watch)),
      state,
    ),
    restarted: labelsOf(
      begun.filter((watch) => before.watches.has(watch)),
      state,
    ),
    ended: labelsOf(
      [...before.watches.keys()].filter((watch) => !state.watches.has(watch)),
      before,
    ),
  };
}

/** A server is named once, however many checks of it there are. */
function labelsOf(ids: readonly WatchId[], { watches, servers }: LvsState): readonly string[] {
  const concerned = new Set(ids.flatMap((id) => watches.get(id)?.server ?? []));
  return [...concerned].flatMap((server) => servers.get(server)?.label ?? []);
}
