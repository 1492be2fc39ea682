// How well this router could serve, and how the partner compares (docs/pair.md). Nothing is done here.
import type { Instant } from '@piranha/domain';
import { after, backoff, between, instant, milliseconds, never, seconds } from '@piranha/domain';
import type { NodeClass, Trailer } from '@piranha/protocol';
import { classWhenProved } from './links.ts';
import type { PulseState } from '../state.ts';

/** How long a router whose lvs failed for good does not take over again; doubles with each failure. */
const firstPenalty = seconds(5);
const longestPenalty = seconds(600);
/** After this long in service earlier failures are forgiven. */
const goodService = seconds(600);

/** What counts in a comparison of two routers. */
export type Fitness = { readonly class: NodeClass; readonly living: number | undefined };

/** Active in the eyes of the pair: from the start of a takeover until the addresses begin to go down. */
export const isActive = ({ phase }: PulseState): boolean => phase.type === 'active' || phase.type === 'taking-over';

/** 2: healthy. 1: can serve, but a link is down. 0: cannot serve (no public link, no link of any virtual address, lvs failed, or mute). */
export function ownClass({ balancer, links, settings, own }: PulseState): NodeClass {
  if (!balances(balancer) || own.muted) return 0;
  return settings.monitorLinks ? links.class : 2;
}

const balances = ({ running, table, brokenAt }: PulseState['balancer']): boolean =>
  running && table !== 'unusable' && brokenAt === undefined;

/** How this router stands now. */
export const ownFitness = (state: PulseState): Fitness => ({ class: ownClass(state), living: state.own.living });

/** How it will stand when links that carry frames again have done so for deadtime. */
export const hopedFitness = (state: PulseState): Fitness => ({
  ...ownFitness(state),
  class: balances(state.balancer) && state.settings.monitorLinks ? classWhenProved(state.links) : ownClass(state),
});

/** Whether `one` would serve better. Strict: never true both ways on the same values. Unknown is neither better nor worse. */
export function isFitter(one: Fitness, other: Fitness): boolean {
  if (one.class !== other.class) return one.class > other.class;
  return one.living !== undefined && one.living > 0 && other.living === 0;
}

/** The partner was accepted within deadtime. */
export const isHeard = ({ partner, settings }: PulseState, at: Instant): boolean =>
  partner.heardAt !== undefined && at < after(partner.heardAt, settings.deadtime);

/** The partner was accepted within two keepalives, and its last datagram says that it hears us. */
export const isMutual = ({ partner, settings }: PulseState, at: Instant): boolean =>
  partner.trailer?.hears === true &&
  partner.heardAt !== undefined &&
  at < after(partner.heardAt, milliseconds(2 * settings.keepalive));

/** What one of ours said last, if that was that it is inactive and could take over. */
export function ableInactive({ partner }: PulseState): Trailer | undefined {
  const { trailer } = partner;
  return trailer === undefined || trailer.active || trailer.leaving || trailer.class === 0 ? undefined : trailer;
}

/** lvs has failed for good. Failing on while it is broken makes it no worse. */
export function broken(state: PulseState, at: Instant): PulseState {
  const { balancer } = state;
  if (balancer.brokenAt !== undefined) return state;
  return { ...state, balancer: { ...balancer, brokenAt: at, breakdowns: unforgiven(state, at) + 1 } };
}

/** When a broken router may be taken for sound again: only while it is inactive, and each time later. */
export function mendsAt({ balancer, phase, phaseSince }: PulseState): Instant {
  if (balancer.brokenAt === undefined || phase.type !== 'inactive') return never;
  const penalty = backoff(balancer.breakdowns - 1, firstPenalty, longestPenalty);
  return after(instant(Math.max(balancer.brokenAt, phaseSince)), penalty);
}

/** It may be tried again. */
export const mended = (state: PulseState): PulseState => ({
  ...state,
  balancer: { ...state.balancer, brokenAt: undefined },
});

/** How often it has failed; a long service makes up for it. */
const unforgiven = ({ phase, phaseSince, balancer }: PulseState, at: Instant): number =>
  phase.type === 'active' && between(phaseSince, at) >= goodService ? 0 : balancer.breakdowns;
