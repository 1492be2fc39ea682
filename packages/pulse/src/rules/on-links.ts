// What becomes of this router when its links come and go.
import type { Instant } from '@piranha/domain';
import { chain } from '@piranha/domain';
import type { NodeClass } from '@piranha/protocol';
import { ownClass } from './fitness.ts';
import { brokenLinks } from './links.ts';
import { sayAgain } from './trailer.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** Links that come and go are worth a line when they change what this router is good for, and the partner hears of it at once (H1). */
export function onLinks(before: PulseState, links: PulseState['links'], at: Instant): Transition {
  const state = { ...before, links };
  const [was, now] = [ownClass(before), ownClass(state)];
  if (was === now) return stay(state);
  return chain(
    state,
    (next) => tellLinks(next, was, now),
    (next) => (next.partner.kind === 'pair' ? sayAgain(next, at) : stay(next)),
  );
}

function tellLinks(state: PulseState, was: NodeClass, now: NodeClass): Transition {
  const because = { type: 'links', broken: brokenLinks(state.links) } as const;
  return now > was
    ? go(state, tell({ type: 'links-better', because }))
    : go(state, tell({ type: 'links-worse', class: now, because }));
}
