// What lvs decides. Pure: time comes in with the events.
import type { Instant } from '@piranha/domain';
import { assertNever, earliest, never } from '@piranha/domain';
import type { TableCommand } from '@piranha/ipvs';
import { restoreLine } from '@piranha/ipvs';
import { helpFtp, onFtpModule } from './rules/ftp.ts';
import { countForPartner, nextCensus, onCensus, postponeCensus } from './rules/census.ts';
import { countLater, goOnDraining, nextDraining, onConnectionsCounted } from './rules/draining.ts';
import { onFindings } from './rules/findings.ts';
import {
  fenceAndEnd,
  fenceAt,
  fenceInTime,
  keepFenced,
  leaveInTime,
  onAddressesLowered,
  onAdopted,
  onParentGone,
  onTick,
  stopsAlone,
} from './rules/lifeline-rule.ts';
import { nextLiving, tellLiving } from './rules/living.ts';
import { changeUser, nextRestart, onNannyEnded, onNannyStarted, restartNannies } from './rules/nannies.ts';
import { end, rearrange, takeRole } from './rules/roles.ts';
import { forgetOrders, onServerOrder } from './rules/server-orders.ts';
import { onPartnerOrders, sharedOrders } from './rules/shared-orders.ts';
import { doubleWeights, nextDoubling } from './rules/server-weights.ts';
import { onNannyAlive, pingNannies } from './rules/signs-of-life.ts';
import { onNannyTrouble } from './rules/troubles.ts';
import { noteSorryServers } from './rules/sorry.ts';
import { allJudged, keysOf, standsAtAll } from './rules/standing.ts';
import { onOrdersSaved, sameOrders, saveAgain, saveChanges } from './rules/saving.ts';
import type { LvsEvent, LvsState } from './state.ts';
import { onTableDone } from './rules/table-result.ts';
import { isResting, isWriting, nextTableWork, pending, workOnTable } from './rules/table-work.ts';
import type { Transition } from './rules/transition.ts';
import { andThen, go, log, stay, tell } from './rules/transition.ts';

export { initialState } from './state.ts';
export type { LvsAction, LvsEvent, LvsState, TableResult } from './state.ts';

/** The next state and what is to be done. */
export function step(before: LvsState, event: LvsEvent): Transition {
  const done = andThen(
    andThen(fenceInTime(before, event), (state) => onEvent(state, event)),
    (state) => (saysNothingOfTable(before, state, event.at) ? stay(state) : settle(state, event)),
  );
  const saved = andThen(
    andThen(done, (state) => saveChanges(before, state)),
    (state) => tellOrders(before, state, event),
  );
  const counted = andThen(saved, (state) => stay(waitWithCounts(before, state, event.at)));
  return tableFirst(andThen(counted, (state) => tellLiving(before, state, event.at)));
}

/** Nannies that start, end and say that they live: with a thousand servers, comparing the table takes longer than they do. */
const saysNothingOfTable = (before: LvsState, now: LvsState, at: Instant): boolean =>
  now.role !== 'ending' &&
  at < nextTableWork(now) &&
  groundOf(now).every((part, index) => part === groundOf(before)[index]);

/** All that the wanted table, and what pulse is told of it, depend on. */
const groundOf = ({ role, configuration, health, ramps, orders, keeper }: LvsState): readonly unknown[] => [
  ...[role, configuration, health, ramps, orders, keeper],
];

/** pulse has them for the partner: all of them at each change, and when it has handed us a file or is a new one. */
function tellOrders(before: LvsState, now: LvsState, { type, at }: LvsEvent): Transition {
  const asked = type === 'configured' || (before.lifeline.orphaned && !now.lifeline.orphaned);
  if (!(asked && now.orders.size + now.releases.size > 0) && sameOrders(before, now)) return stay(now);
  // Before the first file nobody knows which servers there are.
  return now.configuration === undefined ? stay(now) : go(now, tell({ type: 'orders', orders: sharedOrders(now, at) }));
}

/** A change of role comes first. */
const waitWithCounts = (before: LvsState, now: LvsState, at: Instant): LvsState =>
  before.role === now.role ? now : postponeCensus(countLater(now, at), at);

/** The table does not wait for nannies, of which each takes a while to start. */
const tableFirst = ({ state, actions }: Transition): Transition => ({
  state,
  actions: actions.toSorted((a, b) => Number(b.type === 'work-on-table') - Number(a.type === 'work-on-table')),
});

function onEvent(state: LvsState, event: LvsEvent): Transition {
  switch (event.type) {
    case 'clock':
      return onClock(state, event.at);
    case 'configured':
      return onConfigured(state, event);
    case 'rejected':
      return go(state, tell({ type: 'rejected', problem: event.problem }));
    case 'tick':
      return onTick(state, event);
    case 'started-by-hand':
      return takeRole(state, 'active', event.at);
    case 'nanny-started':
      return onNannyStarted(state, event.nanny, event.pid);
    case 'nanny-said':
      return onFindings(state, event);
    case 'nanny-alive':
      return onNannyAlive(state, event);
    case 'nanny-trouble':
      return onNannyTrouble(state, event);
    case 'nanny-ended':
      return onNannyEnded(state, event);
    case 'table-done':
      return event.run === state.keeper.run ? onTableDone(state, event.result, event.at) : stay(state);
    case 'ftp-module-done':
      return onFtpModule(state, event);
    case 'server-order':
      return onServerOrder(state, event);
    case 'orders-saved':
      return onOrdersSaved(state, event);
    case 'connections-counted':
      return andThen(onConnectionsCounted(state, event), (now) => onCensus(now, event.loads));
    case 'partner-orders':
      return onPartnerOrders(state, event);
    case 'parent-gone':
      return onParentGone(state, event.at);
    case 'adopted':
      return onAdopted(state);
    case 'addresses-lowered':
      return onAddressesLowered(state, event);
    case 'stop':
      return onStop(state, event);
    default:
      return assertNever(event, 'lvs event');
  }
}

/** Everything that is due. */
const onClock = (before: LvsState, at: Instant): Transition =>
  [
    leaveInTime,
    keepFenced,
    restartNannies,
    pingNannies,
    doubleWeights,
    goOnDraining,
    countForPartner,
    saveAgain,
  ].reduce((done, act) => andThen(done, (state) => act(state, at)), stay(before));

/** When something is due though nothing happens. */
export const nextDeadline = (state: LvsState): Instant =>
  earliest(
    ...[nextRestart(state), state.pingAt, nextDoubling(state), nextDraining(state), nextTableWork(state)],
    ...[fenceAt(state), leaving(state), state.lifeline.guardAt, nextLiving(state), nextCensus(state)],
    state.saving.againAt,
  );

const leaving = ({ role, lifeline }: LvsState): Instant => (role === 'ending' ? never : lifeline.leaveAt);

function onConfigured(
  before: LvsState,
  { configuration, digest, nannyUser, at }: Extract<LvsEvent, { readonly type: 'configured' }>,
): Transition {
  if (before.role === 'ending') return stay(before);
  const servers = configuration.virtualServers.flatMap((virtual) => virtual.servers);
  const keeper = {
    ...before.keeper,
    owned: new Set([...before.keeper.owned, ...keysOf(configuration)]),
    thresholds: before.keeper.thresholds || servers.some((server) => server.upper > 0 || server.lower > 0),
  };
  const told = go({ ...before, configuration, digest, keeper, answered: false }, tell({ type: 'configured', digest }));
  const alone = andThen(andThen(told, forgetOrders), (state) => changeUser(state, nannyUser));
  return andThen(alone, (state) => rearrange(before, state, at));
}

/** Ends at once; addresses that are on their way down are waited for. */
function onStop(state: LvsState, { reason, at }: Extract<LvsEvent, { readonly type: 'stop' }>): Transition {
  const { role, lifeline } = state;
  if (role === 'ending' || (role === 'fencing' && lifeline.orphaned)) return stay(state);
  if (stopsAlone(state)) return fenceAndEnd(state, reason);
  const noticed = go({ ...state, lifeline: { ...lifeline, orphaned: true } }, log('notice', reason));
  return role === 'fencing' ? noticed : andThen(noticed, (now) => end(now, at));
}

const onlyGood = (event: LvsEvent): boolean =>
  event.type === 'nanny-said' && event.findings.every(({ type }) => type === 'up');

/** What follows from any event: table work, then telling that the role's work is done. */
function settle(state: LvsState, event: LvsEvent): Transition {
  const { at } = event;
  const noted = andThen(noteSorryServers(state), helpFtp);
  // The end of the rest is an event, too: till then a thousand verdicts need not be compared with the table one by one.
  if (onlyGood(event) && isResting(state.keeper, at)) return noted;
  const commands = isWriting(state.keeper) ? [] : pending(state);
  return andThen(
    andThen(noted, (now) => workOnTable(now, commands, at)),
    (now) => (now.role === 'ending' ? exitWhenDone(now, commands.length) : announce(now, commands)),
  );
}

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
