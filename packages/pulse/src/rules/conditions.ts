// For how long the conditions hold that the rules of the pair wait for.
import type { Instant } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { ableInactive, isActive, isFitter, ownFitness } from './fitness.ts';
import { mayTake } from './pair.ts';
import type { PulseState } from '../state.ts';

/** Keeps for how long the conditions of the rules have held without a break. */
export function noteConditions(before: PulseState, at: Instant, isMutual: boolean): PulseState {
  const { since, own } = before;
  const able = isActive(before) && isMutual ? ableInactive(before) : undefined;
  const mine = ownFitness(before);
  const holds = {
    betterPartner: able !== undefined && isFitter(able, mine),
    betterLinks: hasBetterLinks(able, before),
    wantedBack: able?.want === true && !isFitter(mine, able),
    failback: isMutual && mayFailBack(before),
  };
  const kept = (name: keyof typeof holds): Instant | undefined => (holds[name] ? (since[name] ?? at) : undefined);
  const now = {
    betterPartner: kept('betterPartner'),
    betterLinks: kept('betterLinks'),
    wantedBack: kept('wantedBack'),
    failback: kept('failback'),
  };
  const asked = own.want;
  const over = asked !== undefined && (asked.by === 'failback' ? !holds.failback : at >= asked.until);
  const same = Object.keys(now).every((name) => now[name as keyof Since] === since[name as keyof Since]);
  if (same && !over) return before;
  return { ...before, since: now, own: over ? { ...own, want: undefined } : own };
}

type Since = PulseState['since'];

const hasBetterLinks = (able: Trailer | undefined, { settings, links }: PulseState): boolean =>
  able !== undefined && settings.monitorLinks && able.class > links.class;

function mayFailBack(state: PulseState): boolean {
  const { settings, partner, own } = state;
  const { trailer } = partner;
  if (settings.failback !== 'auto' || settings.role !== 'primary' || trailer?.active !== true) return false;
  return mayTake(state) && !own.held && !trailer.held && !isFitter(trailer, ownFitness(state));
}
