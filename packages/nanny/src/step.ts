// What a nanny decides: when each server is checked, and what its results mean. Pure.
import type { Instant } from '@piranha/domain';
import { after, assertNever, chain, earliest, seconds } from '@piranha/domain';
import type { NannyCommand } from '@piranha/protocol';
import { asksTheSame } from '@piranha/protocol';
import type { Checked } from './rules/check-result.ts';
import { isNotMade } from './rules/check-result.ts';
import type { Health, Verdict } from './rules/health.ts';
import { afterResult, nearlyBack, startingHealth } from './rules/health.ts';
import type { LoadResult } from './rules/load.ts';
import { beginAsking, endAsking, onAnswer, placeOf, startDueQueries } from './rules/load.ts';
import { nextAtRate, secondCheckAt } from './rules/schedule.ts';
import { tellVerdict } from './rules/tell-verdict.ts';
import type { NannyStep } from './rules/transition.ts';
import { report, stay, tellNews } from './rules/transition.ts';
import type { NannyAction, NannyEvent, NannyState, Watched } from './state.ts';
import { forgetUnmade, noteMade, noteUnmade } from './rules/trouble.ts';

/** The next state and what is to be done. */
export function step(state: NannyState, event: NannyEvent): NannyStep {
  switch (event.type) {
    case 'command':
      return onCommand(state, event.command, event.at);
    case 'signal':
      return onSignal(state, event.to);
    case 'clock':
      return chain(
        state,
        (now) => startDueChecks(now, event.at),
        (now) => startQueries(now, event.at),
      );
    case 'check-done':
      return chain(
        state,
        (now) => onCheckDone(now, event),
        (now) => noteTrouble(state, now, event),
      );
    case 'query-done':
      return chain(
        state,
        (now) => onQueryDone(now, event.watch, event.run, event.result),
        (now) => noteTrouble(state, now, event),
        (now) => startQueries(now, event.at),
      );
    default:
      return assertNever(event, 'nanny event');
  }
}

/** When the next check or query is due. A server whose check is under way waits for its end. */
export function nextDeadline(state: NannyState): Instant {
  let deadline = state.loads.due;
  for (const watched of state.watches.values()) {
    if (watched.running === undefined) deadline = earliest(deadline, watched.nextCheckAt);
  }
  return deadline;
}

function onCommand(state: NannyState, command: NannyCommand, at: Instant): NannyStep {
  switch (command.type) {
    case 'watch':
      return onWatch(state, command, at);
    case 'forget':
      return forget(state, command.watch);
    case 'check':
      return checkNow(state, command.watch, at);
    case 'ping':
      return { state, actions: [report({ type: 'alive' })] };
    default:
      return assertNever(command, 'nanny command');
  }
}

function onWatch(state: NannyState, command: Extract<NannyCommand, { type: 'watch' }>, at: Instant): NannyStep {
  const { watch, check, known } = command;
  const replaced = forget(state, watch);
  const run = replaced.state.lastRun + 1;
  const watched: Watched = {
    check,
    health: healthAtStart(state.watches.get(watch), command),
    nextCheckAt: secondCheckAt(at, check.timeout, watch),
    running: run,
  };
  return {
    state: {
      watches: withWatch(replaced.state.watches, watch, watched),
      lastRun: run,
      trouble: replaced.state.trouble,
      loads:
        known === 'up' ? beginAsking(replaced.state.loads, watch, check, watched.nextCheckAt) : replaced.state.loads,
    },
    actions: [
      ...replaced.actions,
      tellNews({ type: 'watch-started', place: placeOf(check) }),
      { type: 'start-check', watch, run, check },
    ],
  };
}

/** What was found already goes on counting where the same is asked: of a good server on its way back, too. */
function healthAtStart(
  before: Watched | undefined,
  { check, known }: Extract<NannyCommand, { type: 'watch' }>,
): Health {
  const goesOn = before?.health.verdict === known && asksTheSame(before.check, check);
  return goesOn ? { ...before.health, reported: false } : startingHealth(known);
}

function forget(state: NannyState, watch: string): NannyStep {
  const watches = new Map(state.watches);
  const running = watches.get(watch)?.running;
  watches.delete(watch);
  const actions: readonly NannyAction[] = running === undefined ? [] : [{ type: 'cancel-check', run: running }];
  const trouble = forgetUnmade(state.trouble, `check-done ${watch}`);
  const without: NannyState = { ...state, watches, trouble };
  return chain(
    without,
    (now) => ({ state: now, actions }),
    (now) => stopQueries(now, watch),
  );
}

/** lvs is the one that forces: it remembers when this process is gone. A signal does not say which of several servers it means. */
function onSignal(state: NannyState, to: 'up' | 'down' | 'auto'): NannyStep {
  const [watch, another] = state.watches.keys();
  if (watch !== undefined && another === undefined) {
    return { state, actions: [tellNews({ type: 'forced', to }), report({ type: 'force', watch, to })] };
  }
  return { state, actions: [tellNews({ type: 'signal-ignored', to, servers: state.watches.size })] };
}

/** One good result brings it back, however many are missing. */
function checkNow(state: NannyState, watch: string, at: Instant): NannyStep {
  const watched = state.watches.get(watch);
  if (watched === undefined) return stay(state);
  const run = state.lastRun + 1;
  const now: Watched = {
    ...watched,
    health: nearlyBack(watched.health, watched.check),
    nextCheckAt: secondCheckAt(at, watched.check.timeout, watch),
    running: run,
  };
  return {
    state: { ...state, watches: withWatch(state.watches, watch, now), lastRun: run },
    actions: [
      ...(watched.running === undefined ? [] : [{ type: 'cancel-check', run: watched.running } as const]),
      { type: 'start-check', watch, run, check: watched.check },
    ],
  };
}

function startDueChecks(state: NannyState, at: Instant): NannyStep {
  const watches = new Map(state.watches);
  const actions: NannyAction[] = [];
  let run = state.lastRun;
  for (const [watch, watched] of state.watches) {
    if (watched.running !== undefined || watched.nextCheckAt > at) continue;
    run++;
    const nextCheckAt = nextAtRate(watched.nextCheckAt, watched.check.timeout, at);
    watches.set(watch, { ...watched, running: run, nextCheckAt });
    actions.push({ type: 'start-check', watch, run, check: watched.check });
  }
  return { state: { ...state, watches, lastRun: run }, actions };
}

/** Soon: the router may be well again. */
const retryPause = seconds(1);

function onCheckDone(
  state: NannyState,
  { watch, run, result, at }: Extract<NannyEvent, { readonly type: 'check-done' }>,
): NannyStep {
  const watched = state.watches.get(watch);
  if (watched?.running !== run) return stay(state);
  if (isNotMade(result)) {
    const nextCheckAt = earliest(watched.nextCheckAt, after(at, retryPause));
    const again = withWatch(state.watches, watch, { ...watched, running: undefined, nextCheckAt });
    return stay({ ...state, watches: again });
  }
  const health = afterResult(watched.health, result.ok ? 'up' : 'down', watched.check);
  const watches = withWatch(state.watches, watch, { ...watched, health, running: undefined });
  return chain(
    { ...state, watches },
    (now) => ({ state: now, actions: tellVerdict(watch, watched, health, result) }),
    (now) => (health.verdict === watched.health.verdict ? stay(now) : queriesFor(now, watch, watched, health.verdict)),
  );
}

/** The load of a server that is up is asked for, that of another is not. */
function queriesFor(state: NannyState, watch: string, { check, nextCheckAt }: Watched, verdict: Verdict): NannyStep {
  if (verdict === 'down') return stopQueries(state, watch);
  return stay({ ...state, loads: beginAsking(state.loads, watch, check, nextCheckAt) });
}

/** What could not be made is no finding; it is told as trouble of this router. */
function noteTrouble(
  before: NannyState,
  state: NannyState,
  { type, watch, result, at }: Extract<NannyEvent, { readonly type: 'check-done' | 'query-done' }>,
): NannyStep {
  // Nobody waits for it any more.
  if (state === before) return stay(state);
  const what = `${type} ${watch}`;
  const outcome: Checked<unknown> = result;
  const { trouble, news } = isNotMade(outcome)
    ? noteUnmade(state.trouble, what, outcome.error, at)
    : noteMade(state.trouble, what, at);
  const told = news === undefined ? [] : [report({ type: 'trouble', problem: news })];
  return { state: { ...state, trouble }, actions: told };
}

function startQueries(state: NannyState, at: Instant): NannyStep {
  const started = startDueQueries(state.loads, at);
  return { state: { ...state, loads: started.loads }, actions: started.actions };
}

function stopQueries(state: NannyState, watch: string): NannyStep {
  const ended = endAsking(state.loads, watch);
  const trouble = forgetUnmade(state.trouble, `query-done ${watch}`);
  return { state: { ...state, loads: ended.loads, trouble }, actions: ended.actions };
}

/** The load is told each time; why it is not known, once. */
function onQueryDone(state: NannyState, watch: string, run: number, result: LoadResult): NannyStep {
  const answered = onAnswer(state.loads, watch, run, result);
  if (answered === undefined) return stay(state);
  const { loads, load, news } = answered;
  return {
    state: { ...state, loads },
    actions: [
      ...(news === undefined ? [] : [tellNews(news)]),
      ...(load === undefined ? [] : [report({ type: 'load', watch, load })]),
    ],
  };
}

const withWatch = (watches: NannyState['watches'], watch: string, watched: Watched): NannyState['watches'] =>
  new Map(watches).set(watch, watched);
