// Which of the addresses on this machine pulse has raised. Only these may be changed or taken down. Pure.
import type { FloatingAddress } from '@piranha/domain';
import { baseDevice, familyOf } from '@piranha/domain';
import { longestPrefix } from './address-lines.ts';
import type { Interface, InterfaceAddress, RaisedAddress } from '@piranha/protocol';

/** One address as it stands on one device. */
export type Standing = { readonly device: Interface; readonly entry: InterfaceAddress };

/** The places of one floating address on this machine. */
export type Places = {
  /** Raised by pulse, on the device that the file names. */
  readonly home: readonly Standing[];
  /** Raised by pulse, on a device whose name has changed since. */
  readonly away: readonly Standing[];
  /** Put there by somebody else, on any device. */
  readonly foreign: readonly Standing[];
};

/** What there is, and what pulse has noted of its deeds, by address. */
export type Situation = {
  readonly standings: ReadonlyMap<string, readonly Standing[]>;
  readonly notes: ReadonlyMap<string, readonly RaisedAddress[]>;
};

/** Sorts it once. Without loopback: a real server of direct routing has floating addresses there. */
export function situationOf(interfaces: readonly Interface[], raised: readonly RaisedAddress[]): Situation {
  const all = interfaces
    .filter(({ loopback }) => loopback !== true)
    .flatMap((device) => device.addresses.map((entry) => ({ device, entry })));
  return { standings: grouped(all, ({ entry }) => entry.address), notes: grouped(raised, ({ address }) => address) };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

export const isHome = ({ device }: Standing, floating: FloatingAddress): boolean =>
  device.name === baseDevice(floating.device);

/**
 * Nobody but pulse raises addresses in this way: under the label of the file, or, as IPv6 has none, without a preferred
 * lifetime. A label that is the device's own name says nothing.
 */
const isMarked = ({ entry }: Standing, { address, device }: FloatingAddress): boolean =>
  familyOf(address) === 6 ? entry.deprecated === true : device.includes(':') && entry.label === device;

/** Whether this is what pulse has noted. Another name of the device changes its labels, too: there the mask has to do. */
function isAsNoted({ device, entry }: Standing, note: RaisedAddress): boolean {
  if (note.address !== entry.address) return false;
  if (note.index === undefined ? device.name !== note.device : device.index !== note.index) return false;
  if (familyOf(note.address) === 6) return entry.deprecated === true;
  if (device.name !== note.device) return note.prefix === undefined || entry.prefix === note.prefix;
  return note.label === undefined || entry.label === note.label;
}

/** Sorts the places of an address by whose they are. */
export const placesOf = ({ standings, notes }: Situation, floating: FloatingAddress): Places =>
  sortedPlaces(standings.get(floating.address) ?? [], floating, notes.get(floating.address) ?? []);

/** The same for an address that has to go, wherever pulse has raised it; `kept` is to be up: its places are left out. */
export function placesToLeave(
  { standings, notes }: Situation,
  floating: FloatingAddress,
  kept: readonly FloatingAddress[],
): Places {
  const elsewhere = keptElsewhere(floating, kept);
  const all = standings.get(floating.address) ?? [];
  const goes = notesToLeave(notes.get(floating.address) ?? [], floating, kept);
  return sortedPlaces(
    all.filter((standing) => !elsewhere.some((each) => isHome(standing, each))),
    floating,
    goes,
  );
}

/** What is noted of an address that has to go, without what is noted of places that are kept. */
export const notesToLeave = (
  raised: readonly RaisedAddress[],
  floating: FloatingAddress,
  kept: readonly FloatingAddress[],
): readonly RaisedAddress[] => {
  const elsewhere = keptElsewhere(floating, kept);
  return raised.filter(
    ({ address, device }) =>
      address === floating.address && !elsewhere.some((each) => baseDevice(each.device) === device),
  );
};

/** On its own device it goes all the same: it comes up with another mask there. */
const keptElsewhere = ({ address, device }: FloatingAddress, kept: readonly FloatingAddress[]) =>
  kept.filter((each) => each.address === address && baseDevice(each.device) !== baseDevice(device));

function sortedPlaces(all: readonly Standing[], floating: FloatingAddress, notes: readonly RaisedAddress[]): Places {
  const isOurs = (standing: Standing): boolean =>
    notes.some((note) => isAsNoted(standing, note)) || (isHome(standing, floating) && isMarked(standing, floating));
  return {
    home: all.filter((standing) => isHome(standing, floating) && isOurs(standing)),
    away: all.filter((standing) => !isHome(standing, floating) && isOurs(standing)),
    foreign: all.filter((standing) => !isOurs(standing)),
  };
}

/** What was noted when an address was raised on this device of the file. */
export const notesOf = ({ notes }: Situation, { address, device }: FloatingAddress): readonly RaisedAddress[] =>
  (notes.get(address) ?? []).filter((note) => note.device === baseDevice(device));

/** What is to be noted of an address that is about to be raised on the file's device. */
export function noteOf({ address, device, prefix }: FloatingAddress, interfaces: readonly Interface[]): RaisedAddress {
  const found = interfaces.find(({ name }) => name === baseDevice(device));
  return {
    ...{ address, device: baseDevice(device), prefix: prefix ?? longestPrefix(address) },
    ...(familyOf(address) === 4 ? { label: device } : {}),
    ...(found?.index === undefined ? {} : { index: found.index }),
  };
}

/** What is to be noted of one that stands: it may have got a label that the file does not name. */
export const noteOfStanding = (
  { address, device }: FloatingAddress,
  { device: on, entry }: Standing,
): RaisedAddress => ({
  ...{ address, device: baseDevice(device), prefix: entry.prefix },
  ...(on.index === undefined ? {} : { index: on.index }),
  ...(on.name === baseDevice(device) && entry.label !== undefined ? { label: entry.label } : {}),
});
