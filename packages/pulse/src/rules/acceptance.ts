// Which datagrams of the partner count, and for what (pair.md §2, S1 to S4, and the first half of O0).
import type { Instant, Millis } from '@piranha/domain';
import { between } from '@piranha/domain';
import type { Datagram, Signature, Trailer } from '@piranha/protocol';
import { ask, askedBefore, noCandidates, without } from './candidates.ts';
import type { AuthMode, ChannelName, Reception, Refusal } from '../state-parts.ts';

export const firstReception: Reception = {
  session: 0n,
  proved: false,
  retired: new Set(),
  newest: 0n,
  newestAt: undefined,
  newestOn: {},
  trailerAt: undefined,
  candidates: noCandidates,
  near: false,
  refused: {
    unsigned: 0,
    'wrong-signature': 0,
    'retired-session': 0,
    'unproved-session': 0,
    'old-sequence': 0,
    'bare-beside-trailer': 0,
    'bare-under-require': 0,
    'own-session': 0,
  },
  tolerated: { unsigned: 0, 'wrong-signature': 0 },
};

/**
 * `state`: what it says counts; its session is the `known` one, a `new` one, or it has `none` (an original's).
 * `channel`: only its channel, and so the partner, is alive. `refused`: nothing; with an `answer`, one datagram of that
 * kind with this echo has to go out at once.
 */
export type Verdict =
  | { readonly type: 'state'; readonly session: 'known' | 'new' | 'none' }
  | { readonly type: 'channel' }
  | { readonly type: 'refused'; readonly why: Refusal; readonly answer?: bigint };

/** A datagram and what it is judged by. */
export type Arrival = {
  readonly at: Instant;
  readonly channel: ChannelName;
  readonly datagram: Datagram;
  readonly ownSession: bigint;
  readonly auth: AuthMode;
  readonly keepalive: Millis;
  readonly deadtime: Millis;
};

type Judged = { readonly reception: Reception; readonly verdict: Verdict };
type Signed = Extract<Datagram, { readonly type: 'pair' }>;

/**
 * Under `require` only sessions that proved themselves get here, so forgetting one takes as many restarts of the
 * partner during one life of ours. Without a key anybody can forge a session, and the bound is what keeps memory.
 */
const mostRetired = 1024;

/** The session that our heartbeats echo; 0n for none. */
export const acceptedSession = (reception: Reception): bigint => reception.session;

/** Judges one datagram. */
export function accept(reception: Reception, arrival: Arrival): Judged {
  const { datagram } = arrival;
  return datagram.type === 'bare'
    ? judgeBare(reception, arrival, datagram.word === 'running' || datagram.word === 'stopped')
    : judgeSigned(reception, arrival, datagram);
}

/**
 * Why a datagram changes nothing whatever its signature is worth: it is our own and came back, or its sequence is one that
 * the channel has had. Asked first in a flood of recordings, for a signature costs much more.
 */
export function whyPast(
  { session, proved, newestOn }: Reception,
  { channel, ownSession, auth }: Pick<Arrival, 'channel' | 'ownSession' | 'auth'>,
  claim: Trailer,
): 'own-session' | 'old-sequence' | undefined {
  if (claim.session === ownSession) return 'own-session';
  const counts = claim.session === session && (proved || auth !== 'require');
  return counts && claim.sequence <= (newestOn[channel] ?? -1n) ? 'old-sequence' : undefined;
}

/** O0: an original's datagram counts only where no router of ours speaks. */
function judgeBare(before: Reception, { at, auth, deadtime }: Arrival, saysState: boolean): Judged {
  if (auth === 'require') return refuse(before, 'bare-under-require');
  const beside = before.trailerAt !== undefined && between(before.trailerAt, at) < deadtime;
  if (beside) return refuse(before, 'bare-beside-trailer');
  return { reception: before, verdict: saysState ? { type: 'state', session: 'none' } : { type: 'channel' } };
}

/** S1: what the signature is worth. */
function judgeSigned(before: Reception, arrival: Arrival, datagram: Signed): Judged {
  const fault = faultOf(datagram.signature);
  if (arrival.auth === 'off' || fault === undefined) return judgeSession(before, arrival, datagram);
  if (arrival.auth === 'require') return refuse(before, fault);
  const tolerated = { ...before.tolerated, [fault]: before.tolerated[fault] + 1 };
  return judgeSession({ ...before, tolerated }, arrival, datagram);
}

/** One that nobody could check is as good as unsigned. */
export function faultOf(signature: Signature): 'unsigned' | 'wrong-signature' | undefined {
  if (signature === 'valid') return undefined;
  return signature === 'wrong' ? 'wrong-signature' : 'unsigned';
}

/** S2 and S3: whether its session counts. */
function judgeSession(before: Reception, arrival: Arrival, { trailer, signature }: Signed): Judged {
  const { ownSession, auth } = arrival;
  // Both routers have the same key: what we have sent ourselves comes back well signed.
  if (trailer.session === ownSession) return refuse(before, 'own-session');
  if (before.retired.has(trailer.session) && !mayReturn(before, arrival)) return refuse(before, 'retired-session');
  const known = trailer.session === before.session;
  const proves = signature === 'valid' && trailer.echo === ownSession;
  // A session that was accepted before `require` was in force has to prove itself, too.
  if (auth === 'require' && !proves && !(known && before.proved)) return challenge(before, arrival, trailer.session);
  const proved = proves || (known && before.proved);
  return known
    ? judgeSequence({ ...before, proved }, arrival, trailer)
    : { reception: adopt({ ...before, proved }, arrival, trailer), verdict: { type: 'state', session: 'new' } };
}

/**
 * Without proofs any datagram can retire the true session: a forged one, or the last one of a short life that was overtaken.
 * The true one speaks every keepalive, and counts again once the other has been silent for two.
 */
const mayReturn = ({ trailerAt }: Reception, { at, auth, keepalive, deadtime }: Arrival): boolean =>
  auth !== 'require' && (trailerAt === undefined || between(trailerAt, at) >= Math.min(2 * keepalive, deadtime));

/** It may be a recording: it is asked for our session, and that is all that comes of it. */
function challenge(before: Reception, arrival: Arrival, session: bigint): Judged {
  const { candidates, answer } = ask(before.candidates, session, arrival);
  const { reception, verdict } = refuse({ ...before, candidates }, 'unproved-session');
  return { reception, verdict: answer === undefined ? verdict : { ...verdict, answer } };
}

/** The new session counts from here on, the one before not any more. */
function adopt(before: Reception, { at, channel }: Arrival, { session, sequence }: Trailer): Reception {
  return {
    ...before,
    session,
    retired: retireAll(before, session),
    newest: sequence,
    newestAt: at,
    newestOn: { [channel]: sequence },
    trailerAt: at,
    candidates: without(before.candidates, session),
  };
}

/** Whoever asked before and was not accepted is of the past, too: a late proof of it is a recording. */
const retireAll = ({ session, retired, candidates }: Reception, accepted: bigint): ReadonlySet<bigint> =>
  [session, ...askedBefore(candidates, accepted)]
    .filter((each) => each !== 0n && each !== accepted)
    .reduce(retire, new Set([...retired].filter((each) => each !== accepted)));

/** The same with one more; the oldest make room. */
export const retire = (retired: ReadonlySet<bigint>, session: bigint): ReadonlySet<bigint> =>
  new Set([...retired, session].slice(-mostRetired));

/** S4: whether it is newer than all before it, or at least than those of its channel. */
function judgeSequence(before: Reception, { at, channel, keepalive }: Arrival, { sequence, session }: Trailer): Judged {
  const { newest, newestAt, newestOn } = before;
  const candidates = without(before.candidates, session);
  const heard: Reception = {
    ...before,
    candidates,
    newestOn: { ...newestOn, [channel]: sequence },
    trailerAt: at,
  };
  if (sequence > newest)
    return { reception: { ...heard, newest: sequence, newestAt: at }, verdict: { type: 'state', session: 'known' } };
  const old = sequence <= (newestOn[channel] ?? -1n);
  // It was sent before the newest one: long after that, it is a recording from the other channel and proves no life.
  const late = newestAt === undefined || between(newestAt, at) >= keepalive;
  if (old || late) return refuse(before, 'old-sequence');
  return { reception: heard, verdict: { type: 'channel' } };
}

const refuse = (
  before: Reception,
  why: Refusal,
): { readonly reception: Reception; readonly verdict: Extract<Verdict, { readonly type: 'refused' }> } => ({
  reception: { ...before, refused: { ...before.refused, [why]: before.refused[why] + 1 } },
  verdict: { type: 'refused', why },
});
