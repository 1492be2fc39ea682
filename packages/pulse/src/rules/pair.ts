// When a router takes the service and when it lets go: the table of docs/pair.md, rule by rule. Both routers have ours.
import type { Instant } from '@piranha/domain';
import { after, earliest, instant, milliseconds, never } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { connectionsLost, failbackPatience } from './connections.ts';
import { ableInactive, hopedFitness, isActive, isFitter, ownClass, ownFitness } from './fitness.ts';
import { above, announce, giveService, leaveService, partnerName, resendingArps, takeOver } from './role-change.ts';
import type { PulseState } from '../state.ts';
import { say, sayAgain } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, isProved, stay, tell } from './transition.ts';

/** A rule that acts by itself once its condition holds. The first of a list that is due acts. */
export type Rule = {
  /** As in docs/pair.md. */
  readonly name: string;
  /** From when on it acts if nothing else happens; `never` where its condition does not hold. */
  readonly from: (state: PulseState) => Instant;
  /** Until when it may, for example because what was heard grows old. */
  readonly until: (state: PulseState) => Instant;
  readonly act: (state: PulseState, at: Instant) => Transition;
};

/** A rule for a datagram that says the partner is active while we are. The first that applies acts. */
export type ConflictRule = {
  readonly name: string;
  readonly applies: (state: PulseState, said: Trailer, at: Instant) => boolean;
  readonly act: (state: PulseState, said: Trailer, at: Instant) => Transition;
};

const always = instant(-Infinity);
const when = (condition: boolean, from = always): Instant => (condition ? from : never);
const twoKeepalives = ({ settings }: PulseState) => milliseconds(2 * settings.keepalive);

/** A second hand-over follows a first one by ten deadtimes at the earliest (H1, O5): from when on one may be. */
export const handOverFrom = ({ settings, own }: PulseState): Instant =>
  after(own.gaveAt, milliseconds(10 * settings.deadtime));

/** Inactive, and able to balance. */
export const mayTake = (state: PulseState): boolean => state.phase.type === 'inactive' && ownClass(state) > 0;

/** From when on it may: first the partner takes what it was given (H3), and what has waited in the sockets is read (T2). */
export const takesFrom = ({ own, unreadUntil }: PulseState): Instant =>
  own.waitUntil === never ? unreadUntil : instant(Math.max(own.waitUntil, unreadUntil));

/** One of ours that says it is inactive. */
const inactivePartner = ({ partner }: PulseState): Trailer | undefined =>
  partner.kind === 'pair' && partner.trailer?.active === false ? partner.trailer : undefined;

/** What was heard less than two keepalives ago still counts. */
export const whileFresh = (state: PulseState): Instant =>
  state.partner.heardAt === undefined ? always : after(state.partner.heardAt, twoKeepalives(state));

const takes = (state: PulseState, at: Instant): Transition =>
  takeOver(state, at, { type: 'partner-inactive', partner: partnerName(state) });

const offersItself = ({ leaving, given, class: itsClass }: Trailer): boolean => leaving || given || itsClass === 0;

function isFirstChoice(state: PulseState, other: Trailer): boolean {
  const own = ownClass(state);
  return own > other.class || (own === other.class && state.settings.role === 'primary');
}

const inactiveRule = (name: string, goesFirst: (state: PulseState, other: Trailer) => boolean): Rule => ({
  name,
  from: (state) => {
    const other = inactivePartner(state);
    return when(other !== undefined && mayTake(state) && goesFirst(state, other), takesFrom(state));
  },
  until: whileFresh,
  act: takes,
});

/** The inactive partner offers the service: it leaves, it has handed over, or it cannot serve. */
const E1 = inactiveRule('E1', (_, other) => offersItself(other));

/** Both inactive: the better one goes first, the primary of two equals. */
const E2 = inactiveRule('E2', isFirstChoice);

/** Both inactive, and the one that should go first does not. */
const E2Late: Rule = {
  name: "E2'",
  from: (state) => {
    const since = state.partner.inactiveSince;
    if (inactivePartner(state) === undefined || since === undefined || !mayTake(state)) return never;
    return instant(Math.max(after(since, twoKeepalives(state)), takesFrom(state)));
  },
  until: whileFresh,
  act: takes,
};

/** The partner is silent for deadtime. */
const E3: Rule = {
  name: 'E3',
  from: (state) => when(mayTake(state) && state.settings.hasPartner, state.partner.deadAt),
  until: () => never,
  act: (state, at) => takeOver(state, at, { type: 'partner-dead' }, true),
};

/** Nobody to wait for. */
const alone: Rule = {
  name: 'alone',
  from: (state) => when(mayTake(state) && !state.settings.hasPartner),
  until: () => never,
  act: (state, at) => takeOver(state, at, { type: 'no-partner' }, true),
};

/**
 * For how long a router with a broken link waits for news of the partner's: when a switch fails both lose theirs, but do
 * not notice it at the same moment.
 */
const sameCauseTime = ({ settings }: PulseState) => milliseconds(Math.min(500, settings.deadtime / 6));

/** The partner's links are better for long enough, and it was heard after that began. */
function betterLinksFrom(state: PulseState): Instant {
  const { heardAt } = state.partner;
  const { betterLinks } = state.since;
  if (betterLinks === undefined || heardAt === undefined || heardAt <= betterLinks) return never;
  return after(betterLinks, sameCauseTime(state));
}

/**
 * The partner would not be better if our links that are up again proved to be so: after a failure of the switch both
 * routers' links come back, and the one that counts later would move the service for nothing.
 */
function isBetterForNowOnly(state: PulseState): boolean {
  const able = ableInactive(state);
  return able !== undefined && !isFitter(able, hopedFitness(state));
}

/** The partner would serve better: for two keepalives whatever the reason is, for less when ours is a broken link. */
const H1: Rule = {
  name: 'H1',
  from: (state) => {
    const { betterPartner } = state.since;
    // Who cannot say that it gives the service away keeps it as long as its last word counts.
    if (!isActive(state) || betterPartner === undefined || state.own.muted || isBetterForNowOnly(state)) return never;
    const pause = ownClass(state) === 0 ? always : handOverFrom(state);
    const better = earliest(after(betterPartner, twoKeepalives(state)), betterLinksFrom(state));
    return instant(Math.max(better, pause));
  },
  until: () => never,
  act: (state) => giveService(state, { type: 'partner-fitter' }),
};

/** The partner asks for the service, and is as good as we are. */
const H2: Rule = {
  name: 'H2',
  from: (state) => {
    const { wantedBack } = state.since;
    return isActive(state) && wantedBack !== undefined ? after(wantedBack, twoKeepalives(state)) : never;
  },
  until: () => never,
  act: (state) => giveService(state, { type: 'partner-asks' }),
};

/** All was well for failback_delay, and the kernel here knows most of the connections: ask for the service. */
const H2Ask: Rule = {
  name: 'H2 failback',
  from: (state) => {
    const { failback } = state.since;
    if (failback === undefined || state.own.want !== undefined) return never;
    return after(failback, failbackPatience(state));
  },
  until: () => never,
  act: (state, at) => {
    const asking: PulseState = { ...state, own: { ...state.own, want: { by: 'failback', until: never } } };
    const because = { type: 'failback', lost: connectionsLost(state) } as const;
    return andThen(go(asking, tell({ type: 'service-asked', of: partnerName(state), because })), (now) => say(now, at));
  },
};

/** Rules that act by themselves, the most urgent first. */
export const rules: readonly Rule[] = [E1, E2, E2Late, E3, alone, H1, H2, H2Ask];

/** Whether what the partner says outranks us: the higher term, then the primary. */
const outranksUs = ({ own, settings }: PulseState, { term }: Trailer): boolean =>
  term > own.term || (term === own.term && settings.role === 'backup');

/** It outranks us and hears us, but we are fitter: once in a conflict we outbid it. So does a start that was forced. */
const C2: ConflictRule = {
  name: 'C2',
  applies: (state, said) =>
    outranksUs(state, said) &&
    said.hears &&
    (state.own.forced || isFitter(ownFitness(state), said)) &&
    state.conflict?.raised !== true &&
    above(said.term) > said.term,
  act: (state, said, at) => {
    const { own, conflict } = state;
    const raised: PulseState = {
      ...state,
      own: { ...own, term: above(said.term), forced: false },
      conflict: conflict === undefined ? undefined : { ...conflict, raised: true },
    };
    const because = { type: own.forced ? 'forced' : 'fitter' } as const;
    return andThen(go(raised, tell({ type: 'staying', proved: isProved(raised), because })), (now) =>
      andThen(say(now, at), (next) => announce(next, at, true)),
    );
  },
};

/** It outranks us. */
const C1: ConflictRule = {
  name: 'C1',
  applies: outranksUs,
  // One more word, so that the partner certainly notices and announces its addresses again.
  act: (state, _, at) => andThen(say(state, at), (now) => leaveService(now, { type: 'partner-active' })),
};

/**
 * In how much of a keepalive it must have been deaf: between its two heartbeats lies one, less what the way of the first
 * took longer than that of the second.
 */
const deafShare = 0.75;

/** It has not heard us for a keepalive in which we have sent: it cannot yield, so we do. */
const C3: ConflictRule = {
  name: 'C3',
  applies: ({ conflict, settings }, _, at) =>
    conflict?.deafSince !== undefined && at >= after(conflict.deafSince, milliseconds(deafShare * settings.keepalive)),
  act: (state) => leaveService(state, { type: 'partner-deaf' }),
};

/** We outrank it: it has to know at once, and the neighbours, too. */
const C4: ConflictRule = {
  name: 'C4',
  applies: () => true,
  act: (state, _, at) => {
    const said = sayAgain(state, at);
    const { conflict } = state;
    if (conflict === undefined || conflict.announced) return said;
    return andThen(said, (now) => {
      const noticed = { ...now, conflict: { ...conflict, announced: true } };
      return andThen(go(noticed, resendingArps(noticed)), (next) => announce(next, at, true));
    });
  },
};

/** What an active router does about an active partner. */
export const conflictRules: readonly ConflictRule[] = [C2, C1, C3, C4];

/** The first rule that is due. */
export function dueRule(list: readonly Rule[], state: PulseState, at: Instant): Rule | undefined {
  return list.find((rule) => at >= rule.from(state) && at < rule.until(state));
}

/** When the next of the rules is due; those that were due at the last event and did not act wait for another. */
export function nextRule(list: readonly Rule[], state: PulseState): Instant {
  let next = never;
  for (const rule of list) {
    const from = rule.from(state);
    if (from > state.seenAt && from < next && from < rule.until(state)) next = from;
  }
  return next;
}

/** The first conflict rule that applies. */
export function settleConflict(
  list: readonly ConflictRule[],
  state: PulseState,
  said: Trailer,
  at: Instant,
): Transition {
  const rule = list.find((each) => each.applies(state, said, at));
  return rule === undefined ? stay(state) : rule.act(state, said, at);
}
