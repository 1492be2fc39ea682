// What `ip` has to be told so that floating addresses are up or gone. Pure: interfaces in, lines out.
import type { FloatingAddress } from '@piranha/domain';
import { baseDevice, familyOf } from '@piranha/domain';
import type { Interface, RaisedAddress } from '@piranha/protocol';
import { lowerLine, raiseLine } from './address-lines.ts';
import type { Places, Situation, Standing } from './address-ownership.ts';
import {
  isHome,
  noteOf,
  noteOfStanding,
  notesOf,
  notesToLeave,
  placesOf,
  placesToLeave,
  situationOf,
} from './address-ownership.ts';
import type { LabelOf } from './own-first.ts';
import { comesUpInWider } from './prefix-route.ts';

/** What is done about some floating addresses, and what came to light. */
export type RaisePlan = {
  readonly lines: readonly string[];
  /** Where ours stand and are not to be any more. */
  readonly leave: readonly Standing[];
  /** Those that do not stand and come up with these lines. */
  readonly added: readonly FloatingAddress[];
  /** What is to be noted before that. */
  readonly notes: readonly RaisedAddress[];
  /** Those that stand on a device whose name has changed, while there is none of the name in the file. */
  readonly displaced: readonly (Standing & { readonly floating: FloatingAddress })[];
  /** Those that somebody else has put on the file's device. */
  readonly foreign: readonly Standing[];
};

/** The addresses that are not on the device of the file, whoever put them there. */
export const missing = (interfaces: readonly Interface[], wanted: readonly FloatingAddress[]): FloatingAddress[] =>
  wanted.filter(
    ({ address, device }) =>
      !interfaces.some(
        ({ name, addresses }) => name === baseDevice(device) && addresses.some((e) => e.address === address),
      ),
  );

type Circumstances = {
  /** Each for so many seconds from now; undefined for good. */
  readonly lease: number | undefined;
  /** Whether what does not stand may come up. */
  readonly inTime: boolean;
};

/**
 * Brings addresses up, or renews their time. One of ours that stands keeps its mask; what somebody else has put on the
 * file's device serves as it is, and nothing of it is changed.
 */
export function raisePlan(
  interfaces: readonly Interface[],
  wanted: readonly FloatingAddress[],
  { raised, ...circumstances }: Circumstances & { readonly raised: readonly RaisedAddress[] },
): RaisePlan {
  const situation = situationOf(interfaces, raised);
  const around = { ...circumstances, labelOf: labelOfOurs(interfaces, wanted, raised) };
  const plans = wanted.map((floating) => planFor(interfaces, placesOf(situation, floating), floating, around));
  return {
    lines: plans.flatMap(({ lines }) => lines),
    leave: plans.flatMap(({ leave }) => leave),
    added: plans.flatMap(({ added }) => added),
    notes: plans.flatMap(({ notes }) => notes),
    displaced: plans.flatMap(({ displaced }) => displaced),
    foreign: plans.flatMap(({ foreign }) => foreign),
  };
}

const noPlan: RaisePlan = { lines: [], leave: [], added: [], notes: [], displaced: [], foreign: [] };

function planFor(
  interfaces: readonly Interface[],
  { home, away, foreign }: Places,
  floating: FloatingAddress,
  { lease, inTime, labelOf }: Circumstances & { readonly labelOf: LabelOf },
): RaisePlan {
  const [first] = home;
  if (first !== undefined) {
    const notes = [noteOfStanding(floating, first)];
    return { ...noPlan, lines: renewLines(first, floating, lease), leave: away, notes };
  }
  const inPlace = foreign.filter((standing) => isHome(standing, floating));
  if (inPlace.length > 0) return { ...noPlan, leave: away, foreign: inPlace };
  const hasHome = interfaces.some(({ name }) => name === baseDevice(floating.device));
  if (!hasHome && away.length > 0) {
    const lines = away.flatMap((standing) => renewLines(standing, floating, lease));
    return {
      ...{ ...noPlan, lines, displaced: away.map((standing) => ({ ...standing, floating })) },
      notes: away.slice(0, 1).map((standing) => noteOfStanding(floating, standing)),
    };
  }
  if (!inTime) return noPlan;
  const without = comesUpInWider(floating, interfaces, labelOf);
  return {
    ...noPlan,
    lines: [raiseLine(floating, baseDevice(floating.device), lease, without)],
    leave: away,
    added: [floating],
    notes: [noteOf(floating, interfaces)],
  };
}

/** Where its time would be over, or is to be. */
function renewLines(
  { device, entry }: Standing,
  { address, device: label }: FloatingAddress,
  lease?: number,
): string[] {
  if (!entry.expires && lease === undefined) return [];
  const standing = { address, device: entry.label ?? label, prefix: entry.prefix };
  // It may be gone by now: then the line brings it up.
  return [raiseLine(standing, device.name, lease, entry.noPrefixRoute)];
}

/** The interfaces as they are without these. */
export const withoutStandings = (interfaces: readonly Interface[], gone: readonly Standing[]): readonly Interface[] =>
  gone.length === 0 ? interfaces : interfaces.map((device) => withoutEntries(device, gone));

const withoutEntries = (device: Interface, gone: readonly Standing[]): Interface => ({
  ...device,
  addresses: device.addresses.filter((entry) => !gone.some((each) => each.device === device && each.entry === entry)),
});

/** Lines that take them down, with the mask that each really has. */
export const lowerStandings = (standings: readonly Standing[]): string[] =>
  standings.map(({ device, entry }) => lowerLine(entry, { device: device.name, label: entry.label }));

/**
 * Lines that take addresses down which stand as pulse has raised them; else `ip` complains and goes on. They need no look
 * before: the label tells them from what somebody else has put there. IPv6 has none.
 */
export function unseenLines(unwanted: readonly FloatingAddress[], raised: readonly RaisedAddress[]): string[] {
  const situation = situationOf([], raised);
  return unwanted.flatMap((floating) => {
    const { device } = floating;
    const base = baseDevice(device);
    const [note] = notesOf(situation, floating);
    if (familyOf(floating.address) === 6 || (note === undefined && base === device)) return [];
    return [lowerLine(floating, { device: base, label: note?.label ?? device })];
  });
}

/** What has to go, and what is to be up all the same: the file may name another device for an address. */
export type Lowering = { readonly unwanted: readonly FloatingAddress[]; readonly kept: readonly FloatingAddress[] };

/** Where addresses of ours stand that have to go. */
export function standingsToLeave(
  interfaces: readonly Interface[],
  { unwanted, kept }: Lowering,
  raised: readonly RaisedAddress[],
): readonly Standing[] {
  const situation = situationOf(interfaces, raised);
  return unwanted.flatMap((floating) => oursIn(placesToLeave(situation, floating, kept)));
}

/** The places of which nothing is to be noted when they are gone. */
export const notedPlaces = (
  { unwanted, kept }: Lowering,
  raised: readonly RaisedAddress[],
): readonly FloatingAddress[] => [
  ...unwanted,
  ...unwanted.flatMap((floating) =>
    notesToLeave(raised, floating, kept).map(({ address, device, prefix }) => ({ address, device, prefix })),
  ),
];

const oursIn = ({ home, away }: Places): readonly Standing[] => [...home, ...away];

/** Everything of ours and of others that stands of some addresses. */
export function standingsOf(
  interfaces: readonly Interface[],
  floating: readonly FloatingAddress[],
  raised: readonly RaisedAddress[],
): { readonly ours: readonly Standing[]; readonly foreign: readonly Standing[] } {
  const situation: Situation = situationOf(interfaces, raised);
  const places = floating.map((each) => placesOf(situation, each));
  return { ours: places.flatMap(oursIn), foreign: places.flatMap(({ foreign }) => foreign) };
}

/** Tells which addresses of a device pulse has raised, and their labels. */
export function labelOfOurs(
  interfaces: readonly Interface[],
  floating: readonly FloatingAddress[],
  raised: readonly RaisedAddress[],
): LabelOf {
  return labelsOf(standingsOf(interfaces, floating, raised).ours);
}

/** The same of these places alone. */
export function labelsOf(standings: readonly Standing[]): LabelOf {
  const labels = new Map(standings.map(({ device, entry }) => [entry, entry.label ?? device.name]));
  return (entry) => labels.get(entry);
}
