// What this router says of itself in a datagram (docs/pair.md).
import type { Instant } from '@piranha/domain';
import { between, milliseconds } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { acceptedSession } from './acceptance.ts';
import { isActive, isHeard, ownClass } from './fitness.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay } from './transition.ts';

/** Words out of turn in one keepalive; more would be a storm. */
const mostAnswers = 4;

/** Says how we stand, on all channels. */
export const say = (state: PulseState, at: Instant): Transition =>
  sending(state, at, { kind: 'heartbeat', echo: acceptedSession(state.reception) });

/** Answers a session of the partner that has to prove that it is not a recording. */
export const answer = (state: PulseState, at: Instant, session: bigint): Transition =>
  sending(state, at, { kind: 'answer', echo: session });

/** Says it out of turn, to a partner that has to know at once, but no more than four times a keepalive. */
export function sayAgain(state: PulseState, at: Instant): Transition {
  const recent = state.own.answeredAt.filter((each) => between(each, at) < state.settings.keepalive);
  if (recent.length >= mostAnswers) return stay(state);
  return say({ ...state, own: { ...state.own, answeredAt: [...recent, at] } }, at);
}

/**
 * Not a word while the addresses go down, not even an answer: the partner would take over with ours still up. Nor while lvs
 * takes them down: no owner says that it is one.
 */
function sending(before: PulseState, at: Instant, kind: Pick<Trailer, 'kind' | 'echo'>): Transition {
  const { phase, balancer } = before;
  if (phase.type === 'yielding' || (phase.type === 'active' && balancer.fenced)) return stay(before);
  const { own } = before;
  const said = kind.kind === 'heartbeat' && !own.muted ? { spokenAt: at, spokenBefore: own.spokenAt } : {};
  const state = { ...before, own: { ...own, ...said, sequence: own.sequence + 1n } };
  return go(state, { type: 'send', trailer: { ...kind, ...trailerOf(state, at) } });
}

function trailerOf(state: PulseState, at: Instant): Omit<Trailer, 'kind' | 'echo'> {
  const { own, settings } = state;
  const { session, sequence, term, held, leaving, living } = own;
  return {
    ...{ session, sequence, term, held, leaving, living },
    active: isActive(state),
    hears: isHeard(state, at),
    given: isGiver(state, at),
    want: wants(state, at),
    class: ownClass(state),
    digest: settings.digest,
  };
}

/** Has handed over and waits for the partner to take. */
const isGiver = ({ phase, own }: PulseState, at: Instant): boolean =>
  phase.type === 'inactive' && own.waitUntil > at && own.waitUntil !== Infinity;

/** Asks for the service. */
export const wants = ({ phase, own }: PulseState, at: Instant): boolean =>
  phase.type === 'inactive' && own.want !== undefined && at < own.want.until;

/** For how long a giver waits for the partner: two keepalives and 300 ms. */
export const givingTime = (state: PulseState) => milliseconds(2 * state.settings.keepalive + 300);
