// Signs of life: nannies that give none are killed; what follows is as for any that die.
import type { Instant } from '@piranha/domain';
import { after, never, seconds } from '@piranha/domain';
import type { LvsAction, LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Nanny } from '../state-parts.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

/** From one question to the next. */
export const pingEvery = seconds(1);

/**
 * So many questions without an answer. They are counted instead of the time: a clock that we slept through asks nobody.
 * A check that is due less often than that is not delayed by more than three of its intervals.
 */
const mostUnanswered = 5;
const mostIntervals = 3;
/** A process takes a while to say its first word, much longer on a busy machine. */
const mostBeforeFirstWord = 20;

/** A nanny has said something. */
export function onNannyAlive(
  state: LvsState,
  { nanny }: Extract<LvsEvent, { readonly type: 'nanny-alive' }>,
): Transition {
  const alive = state.nannies.get(nanny);
  if (alive === undefined || (alive.heard && alive.unanswered === 0)) return stay(state);
  return stay({ ...state, nannies: new Map(state.nannies).set(nanny, { ...alive, heard: true, unanswered: 0 }) });
}

/** Asks all that run, and kills those that have not answered for too long. */
export function pingNannies(state: LvsState, at: Instant): Transition {
  if (at < state.pingAt) return stay(state);
  const nannies = new Map<number, Nanny>();
  const actions: LvsAction[] = [];
  for (const [id, nanny] of state.nannies) {
    const running = nanny.pid !== undefined;
    const hanging = running && hangs(state, id, nanny);
    nannies.set(id, running ? { ...nanny, unanswered: hanging ? 0 : nanny.unanswered + 1 } : nanny);
    if (hanging) actions.push(...kill(id, nanny));
    else if (running && nanny.heard) actions.push({ type: 'command-nanny', nanny: id, commands: [{ type: 'ping' }] });
  }
  return go({ ...state, nannies, pingAt: nannies.size === 0 ? never : after(at, pingEvery) }, ...actions);
}

function hangs({ watches }: LvsState, id: number, { heard, unanswered }: Nanny): boolean {
  if (unanswered < mostUnanswered) return false;
  if (!heard) return unanswered >= mostBeforeFirstWord;
  const intervals = [...watches.values()].filter((each) => each.nanny === id).map(({ check }) => check.timeout);
  return unanswered * pingEvery >= mostIntervals * Math.min(...intervals);
}

const kill = (nanny: number, { pid, unanswered }: Nanny): readonly LvsAction[] => [
  tellNews({ type: 'nanny-hangs', pid, because: { type: 'unanswered', pings: unanswered } }),
  { type: 'kill-nanny', nanny },
];
