// Sessions that have not proved yet that they are of now: who is answered, and how often (pair.md S3).
import type { Instant, Millis } from '@piranha/domain';
import { between } from '@piranha/domain';

/** A session whose datagrams are signed, but may be recordings. */
type Candidate = {
  readonly session: bigint;
  readonly firstAskedAt: Instant;
  readonly askedAt: Instant;
  /** Whether it was answered since it asked last. */
  readonly waiting: boolean;
  /** Latest last; none older than a keepalive when it was written. */
  readonly answeredAt: readonly Instant[];
  /** The last answer of all; undefined before the first. */
  readonly servedAt: Instant | undefined;
};

/** All of them, and the answers of the last keepalive. */
export type Candidates = { readonly sessions: readonly Candidate[]; readonly answeredAt: readonly Instant[] };

export const noCandidates: Candidates = { sessions: [], answeredAt: [] };

/**
 * Recordings of more sessions than this at once could keep the partner's new one from its turn: an attacker needs as
 * many restarts of a router under the same key, and nothing that is not signed gets here.
 */
const mostCandidates = 64;
/** To one session within a keepalive. */
const mostAnswersEach = 4;
/** To all of them; the second half is kept for those that never had one, as a partner that has just started. */
const mostAnswers = 32;
const mostRepeated = 16;

type Asked = { readonly at: Instant; readonly keepalive: Millis };

/**
 * `session` asks for an answer. Whoever had none for the longest time gets it, which need not be the one that asks: so a
 * flood of recordings does not keep the others from being answered.
 */
export function ask(
  before: Candidates,
  session: bigint,
  now: Asked,
): { readonly candidates: Candidates; readonly answer: bigint | undefined } {
  const answeredAt = recent(before.answeredAt, now);
  const sessions = note(before.sessions, session, now);
  const chosen = nextInTurn(sessions, now);
  const limit = chosen?.servedAt === undefined ? mostAnswers : mostRepeated;
  if (chosen === undefined || answeredAt.length >= limit)
    return { candidates: { sessions, answeredAt }, answer: undefined };
  const served: Candidate = {
    ...chosen,
    waiting: false,
    servedAt: now.at,
    answeredAt: [...recent(chosen.answeredAt, now), now.at],
  };
  return {
    candidates: {
      sessions: sessions.map((each) => (each === chosen ? served : each)),
      answeredAt: [...answeredAt, now.at],
    },
    answer: chosen.session,
  };
}

/** Those that asked before this one did; all, where this one has never asked. A later one may be of the partner's next life. */
export function askedBefore({ sessions }: Candidates, session: bigint): readonly bigint[] {
  const first = sessions.find((each) => each.session === session)?.firstAskedAt;
  return sessions
    .filter((each) => each.session !== session && (first === undefined || each.firstAskedAt < first))
    .map((each) => each.session);
}

/** The session is a candidate no more. */
export const without = (candidates: Candidates, session: bigint): Candidates => ({
  ...candidates,
  sessions: candidates.sessions.filter((each) => each.session !== session),
});

const isRecent = (then: Instant, { at, keepalive }: Asked): boolean => between(then, at) < keepalive;

const recent = (instants: readonly Instant[], now: Asked): readonly Instant[] =>
  instants.filter((then) => isRecent(then, now));

/** Whoever asked last stands last; the first makes room. */
function note(sessions: readonly Candidate[], session: bigint, { at }: Asked): readonly Candidate[] {
  const known = sessions.find((each) => each.session === session);
  const others = sessions.filter((each) => each !== known);
  const asking: Candidate = {
    ...(known ?? { session, firstAskedAt: at, answeredAt: [], servedAt: undefined }),
    askedAt: at,
    waiting: true,
  };
  return [...others.slice(-(mostCandidates - 1)), asking];
}

/** Of those that asked within a keepalive and are still waiting, the one whose last answer is the longest ago. */
function nextInTurn(sessions: readonly Candidate[], now: Asked): Candidate | undefined {
  const since = ({ servedAt }: Candidate): number => servedAt ?? -Infinity;
  return sessions
    .filter(
      (each) => each.waiting && isRecent(each.askedAt, now) && recent(each.answeredAt, now).length < mostAnswersEach,
    )
    .reduce<Candidate | undefined>(
      (first, each) => (first === undefined || since(each) < since(first) ? each : first),
      undefined,
    );
}
