// What this router lacks, so that checks and nannies are not as they should be: logged once, and in every report. No server
// is judged by it.
import type { Instant } from '@piranha/domain';
import { descriptorShortage, descriptorsNeeded, never } from '@piranha/domain';
import type { LvsEvent } from '../events.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';
import { cannotCheck, notSaved } from './words.ts';

/** A nanny cannot make its checks, or can again. */
export function onNannyTrouble(
  state: LvsState,
  { nanny, problem }: Extract<LvsEvent, { readonly type: 'nanny-trouble' }>,
): Transition {
  if (!state.nannies.has(nanny)) return stay(state);
  if (problem === null) {
    const now = withoutTroubleOf(state, nanny);
    const over = state.checkTroubles.size > 0 && now.checkTroubles.size === 0;
    return over ? go(now, tellNews({ type: 'checks-made', because: { type: 'recovered' } })) : stay(now);
  }
  const known = [...state.checkTroubles.values()].includes(problem);
  const now = { ...state, checkTroubles: new Map(state.checkTroubles).set(nanny, problem) };
  return known ? stay(now) : go(now, tellNews({ type: 'checks-not-made', because: { type: 'problem', problem } }));
}

/** It has ended: whoever comes after it says anew how it is. */
export function withoutTroubleOf(state: LvsState, nanny: number): LvsState {
  if (!state.checkTroubles.has(nanny)) return state;
  return { ...state, checkTroubles: new Map([...state.checkTroubles].filter(([each]) => each !== nanny)) };
}

/** Says so where the nannies of a new configuration may need more open files than they may have. */
export function warnOfShortage(before: LvsState, now: LvsState): Transition {
  const shortage = shortageOf(now);
  if (shortage === undefined || shortage === shortageOf(before)) return stay(now);
  return go(now, tellNews({ type: 'few-descriptors', because: { type: 'problem', problem: shortage } }));
}

function shortageOf({ descriptorLimit, watches, nannies }: LvsState): string | undefined {
  const servers = new Map<number, number>();
  for (const { nanny } of watches.values()) servers.set(nanny, (servers.get(nanny) ?? 0) + 1);
  const own = descriptorsNeeded({ servers: 0, children: nannies.size });
  const busiest = descriptorsNeeded({ servers: Math.max(0, ...servers.values()), children: 0 });
  return descriptorShortage(descriptorLimit, Math.max(own, busiest));
}

/** All that is wrong now, in words. */
export function troublesOf(state: LvsState, at: Instant): string[] {
  const { checkTroubles, nannies, saving } = state;
  const dead = [...nannies.values()].filter(({ restartAt }) => restartAt !== never && restartAt >= at);
  const shortage = shortageOf(state);
  return [
    ...[...new Set(checkTroubles.values())].map(cannotCheck),
    ...(dead.length === 0
      ? []
      : [`${dead.length} of ${nannies.size} nannies have ended and are started again; their servers stay as they are`]),
    ...(shortage === undefined ? [] : [shortage]),
    ...(saving.problem === undefined ? [] : [notSaved(saving.problem)]),
  ];
}
