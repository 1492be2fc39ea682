// When there is news for a note.
import type { Instant } from '@piranha/domain';
import { after, earliest, instant, milliseconds } from '@piranha/domain';
import type { PulseState } from '../state.ts';

/** Changes that follow each other closely go in one note. */
const leastPause = 0.25;

/** The next note goes out as soon as one may. */
export const hurryNote = (state: PulseState, at: Instant): PulseState => {
  const { dueAt, sentAt } = state.notes;
  const soonest = after(sentAt, milliseconds(leastPause * state.settings.keepalive));
  return { ...state, notes: { ...state.notes, dueAt: earliest(dueAt, instant(Math.max(at, soonest))) } };
};
