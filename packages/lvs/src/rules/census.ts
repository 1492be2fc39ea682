// How many connections are in the table: with a sync daemon each router tells the other, so that one that came late is
// known to lack some.
import type { Instant, Outcome } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import type { Loads } from '@piranha/ipvs';
import { standing, standingVirtuals } from './standing.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

const interval = seconds(5);

/** Nobody else needs the number; where no service stands there is nothing to count. */
const isWanted = (state: LvsState): boolean =>
  standing(state)?.syncDaemon !== undefined && (state.role === 'active' || state.role === 'standby');

/** When connections are counted next, or when there is a count that does not hold any more. */
export function nextCensus(state: LvsState): Instant {
  if (isWanted(state)) return state.census.askAt;
  return state.census.count === null || state.role === 'ending' ? never : state.census.askAt;
}

/** Counts, where nobody does already. */
export function countForPartner(before: LvsState, at: Instant): Transition {
  if (at < nextCensus(before)) return stay(before);
  const state = { ...before, census: { ...before.census, askAt: after(at, interval) } };
  const ipvsadm = standing(state)?.ipvsadm;
  if (!isWanted(state) || ipvsadm === undefined) return note(state, null);
  return state.countAt === 'counting' ? stay(state) : go(state, { type: 'count-connections', ipvsadm });
}

/** What came of a count. */
export const onCensus = (state: LvsState, loads: Outcome<Loads, string>): Transition =>
  isWanted(state) ? note(state, loads.ok ? countIn(state, loads.value) : null) : stay(state);

const note = (state: LvsState, count: number | null): Transition =>
  count === state.census.count
    ? stay(state)
    : go({ ...state, census: { ...state.census, count } }, tell({ type: 'connections', count }));

/** Of all services of ours. */
const countIn = (state: LvsState, loads: Loads): number =>
  [...standingVirtuals(state).keys()]
    .flatMap((service) => [...(loads.get(service)?.values() ?? [])])
    .reduce((sum, { activeConnections, inactiveConnections }) => sum + activeConnections + inactiveConnections, 0);

/** After a change of role there is better to do. */
export const postponeCensus = (state: LvsState, at: Instant): LvsState => ({
  ...state,
  census: { ...state.census, askAt: after(at, interval) },
});
