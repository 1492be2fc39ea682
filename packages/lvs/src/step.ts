// What lvs decides. Pure: time comes in with the events.
import type { Instant } from '@piranha/domain';
import { assertNever, chain, earliest, never } from '@piranha/domain';
import { onFtpModule } from './rules/ftp.ts';
import { isResultOf, keepTable } from './rules/keep-table.ts';
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
import { keysOf } from './rules/standing.ts';
import { onOrdersSaved, sameOrders, saveAgain, saveChanges } from './rules/saving.ts';
import type { LvsEvent } from './events.ts';
import type { TableNews } from './news.ts';
import type { LvsState } from './state.ts';
import { onTableDone } from './rules/table-result.ts';
import { nextTableWork } from './rules/table-work.ts';
import type { Transition } from './rules/transition.ts';
import { go, stay, tell, tellNews } from './rules/transition.ts';

export { initialState } from './state.ts';
export type { LvsAction, LvsEvent } from './events.ts';
export type { TableResult } from './keeper.ts';
export type { LvsState } from './state.ts';

/** The next state and what is to be done. */
export function step(before: LvsState, event: LvsEvent): Transition {
  const done = chain(
    before,
    (state) => fenceInTime(state, event),
    (state) => onEvent(state, event),
    (state) => keepTable(before, state, event),
    (state) => saveChanges(before, state),
    (state) => tellOrders(before, state, event),
    (state) => postponeCounts(before, state, event.at),
    (state) => tellLiving(before, state, event.at),
  );
  return tableFirst(done);
}

/** pulse has them for the partner: all of them at each change, and when it has handed us a file or is a new one. */
function tellOrders(before: LvsState, now: LvsState, { type, at }: LvsEvent): Transition {
  const asked = type === 'configured' || (before.lifeline.orphaned && !now.lifeline.orphaned);
  if (!(asked && now.orders.size + now.releases.size > 0) && sameOrders(before, now)) return stay(now);
  // Before the first file nobody knows which servers there are.
  return now.configuration === undefined ? stay(now) : go(now, tell({ type: 'orders', orders: sharedOrders(now, at) }));
}

/** A change of role comes before counting connections. */
const postponeCounts = (before: LvsState, now: LvsState, at: Instant): Transition =>
  stay(before.role === now.role ? now : postponeCensus(countLater(now, at), at));

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
      return isResultOf(state, event) ? onTableDone(state, event.result, event.at) : stay(state);
    case 'ftp-module-done':
      return onFtpModule(state, event);
    case 'server-order':
      return onServerOrder(state, event);
    case 'orders-saved':
      return onOrdersSaved(state, event);
    case 'connections-counted':
      return chain(
        state,
        (now) => onConnectionsCounted(now, event),
        (now) => onCensus(now, event.loads),
      );
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
  chain(
    before,
    (state) => leaveInTime(state, at),
    (state) => keepFenced(state, at),
    (state) => restartNannies(state, at),
    (state) => pingNannies(state, at),
    (state) => doubleWeights(state, at),
    (state) => goOnDraining(state, at),
    (state) => countForPartner(state, at),
    (state) => saveAgain(state, at),
  );

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
  return chain(
    { ...before, configuration, digest, keeper, answered: false },
    (state) => go(state, tell({ type: 'configured', digest })),
    forgetOrders,
    (state) => changeUser(state, nannyUser),
    (state) => rearrange(before, state, at),
  );
}

/** Ends at once; addresses that are on their way down are waited for. */
function onStop(state: LvsState, { signal, at }: Extract<LvsEvent, { readonly type: 'stop' }>): Transition {
  const { role, lifeline } = state;
  if (role === 'ending' || (role === 'fencing' && lifeline.orphaned)) return stay(state);
  const stopping: TableNews = { type: 'stopping', because: { type: 'signal', signal } };
  if (stopsAlone(state)) return fenceAndEnd(state, stopping);
  const orphan: LvsState = { ...state, lifeline: { ...lifeline, orphaned: true } };
  return chain(
    orphan,
    (now) => go(now, tellNews(stopping)),
    (now) => (role === 'fencing' ? stay(now) : end(now, at)),
  );
}
