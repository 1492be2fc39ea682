// Small words for building the answer of a step.
import type { Step } from '@piranha/domain';
import type { LogAction, PulseAction, PulseState } from '../state.ts';

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

/** One line for the log. */
export const log = (level: LogAction['level'], text: string): LogAction => ({ type: 'log', level, text });

/** A line that a datagram causes: where nothing proves that it is the partner's, one a minute of its kind. */
export const heardLog = ({ settings, reception }: PulseState, kind: string, line: LogAction): LogAction =>
  settings.auth === 'require' && reception.proved ? line : { ...line, kind };
