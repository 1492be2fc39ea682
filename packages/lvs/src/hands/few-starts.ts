// Orders to nannies in an order that a machine can bear: few nannies begin at a time, however many there are to be.
import type { LvsAction } from '../events.ts';

/** An order to a nanny. */
export type NannyAction = Extract<
  LvsAction,
  { readonly type: 'start-nanny' | 'command-nanny' | 'stop-nanny' | 'kill-nanny' }
>;

/** How the orders are carried out, and how many nannies may begin at a time. */
export type FewStarts = {
  readonly most: number;
  readonly obey: (action: NannyAction) => void;
  /** A nanny was ordered to stop before it was started. */
  readonly onNeverStarted: (nanny: number) => void;
};

/** A nanny that has said nothing for so long (ms) no longer holds up the next. */
const longestStart = 2000;

/**
 * Takes orders. A nanny's start waits until few others are beginning, and what it is told next waits with it; all
 * else is passed on at once. Between two starts whatever comes in is heard: each start takes a while.
 */
export function fewStarts({ most, obey, onNeverStarted }: FewStarts) {
  let waiting: readonly NannyAction[] = [];
  const beginning = new Map<number, NodeJS.Timeout>();
  let next: NodeJS.Immediate | undefined;

  const startNext = (): void => {
    next = undefined;
    const [first] = waiting;
    if (first === undefined || beginning.size >= most) return;
    const { nanny } = first;
    const due = waiting.filter((action) => action.nanny === nanny);
    waiting = waiting.filter((action) => action.nanny !== nanny);
    beginning.set(nanny, setTimeout(begun, longestStart, nanny));
    due.forEach(obey);
    goOn();
  };

  const goOn = (): void => {
    next ??= setImmediate(startNext);
  };

  /** A nanny has begun to work, or has ended: it makes room for the next. */
  const begun = (nanny: number): void => {
    const timer = beginning.get(nanny);
    if (timer === undefined) return;
    clearTimeout(timer);
    beginning.delete(nanny);
    goOn();
  };

  const add = (action: NannyAction): void => {
    const { type, nanny } = action;
    const itsStartWaits = waiting.some((each) => each.nanny === nanny);
    if (type === 'stop-nanny' && itsStartWaits) {
      waiting = waiting.filter((each) => each.nanny !== nanny);
      onNeverStarted(nanny);
    } else if (type === 'start-nanny' || itsStartWaits) {
      waiting = [...waiting, action];
      goOn();
    } else obey(action);
  };

  const drop = (): void => {
    waiting = [];
    clearImmediate(next);
    for (const timer of beginning.values()) clearTimeout(timer);
    beginning.clear();
  };
  return { add, begun, drop };
}
