// Floating addresses on this machine that pulse has not raised: they stay, and an administrator has to know of them.
import { isDeepStrictEqual } from 'node:util';
import type { FloatingAddress, ForeignAddress, IpAddress } from '@piranha/domain';
import { isActive } from './fitness.ts';
import { hurryNote } from './hurry-note.ts';
import { partnerName } from './role-change.ts';
import type { AddressNews, InTheWay } from '../news.ts';
import type { PulseAction, PulseEvent } from '../events.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, isProved, stay, tell } from './transition.ts';
import type { Foreign } from '../state-parts.ts';

export const noForeign: Foreign = { here: [], told: [] };

type Seen = Extract<PulseEvent, { readonly type: 'addresses-seen' }>;

/** Somebody has looked for floating addresses here. */
export function onAddressesSeen(before: PulseState, { ours, foreign, at }: Seen): Transition {
  const left = leftHere(before, ours);
  const news = [
    ...foreign.map((each) => newsOf(before, each)),
    ...(left.length === 0 ? [] : [{ type: 'leftovers', addresses: left } as const]),
  ];
  const fresh = news.filter((each) => !before.foreign.told.some((other) => isDeepStrictEqual(each, other)));
  const gone = before.foreign.here.filter((each) => !foreign.some((other) => isDeepStrictEqual(each, other)));
  const state = { ...before, foreign: { here: foreign, told: news } };
  const known = gone.length > 0 || fresh.length > 0 ? hurryNote(state, at) : state;
  const lower: readonly PulseAction[] = left.length === 0 ? [] : [{ type: 'lower-addresses', addresses: left }];
  const gones = gone.map((address) => tell({ type: 'foreign-gone', address }));
  return go(known, ...fresh.map(tell), ...gones, ...lower);
}

/** Only where the service is not to be here is one of them in the way. */
const isInTheWay = ({ settings, phase }: PulseState): boolean => settings.hasPartner && phase.type === 'inactive';

const newsOf = (state: PulseState, address: ForeignAddress): AddressNews => ({
  type: isInTheWay(state) ? 'in-the-way' : 'left-alone',
  address,
});

/** What an earlier life has left, or what somebody has put there as pulse would have done, has no business here. */
const leftHere = ({ phase, settings }: PulseState, ours: readonly IpAddress[]): readonly FloatingAddress[] =>
  phase.type === 'inactive' ? settings.addresses.filter(({ address }) => ours.includes(address)) : [];

/** What this router tells its partner: the addresses for which it answers though it should not. */
export const foreignInTheWay = (state: PulseState): readonly IpAddress[] =>
  isInTheWay(state) ? [...new Set(state.foreign.here.map(({ address }) => address))] : [];

/** The partner tells that of itself. */
export function onForeignAtPartner(state: PulseState, foreign: readonly IpAddress[]): Transition {
  const { partner } = state;
  if (isDeepStrictEqual(partner.foreign, foreign)) return stay(state);
  const now: PulseState = { ...state, partner: { ...partner, foreign } };
  const [what, proved] = [inTheWay(now), isProved(now)];
  return what === undefined
    ? go(now, tell({ type: 'foreign-told-gone', partner: partnerName(now), proved }))
    : go(now, tell({ type: 'foreign-told', what, proved }));
}

/** Addresses that stand where they should not, on either router; undefined where there is none. */
export function inTheWay(state: PulseState): InTheWay | undefined {
  const [first] = state.foreign.here;
  if (first !== undefined && isInTheWay(state)) return { at: 'here', address: first };
  const { foreign } = state.partner;
  if (foreign.length === 0 || !isActive(state)) return undefined;
  return { at: 'partner', partner: partnerName(state), addresses: foreign };
}
