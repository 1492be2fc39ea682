// The partner is an original router: bare datagrams, and rules that it understands (docs/pair.md, O1 to O6).
import type { Instant } from '@piranha/domain';
import { between, never } from '@piranha/domain';
import type { HeartbeatWord } from '@piranha/protocol';
import type { Fitness } from './fitness.ts';
import { hopedFitness, isActive } from './fitness.ts';
import type { Rule } from './pair.ts';
import { handOverFrom, mayTake, takesFrom, whileFresh } from './pair.ts';
import {
  announce,
  conflictOver,
  giveService,
  leaveService,
  partnerName,
  resendingArps,
  takeOver,
} from './role-change.ts';
import type { Why } from '../news.ts';
import type { PulseState } from '../state.ts';
import { newConflict } from '../state.ts';
import { say } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, isProved, stay, tell } from './transition.ts';
import type { ChannelName } from '../state-parts.ts';

/** A word of an original that counts. */
export function onOriginalSays(before: PulseState, word: HeartbeatWord, at: Instant, channel: ChannelName): Transition {
  const met = meet(before);
  if (word === 'running') return andThen(met, (state) => onRunning(withChannel(state, channel, at), at));
  if (word === 'stopped') return andThen(met, (state) => onStopped(withChannel(state, channel, never), at));
  return met;
}

function meet(state: PulseState): Transition {
  if (state.partner.kind === 'original') return stay(state);
  const now: PulseState = { ...state, partner: { ...state.partner, kind: 'original', trailer: undefined } };
  return go(now, tell({ type: 'original-met', partner: partnerName(state), proved: isProved(now) }));
}

const withChannel = (state: PulseState, channel: ChannelName, ranAt: Instant): PulseState => ({
  ...state,
  partner: { ...state.partner, runningOn: { ...state.partner.runningOn, [channel]: ranAt } },
});

/** O1: the backup yields, after one word by which the primary notices; the primary stays and announces. */
function onRunning(before: PulseState, at: Instant): Transition {
  const { own, partner, settings } = before;
  const state: PulseState = {
    ...before,
    own: isActive(before) ? own : { ...own, waitUntil: never },
    partner: { ...partner, said: 'running', inactiveSince: undefined },
  };
  if (!isActive(state)) return stay(state);
  if (settings.role === 'backup') {
    return andThen(say(state, at), (now) => leaveService(now, { type: 'partner-active' }));
  }
  return state.phase.type === 'active' ? outlast(state, at) : stay(state);
}

/** O6: one that stays active although it should hear us is deaf. It never yields to a backup's silence, so we stay. */
function outlast(before: PulseState, at: Instant): Transition {
  const { conflict, settings } = before;
  const now = { ...(conflict ?? newConflict(at)), heardAt: at };
  const state: PulseState = { ...before, conflict: now };
  if (conflict === undefined) {
    return andThen(go(state, resendingArps(state)), (next) => announce(next, at, true));
  }
  if (now.alarmed || between(now.since, at) <= settings.deadtime) return stay(state);
  return go(
    { ...state, conflict: { ...now, alarmed: true } },
    tell({ type: 'partner-stays', partner: partnerName(state) }),
  );
}

/**
 * Its datagrams carry no number. Channels are read one after the other: an old STOPPED on one may come after a new RUNNING
 * on the other, and means something only when both agree or the other is silent.
 */
function onStopped(before: PulseState, at: Instant): Transition {
  if (runsElsewhere(before, at)) return stay(before);
  const { partner, conflict } = before;
  // While it could not be heard it may have been active beside us.
  const mayHaveServed = conflict !== undefined || partner.said === 'nothing';
  const state: PulseState = {
    ...before,
    partner: { ...partner, said: 'stopped', inactiveSince: partner.inactiveSince ?? at },
  };
  return mayHaveServed ? conflictOver(state, at) : stay(state);
}

function runsElsewhere({ partner, settings }: PulseState, at: Instant): boolean {
  const fresh = 2 * settings.keepalive;
  return Object.values(partner.runningOn).some((ranAt) => ranAt <= at && between(ranAt, at) < fresh);
}

const isIdleOriginal = ({ partner }: PulseState): boolean => partner.kind === 'original' && partner.said === 'stopped';

/** An original that is inactive is given no choice: whoever can, takes. */
const O2: Rule = {
  name: 'O2',
  from: (state) => (mayTake(state) && isIdleOriginal(state) ? takesFrom(state) : never),
  until: whileFresh,
  act: (state, at) => takeOver(state, at, { type: 'partner-inactive', partner: partnerName(state) }),
};

/** It says nothing of how well it is: it gets the service only where we serve nobody. O5: and not again for a while. */
const givesWhere = (
  name: string,
  servesNobody: (own: Fitness) => boolean,
  because: Why<'cannot-balance' | 'no-servers'>,
): Rule => ({
  name,
  from: (state) =>
    // Who is mute cannot give anything away: the original waits for silence.
    isActive(state) && !state.own.muted && isIdleOriginal(state) && servesNobody(hopedFitness(state))
      ? handOverFrom(state)
      : never,
  until: whileFresh,
  act: (state) => giveService(state, because),
});

const O4 = givesWhere('O4', (own) => own.class === 0, { type: 'cannot-balance' });

/** Either alone is no reason: servers may have another way to us, and none may be alive for the original either. */
const O4Servers = givesWhere('O4 servers', (own) => own.class === 1 && own.living === 0, { type: 'no-servers' });

/** Rules beside an original that act by themselves. */
export const originalRules: readonly Rule[] = [O2, O4, O4Servers];
