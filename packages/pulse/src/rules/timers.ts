// Which keepalive and deadtime count while the partner may have another file than this router (docs/pair.md, R1 to R3).
import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '@piranha/domain';
import { after, between, earliest, instant, milliseconds, never, seconds } from '@piranha/domain';
import type { Timers } from '@piranha/protocol';
import { fenceTimers } from './fence-timers.ts';
import { tick } from './role-change.ts';
import { say } from './trailer.ts';
import type { PulseAction } from '../events.ts';
import type { KeptTimers, PulseSettings, PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, isProved, stay, tell } from './transition.ts';

/** How long the administrator has to give an original partner the same timers: it never tells which it has. */
const originalGrace = seconds(60);

const timersOf = ({ keepalive, deadtime }: Timers): Timers => ({ keepalive, deadtime });

/** R1: what counts after a file with these timers was read. */
function mixed(before: PulseState, fresh: PulseSettings, at: Instant): PulseState {
  const { settings: old, unshared } = before;
  const same = unshared === undefined && isDeepStrictEqual(timersOf(old), timersOf(fresh));
  if (same || !old.hasPartner || !fresh.hasPartner) return { ...before, settings: fresh, unshared: undefined };
  return {
    ...before,
    settings: {
      ...fresh,
      keepalive: milliseconds(Math.min(old.keepalive, fresh.keepalive)),
      deadtime: milliseconds(Math.max(old.deadtime, fresh.deadtime)),
    },
    unshared: {
      file: timersOf(fresh),
      shortest: milliseconds(Math.min(fenceTimers(before).deadtime, fresh.deadtime)),
      at: after(at, originalGrace),
    },
  };
}

/**
 * Puts the timers of a new file in force, as far as the partner can know them. The last heartbeat went out at the old pace:
 * without one now a shorter deadtime could be over since then, and the owner would let go.
 */
export function withTimers(before: PulseState, fresh: PulseSettings, at: Instant): Transition {
  const taken = takeTimers(before, fresh, at);
  if (!goesByOthers(before, taken.state)) return taken;
  const said = andThen(taken, (now) => say(now, at));
  return andThen(said, (now) => tick(now, at));
}

function takeTimers(before: PulseState, fresh: PulseSettings, at: Instant): Transition {
  const state = waitLonger(before, mixed(before, fresh, at));
  const { keepalive } = state.settings;
  const news = state.unshared !== undefined && before.unshared === undefined ? [tell({ type: 'timers-differ' })] : [];
  return go({ ...state, sendAt: earliest(before.sendAt, after(at, keepalive)) }, ...news, ...keep(before, state));
}

const goesByOthers = (before: PulseState, state: PulseState): boolean =>
  !isDeepStrictEqual(fenceTimers(before), fenceTimers(state));

/** lvs lets go by what it was told last: it hears of it before the partner does. */
const tickAnew = (before: PulseState, state: PulseState, at: Instant): Transition =>
  goesByOthers(before, state) ? tick(state, at) : stay(state);

/** A partner that has the longer deadtime already may let go by it from its next heartbeat on. */
function waitLonger(before: PulseState, state: PulseState): PulseState {
  const more = between(instant(before.settings.deadtime), instant(state.settings.deadtime));
  if (more <= 0) return state;
  return { ...state, partner: { ...state.partner, deadAt: after(state.partner.deadAt, milliseconds(more)) } };
}

/** What another pulse on this machine would have to know. */
const keptOf = (state: PulseState): KeptTimers => ({
  ...timersOf(state.settings),
  shortest: fenceTimers(state).deadtime,
});

/** A pulse that is started instead of this one goes on with these timers, whatever its file says. */
function keep(before: PulseState, state: PulseState): readonly PulseAction[] {
  const timers = keptOf(state);
  return isDeepStrictEqual(keptOf(before), timers) ? [] : [{ type: 'keep-timers', timers }];
}

/** R3: a start is a reload of what the pulse before had in force. */
export function startTimers(before: PulseState, kept: KeptTimers | undefined, at: Instant): Transition {
  const { settings } = before;
  if (!settings.hasPartner) return stay(before);
  if (kept === undefined) return go(before, { type: 'keep-timers', timers: keptOf(before) });
  const { shortest, ...timers } = kept;
  const unshared = shortest === kept.deadtime ? undefined : { file: timersOf(settings), shortest, at: never };
  const reread: PulseState = { ...before, settings: { ...settings, ...timers }, unshared };
  // Not a word yet: this router may be the owner, and does not know.
  return andThen(takeTimers(reread, settings, at), (now) => tickAnew(reread, now, at));
}

/** R2: the partner says that it has our file. Whatever it does from now on, it goes by these timers, too. */
export const shareTimers =
  (digest: string, at: Instant) =>
  (state: PulseState): Transition => {
    if (state.unshared === undefined || digest !== state.settings.digest) return stay(state);
    return countAlone(state, at, tell({ type: 'same-timers', proved: isProved(state) }));
  };

/** When the timers of the file count beside an original. */
export const timersDue = ({ unshared, partner }: PulseState): Instant =>
  unshared !== undefined && partner.kind === 'original' ? unshared.at : never;

/** The new timers count alone. */
export const onTimersDue = (state: PulseState, at: Instant): Transition => countAlone(state, at);

function countAlone(before: PulseState, at: Instant, ...news: readonly PulseAction[]): Transition {
  if (before.unshared === undefined) return stay(before);
  const settings = { ...before.settings, ...before.unshared.file };
  const state = { ...before, settings, unshared: undefined };
  const deadAt = earliest(before.partner.deadAt, after(at, settings.deadtime));
  const counted = go({ ...state, partner: { ...state.partner, deadAt } }, ...news, ...keep(before, state));
  return andThen(counted, (now) => tickAnew(before, now, at));
}
