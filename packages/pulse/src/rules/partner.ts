// What arrives from the other router: whether it counts, what is known of the partner by it, and what follows at once.
import type { Instant } from '@piranha/domain';
import { after, between, chain, never } from '@piranha/domain';
import type { Datagram, Trailer } from '@piranha/protocol';
import type { Verdict } from './acceptance.ts';
import { accept } from './acceptance.ts';
import { leaveDeafSession } from './deaf-session.ts';
import { isActive, isHeard } from './fitness.ts';
import { onOriginalSays } from './original.ts';
import type { ConflictRule } from './pair.ts';
import { settleConflict } from './pair.ts';
import { conflictOver, partnerName } from './role-change.ts';
import type { Doubt, Misplaced } from '../news.ts';
import type { PulseEvent } from '../events.ts';
import type { Partner, PulseState } from '../state.ts';
import { newConflict } from '../state.ts';
import { shareTimers } from './timers.ts';
import { answer, sayAgain } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, isProved, stay, tell } from './transition.ts';
import type { ChannelName } from '../state-parts.ts';

type Arrival = Extract<PulseEvent, { readonly type: 'datagram' }>;
type Refused = Extract<Verdict, { readonly type: 'refused' }>;

/** Nothing was heard of it yet. */
export const stranger = (deadAt: Instant): Partner => ({
  ...{ kind: 'unknown', said: 'nothing', trailer: undefined, inactiveSince: undefined },
  ...{ lastWords: {}, runningOn: {}, heardAt: undefined, otherFile: undefined, connections: undefined },
  foreign: [],
  deadAt,
});

/** A datagram from one of the partner's addresses. */
export function onDatagram(before: PulseState, arrival: Arrival, conflictRules: readonly ConflictRule[]): Transition {
  const { at, channel, datagram } = arrival;
  const { settings, own } = before;
  // A partner that a reload has dropped: it hears us still, so that it stays where it is.
  if (!settings.hasPartner) return stay(before);
  const { auth, keepalive, deadtime } = settings;
  const judged = accept(before.reception, {
    ...{ at, channel, datagram, auth, keepalive, deadtime },
    ownSession: own.session,
  });
  const state = { ...before, reception: judged.reception };
  const { verdict } = judged;
  if (verdict.type === 'refused') return onRefused(state, arrival, verdict);
  const alive = hear(state, at, channel, wordOf(datagram));
  if (datagram.type === 'bare')
    return verdict.type === 'state' ? onOriginalSays(alive, datagram.word, at, channel) : stay(alive);
  return verdict.type === 'state'
    ? onTrailer(learnNear(alive, datagram), datagram.trailer, at, conflictRules)
    : stay(alive);
}

const learnNear = (state: PulseState, { near }: Extract<Datagram, { readonly type: 'pair' }>): PulseState =>
  near === true ? { ...state, reception: { ...state.reception, near } } : state;

/** Something with the partner's address that cannot be the partner's, as long as it is what lvs.cf says. */
export const onMisplaced = (state: PulseState, at: Instant, why: Misplaced): Transition =>
  state.settings.hasPartner ? noteUnbelieved(state, at, why) : stay(state);

const wordOf = (datagram: Datagram) => {
  if (datagram.type === 'bare') return datagram.word;
  return datagram.trailer.active ? 'running' : 'stopped';
};

/** Any accepted datagram proves that the partner lives. */
function hear(state: PulseState, at: Instant, channel: ChannelName, word: ReturnType<typeof wordOf>): PulseState {
  const lastWords = { ...state.partner.lastWords, [channel]: { word, at } };
  return {
    ...state,
    announceHeldUntil: at < state.unreadUntil ? state.announceHeldUntil : at,
    partner: { ...state.partner, lastWords, heardAt: at, deadAt: after(at, state.settings.deadtime) },
  };
}

/** A session that has to prove itself is asked to. Whatever it is, an administrator may have to know why it is refused. */
function onRefused(before: PulseState, { at, datagram }: Arrival, verdict: Refused): Transition {
  const answered = verdict.answer === undefined ? stay(before) : answer(before, at, verdict.answer);
  const doubt = doubtOf(verdict.why, datagram);
  return doubt === undefined ? answered : andThen(answered, (state) => noteUnbelieved(state, at, doubt));
}

function doubtOf(why: Refused['why'], datagram: Datagram): Doubt | undefined {
  switch (why) {
    case 'unproved-session':
      return datagram.type === 'pair' && datagram.trailer.active ? 'unproved' : undefined;
    case 'unsigned':
    case 'wrong-signature':
    case 'bare-under-require':
      return why;
    default:
      return undefined;
  }
}

/** One line for it until the partner is believed, and none while it is heard: then it is but a forgery, and counted. */
function noteUnbelieved(before: PulseState, at: Instant, why: Doubt): Transition {
  const told = before.unbelieved?.told === true;
  const tells = !told && !isHeard(before, at);
  const state: PulseState = { ...before, unbelieved: { heardAt: at, why, told: told || tells } };
  const news = { type: 'unbelieved', partner: partnerName(state), doubt: why, proved: isProved(state) } as const;
  return tells ? go(state, tell(news)) : stay(state);
}

function onTrailer(before: PulseState, said: Trailer, at: Instant, conflictRules: readonly ConflictRule[]): Transition {
  const { partner, own } = before;
  const known: PulseState = {
    ...before,
    unbelieved: undefined,
    own: { ...own, highestTerm: highestOf(own.highestTerm, said.term) },
    partner: {
      ...partner,
      kind: 'pair',
      said: said.active ? 'running' : 'stopped',
      trailer: said,
      inactiveSince: said.active ? undefined : (partner.inactiveSince ?? at),
      runningOn: {},
    },
  };
  return chain(
    known,
    noteKind(partner.kind),
    noteFile(said),
    leaveDeafSession(said, at),
    shareTimers(said.digest, at),
    answerBrokenLink(partner.trailer, said, at),
    endOrSettle(said, at, conflictRules, mayHaveServed(before)),
  );
}

/** No pair ever takes over so often; who is not the partner must not push the count to its end. */
const mostTermStep = 2 ** 20;

const highestOf = (known: number, said: number): number => Math.max(known, Math.min(said, known + mostTermStep));

/** Both changes of kind are worth a line: an original has other rules. */
const noteKind =
  (before: Partner['kind']) =>
  (state: PulseState): Transition =>
    before === 'original'
      ? go(state, tell({ type: 'original-gone', partner: partnerName(state), proved: isProved(state) }))
      : stay(state);

/** An active partner that has become worse wants to know at once whether we are alive, and better (H1). */
const answerBrokenLink =
  (before: Trailer | undefined, said: Trailer, at: Instant) =>
  (state: PulseState): Transition =>
    said.active && before !== undefined && said.class < before.class && !isActive(state)
      ? sayAgain(state, at)
      : stay(state);

/** One line for each pair of files that differ. */
const noteFile =
  ({ digest }: Trailer) =>
  (state: PulseState): Transition => {
    const { partner, settings } = state;
    const other = digest === settings.digest ? undefined : digest;
    if (other === partner.otherFile) return stay(state);
    const now = { ...state, partner: { ...partner, otherFile: other } };
    const proved = isProved(now);
    return other === undefined
      ? go(now, tell({ type: 'same-file', proved }))
      : go(now, tell({ type: 'other-file', partner: partnerName(now), proved }));
  };

const endOrSettle =
  (said: Trailer, at: Instant, conflictRules: readonly ConflictRule[], mayHaveServedToo: boolean) =>
  (state: PulseState): Transition => {
    if (!said.active) return endConflict(state, at, mayHaveServedToo);
    if (state.phase.type === 'inactive')
      return stay({ ...state, own: { ...state.own, waitUntil: never, forced: false } });
    if (!isActive(state)) return stay(state);
    return settleConflict(conflictRules, enterConflict(state, said, at), said, at);
  };

/** While it could not be heard, or not be believed, it may have been active beside us. */
const mayHaveServed = ({ unbelieved, partner }: PulseState): boolean =>
  unbelieved?.told === true || unbelieved?.why === 'unproved' || partner.said === 'nothing';

/** It has let go. */
const endConflict = (state: PulseState, at: Instant, mayHaveServedToo: boolean): Transition =>
  state.conflict === undefined && !mayHaveServedToo ? stay(state) : conflictOver(state, at);

function enterConflict(state: PulseState, said: Trailer, at: Instant): PulseState {
  const { conflict } = state;
  const deafSince = said.hears ? undefined : (conflict?.deafSince ?? at);
  return { ...state, conflict: { ...(conflict ?? newConflict(at)), heardAt: at, deafSince } };
}

/** After deadtime of silence the partner's last status is stale: forget it, and from how near it came. */
export function forgetSilent(state: PulseState, at: Instant): Transition {
  const { partner, settings } = state;
  if (at < partner.deadAt || partner.said === 'nothing') return stay(state);
  const silent: PulseState = {
    ...state,
    reception: { ...state.reception, near: false },
    partner: {
      ...partner,
      said: 'nothing',
      trailer: undefined,
      inactiveSince: undefined,
      runningOn: {},
      connections: undefined,
    },
  };
  const because = { type: 'silence', silent: settings.deadtime } as const;
  const news = { type: 'partner-silent', partner: partnerName(state), because } as const;
  return isActive(state) ? go(silent, tell(news)) : stay(silent);
}

/** A partner that says nothing of a conflict for deadtime has ended it. */
export function forgetConflict(state: PulseState, at: Instant): Transition {
  const { conflict, settings } = state;
  if (conflict === undefined || between(conflict.heardAt, at) < settings.deadtime) return stay(state);
  return conflictOver(state, at);
}
