// A nanny's actions, done: checks are run and messages told.
import type { Clock } from '@piranha/domain';
import { assertNever } from '@piranha/domain';
import type { Check, NannyMessage } from '@piranha/protocol';
import { askLoad } from './hands/ask-load.ts';
import type { MakeCheck } from './hands/prepared-checks.ts';
import type { UnderWay } from './hands/under-way.ts';
import type { CheckResult } from './rules/check-result.ts';
import { wordsOf } from './rules/words.ts';
import type { NannyAction, NannyEvent } from './state.ts';

/** Where messages go, and who wants to know each result. */
export type Listener = {
  readonly report: (message: NannyMessage) => void;
  readonly onResult?: (check: Check, result: CheckResult) => void;
};

/** What actions need: the work under way, who makes checks, the time, who listens, and who takes the events that come of it. */
export type Means = {
  readonly checks: UnderWay;
  readonly queries: UnderWay;
  readonly makeCheck: MakeCheck;
  readonly clock: Clock;
  readonly listener: Listener;
  readonly dispatch: (event: NannyEvent) => void;
};

/** Does one action. */
export function perform(action: NannyAction, means: Means): void {
  switch (action.type) {
    case 'start-check':
      void runCheck(action, means);
      return;
    case 'cancel-check':
      means.checks.callOff(action.run);
      return;
    case 'start-query':
      void runQuery(action, means);
      return;
    case 'cancel-query':
      means.queries.callOff(action.run);
      return;
    case 'news':
      means.listener.report(wordsOf(action.news));
      return;
    case 'report':
      means.listener.report(action.message);
      return;
    default:
      assertNever(action, 'nanny action');
  }
}

async function runCheck(
  { watch, run, check }: Extract<NannyAction, { type: 'start-check' }>,
  { checks, makeCheck, clock, listener, dispatch }: Means,
): Promise<void> {
  const result = await makeCheck(check, checks.begin(run));
  if (!checks.end(run)) return;
  listener.onResult?.(check, result);
  dispatch({ type: 'check-done', at: clock.now(), watch, run, result });
}

async function runQuery(
  { watch, run, query }: Extract<NannyAction, { type: 'start-query' }>,
  { queries, clock, dispatch }: Means,
): Promise<void> {
  const result = await askLoad(query, queries.begin(run));
  if (queries.end(run)) dispatch({ type: 'query-done', at: clock.now(), watch, run, result });
}
