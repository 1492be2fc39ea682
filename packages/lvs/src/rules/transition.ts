// Small words for building the answer of a step.
import type { Step } from '@piranha/domain';
import type { LvsMessage } from '@piranha/protocol';
import type { LvsAction } from '../events.ts';
import type { TableNews } from '../news.ts';
import type { LvsState } from '../state.ts';

/** The next state and the orders that go with it. */
export type Transition = Step<LvsState, LvsAction>;

/** Nothing is to be done. */
export const stay = (state: LvsState): Transition => ({ state, actions: [] });

/** Go on in `state` and do `actions`. */
export const go = (state: LvsState, ...actions: readonly LvsAction[]): Transition => ({ state, actions });

/** Something happened that the log, and whoever follows lvs, should hear. */
export const tellNews = (news: TableNews): LvsAction => ({ type: 'news', news });

/** A message for pulse. */
export const tell = (message: LvsMessage): LvsAction => ({ type: 'tell', message });
