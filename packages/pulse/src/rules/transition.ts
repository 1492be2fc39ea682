// Small words for building the answer of a step.
import type { Step } from '@piranha/domain';
import type { PairNews } from '../news.ts';
import type { PulseAction } from '../events.ts';
import type { PulseState } from '../state.ts';

/** The next state and the orders that go with it. */
export type Transition = Step<PulseState, PulseAction>;

/** Nothing is to be done. */
export const stay = (state: PulseState): Transition => ({ state, actions: [] });

/** Go on in `state` and do `actions`. */
export const go = (state: PulseState, ...actions: readonly PulseAction[]): Transition => ({ state, actions });

/** One thing after the other. */
export function andThen(first: Transition, next: (state: PulseState) => Transition): Transition {
  const second = next(first.state);
  return { state: second.state, actions: [...first.actions, ...second.actions] };
}

/** What happened is told. */
export const tell = (news: PairNews): PulseAction => ({ type: 'news', news });

/** Whether nobody but the partner can have caused what a datagram causes. */
export const isProved = ({ settings, reception }: PulseState): boolean =>
  settings.auth === 'require' && reception.proved;
