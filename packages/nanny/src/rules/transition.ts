// Small words for building the answer of a step.
import type { Step } from '@piranha/domain';
import type { NannyMessage } from '@piranha/protocol';
import type { CheckNews } from '../news.ts';
import type { NannyAction, NannyState } from '../state.ts';

/** The next state and the orders that go with it. */
export type NannyStep = Step<NannyState, NannyAction>;

/** Nothing is to be done. */
export const stay = (state: NannyState): NannyStep => ({ state, actions: [] });

/** A message for lvs. */
export const report = (message: NannyMessage): NannyAction => ({ type: 'report', message });

/** Something happened that the log should hear. */
export const tellNews = (news: CheckNews): NannyAction => ({ type: 'news', news });
