// Orders outlive this process in a file. Whoever gives one is answered when it is written, or cannot be.
import type { Instant } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import type { OrderBook, Orders } from '../order-book.ts';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell, tellNews } from './transition.ts';

/** A disk that is full may have room again. */
const retryPause = seconds(10);

/** A signal's order ends with this process. */
export const lasting = (orders: Orders): Orders => new Map([...orders].filter(([, { from }]) => from !== 'signal'));

export const sameOrders = (one: LvsState, other: LvsState): boolean =>
  one.orders === other.orders && one.releases === other.releases;

/** The answer to an order that was carried out: at once where it has changed nothing. */
export function answerSaved(before: LvsState, now: LvsState, id: number, text: string): Transition {
  if (sameOrders(before, now)) return go(now, tell({ type: 'server-ordered', id, done: true, text, unsaved: null }));
  return stay({ ...now, saving: { ...now.saving, answers: [...now.saving.answers, { id, text }] } });
}

const save = ({ orders, releases, lastStamp }: LvsState): LvsAction => ({
  type: 'save-orders',
  ...({ orders: lasting(orders), releases, lastStamp } satisfies OrderBook),
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
  return go(
    { ...state, saving: { answers: [], problem, againAt } },
    ...savingNews(before, problem),
    ...answers.map((each) => tell({ type: 'server-ordered', done: true, ...each, unsaved: problem ?? null })),
  );
}

function savingNews(before: string | undefined, problem: string | undefined): readonly LvsAction[] {
  if ((before === undefined) === (problem === undefined)) return [];
  return [
    problem === undefined
      ? tellNews({ type: 'orders-saved', because: { type: 'recovered' } })
      : tellNews({ type: 'orders-not-saved', because: { type: 'problem', problem } }),
  ];
}

/** Tries again what could not be written. */
export const saveAgain = (state: LvsState, at: Instant): Transition =>
  at < state.saving.againAt ? stay(state) : go({ ...state, saving: { ...state.saving, againAt: never } }, save(state));
