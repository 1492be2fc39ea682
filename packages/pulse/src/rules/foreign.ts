// Floating addresses on this machine that pulse has not raised: they stay, and an administrator has to know of them.
import { isDeepStrictEqual } from 'node:util';
import type { FloatingAddress, ForeignAddress, IpAddress } from '@piranha/domain';
import { isActive } from './fitness.ts';
import { hurryNote } from './notes.ts';
import { partnerName } from './role-change.ts';
import type { PulseAction, PulseEvent, PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, heardLog, log, stay } from './transition.ts';

/** What stands here though pulse has not raised it, and what of it was said. */
export type Foreign = { readonly here: readonly ForeignAddress[]; readonly told: readonly string[] };

export const noForeign: Foreign = { here: [], told: [] };

type Seen = Extract<PulseEvent, { readonly type: 'addresses-seen' }>;

/** Somebody has looked for floating addresses here. */
export function onAddressesSeen(before: PulseState, { ours, foreign, at }: Seen): Transition {
  const left = leftHere(before, ours);
  const lines = [...foreign.map((each) => lineOn(before, each)), ...(left.length === 0 ? [] : [leftLine(left)])];
  const news = lines.filter(({ text }) => !before.foreign.told.includes(text));
  const gone = before.foreign.here.filter((each) => !foreign.some((other) => isDeepStrictEqual(each, other)));
  const state = { ...before, foreign: { here: foreign, told: lines.map(({ text }) => text) } };
  const known = gone.length > 0 || news.length > 0 ? hurryNote(state, at) : state;
  const lower: readonly PulseAction[] = left.length === 0 ? [] : [{ type: 'lower-addresses', addresses: left }];
  return go(known, ...news.map(({ level, text }) => log(level, text)), ...gone.map(goneLine), ...lower);
}

type Line = { readonly level: 'error' | 'warning' | 'notice'; readonly text: string };

const placeOf = ({ address, prefix, device }: ForeignAddress): string => `${address}/${prefix} on ${device}`;

const goneLine = (each: ForeignAddress): PulseAction =>
  log('notice', `${placeOf(each)}, which pulse had not raised, is gone`);

/** Only where the service is not to be here is one of them in the way. */
const isInTheWay = ({ settings, phase }: PulseState): boolean => settings.hasPartner && phase.type === 'inactive';

const lineOn = (state: PulseState, each: ForeignAddress): Line =>
  isInTheWay(state) ? { level: 'error', text: inTheWay(each) } : { level: 'notice', text: leftAlone(each) };

const leftAlone = (each: ForeignAddress): string =>
  `${placeOf(each)} is there, and pulse has not raised it: it is used as it is, and stays when the service goes`;

const inTheWay = (each: ForeignAddress): string =>
  `this router is inactive, and answers for ${each.address} all the same: ${placeOf(each)} was not raised by pulse, and ` +
  `stays. Take it down: ip address delete ${each.address}/${each.prefix} dev ${each.device}`;

/** What an earlier life has left, or what somebody has put there as pulse would have done, has no business here. */
const leftHere = ({ phase, settings }: PulseState, ours: readonly IpAddress[]): readonly FloatingAddress[] =>
  phase.type === 'inactive' ? settings.addresses.filter(({ address }) => ours.includes(address)) : [];

function leftLine(left: readonly FloatingAddress[]): Line {
  const names = left.map(({ address, device }) => `${address} on ${device}`).join(', ');
  const text = `this router is inactive, and has floating addresses all the same: taking down ${names}`;
  return { level: 'warning', text };
}

/** What this router tells its partner: the addresses for which it answers though it should not. */
export const foreignInTheWay = (state: PulseState): readonly IpAddress[] =>
  isInTheWay(state) ? [...new Set(state.foreign.here.map(({ address }) => address))] : [];

/** The partner tells that of itself. */
export function onForeignAtPartner(state: PulseState, foreign: readonly IpAddress[]): Transition {
  const { partner } = state;
  if (isDeepStrictEqual(partner.foreign, foreign)) return stay(state);
  const now: PulseState = { ...state, partner: { ...partner, foreign } };
  const text = foreignText(now);
  const line = text === undefined ? log('notice', clearText(now)) : log('error', text);
  return go(now, heardLog(now, text === undefined ? 'foreign-gone' : 'foreign', line));
}

const clearText = (state: PulseState): string => `the ${partnerName(state)} answers for no floating address any more`;

/** What is wrong with addresses that stand where they should not, on either router; undefined where nothing is. */
export function foreignText(state: PulseState): string | undefined {
  const [first] = state.foreign.here;
  if (first !== undefined && isInTheWay(state)) return inTheWay(first);
  const { foreign } = state.partner;
  if (foreign.length === 0 || !isActive(state)) return undefined;
  const other = partnerName(state);
  return `the ${other} answers for ${foreign.join(', ')}, too, though it is inactive: its pulse has not raised this; take it down there`;
}
