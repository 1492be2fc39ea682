// Orders outlive this process in a file. Whoever gives one is answered when it is written, or cannot be.
import type { Instant } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import type { OrderBook } from '../order-book.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, log, stay, tell } from './transition.ts';

/** A disk that is full may have room again. */
const retryPause = seconds(10);

export const sameOrders = (one: LvsState, other: LvsState): boolean =>
  one.orders === other.orders && one.releases === other.releases;

/** The answer to an order that was carried out: at once where it has changed nothing. */
export function answerSaved(before: LvsState, now: LvsState, id: number, text: string): Transition {
  if (sameOrders(before, now)) return go(now, tell({ type: 'server-ordered', id, done: true, text, unsaved: null }));
  return stay({ ...now, saving: { ...now.saving, answers: [...now.saving.answers, { id, text }] } });
}

const save = ({ orders, releases, lastStamp }: LvsState): LvsAction => ({
  type: 'save-orders',
  ...({ orders, releases, lastStamp } satisfies OrderBook),
});

/** Saves orders that have changed. */
export const saveChanges = (before: LvsState, now: LvsState): Transition =>
  sameOrders(before, now) ? stay(now) : go(now, save(now));

/** They were written, or could not be: logged when that is news. */
export function onOrdersSaved(
  state: LvsState,
  { problem, at }: Extract<LvsEvent, { readonly type: 'orders-saved' }>,
): Transition {
  const { answers, problem: before } = state.saving;
  const againAt = problem === undefined ? never : after(at, retryPause);
  const news =
    problem === undefined
      ? before === undefined
        ? []
        : [log('notice', 'orders about servers are saved again')]
      : before === undefined
        ? [log('error', notSaved(problem))]
        : [];
  return go(
    { ...state, saving: { answers: [], problem, againAt } },
    ...news,
    ...answers.map((each) => tell({ type: 'server-ordered', done: true, ...each, unsaved: problem ?? null })),
  );
}

/** Tries again what could not be written. */
export const saveAgain = (state: LvsState, at: Instant): Transition =>
  at < state.saving.againAt ? stay(state) : go({ ...state, saving: { ...state.saving, againAt: never } }, save(state));

/** What to say of it. */
export const notSaved = (problem: string): string =>
  `orders about servers cannot be saved, a restart of lvs would forget them: ${problem}`;
