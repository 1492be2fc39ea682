// A kernel that keeps addresses as Linux does, obeys lines of `ip`, and knows whose hand each address is from.
import type { IpAddress } from '@piranha/domain';
import { broadcastAddress, familyOf } from '@piranha/domain';
import type { Interface, InterfaceAddress } from '@piranha/protocol';

type Entry = InterfaceAddress & { readonly by: 'pulse' | 'admin' };
type Entries = readonly Entry[];
type Device = { readonly index: number; readonly name: string; readonly entries: Entries };

const networkOf = ({ address, prefix }: Pick<Entry, 'address' | 'prefix'>): string =>
  `${broadcastAddress(address, prefix)}/${prefix}`;

const isLedBy =
  (leader: Entry) =>
  (each: Entry): boolean =>
    familyOf(each.address) === 4 && networkOf(each) === networkOf(leader);

const word = (line: string, name: string): string | undefined => new RegExp(` ${name} (\\S+)`).exec(line)?.[1];

const isSame = (one: Entry, other: Pick<Entry, 'address' | 'prefix'>): boolean =>
  one.address === other.address && one.prefix === other.prefix;

/** The lifetime is all that changes of an address that stands. */
function replaced(entries: Entries, fresh: Entry): Entries {
  const { expires, deprecated } = fresh;
  const lifetime = { expires, ...(deprecated === undefined ? {} : { deprecated }) };
  if (entries.some((each) => isSame(each, fresh)))
    return entries.map((each) => (isSame(each, fresh) ? { ...each, ...lifetime } : each));
  if (familyOf(fresh.address) === 6) {
    // Whatever its mask, a device has it once, and none follows another.
    return entries.some(({ address }) => address === fresh.address) ? entries : [...entries, fresh];
  }
  if (entries.some(isLedBy(fresh))) return [...entries, { ...fresh, secondary: true }];
  const primaries = entries.filter(({ secondary }) => secondary !== true);
  return [...primaries, fresh, ...entries.filter(({ secondary }) => secondary === true)];
}

/** What is left without this one, and what the kernel has taken along. */
function removed(
  entries: Entries,
  gone: Entry,
  promotes: boolean,
): { readonly left: Entries; readonly along: Entries } {
  const left = entries.filter((each) => each !== gone);
  if (gone.secondary === true || familyOf(gone.address) === 6) return { left, along: [] };
  const led = left.filter(isLedBy(gone));
  if (!promotes) return { left: left.filter((each) => !led.includes(each)), along: led };
  return { left: left.map((each) => (each === led[0] ? promoted(each) : each)), along: [] };
}

function promoted(entry: Entry): Entry {
  const { secondary, ...primary } = entry;
  return secondary === undefined ? entry : primary;
}

function renamed({ index, entries }: Device, name: string): Device {
  const relabelled = entries.map((entry, place) => {
    if (entry.label === undefined) return entry;
    const suffix = /:.*$/.exec(entry.label)?.[0] ?? `:${place}`;
    return { ...entry, label: place === 0 ? name : `${name}${suffix}` };
  });
  return { index, name, entries: relabelled };
}

/** A name that another device has is refused. */
const withName = (devices: readonly Device[], name: string, fresh: string): Device[] =>
  devices.map((device) =>
    device.name === name && !devices.some((other) => other.name === fresh) ? renamed(device, fresh) : device,
  );

const interfaceOf = ({ index, name, entries }: Device): Interface => ({
  ...{ index, name, ...(name === 'lo' ? { loopback: true as const } : {}), up: true, running: true, mac: undefined },
  addresses: entries,
});

const ofHand = ({ name, entries }: Device, hand: Entry['by']): readonly string[] =>
  entries.filter(({ by }) => by === hand).map(({ address, prefix }) => `${address}/${prefix} ${name}`);

/** What a line of pulse brings up. */
function entryOf(line: string, name: string): Entry {
  const [, text = '', prefix = ''] = /^address \w+ (\S+)\/(\d+) /.exec(line) ?? [];
  const address = text as IpAddress;
  const expires = word(line, 'valid_lft') !== undefined;
  const deprecated = word(line, 'preferred_lft') === '0' ? ({ deprecated: true } as const) : {};
  const labelled = familyOf(address) === 4 ? { label: word(line, 'label') ?? name } : {};
  const routed = line.endsWith(' noprefixroute') ? ({ noPrefixRoute: true } as const) : {};
  return { address, prefix: Number(prefix), expires, ...deprecated, ...labelled, ...routed, by: 'pulse' };
}

/** An empty machine; `promotes` is promote_secondaries. */
export function fakeAddresses(names: readonly string[], promotes: boolean) {
  let devices: Device[] = names.map((name, index) => ({ index: index + 1, name, entries: [] }));
  let nextIndex = names.length + 1;
  /** Taken along by the kernel: whoever puts one of these back as it was has only made good. */
  let along: (Entry & { readonly name: string })[] = [];

  const change = (name: string, act: (entries: Entries) => Entries): void => {
    devices = devices.map((device) => (device.name === name ? { ...device, entries: act(device.entries) } : device));
  };

  const remove = (name: string, unwanted: Entry, label: string | undefined): void => {
    change(name, (entries) => {
      const gone = entries.find((each) => isSame(each, unwanted) && (label === undefined || each.label === label));
      if (gone === undefined) return entries;
      const after = removed(entries, gone, promotes);
      along = [...along, ...after.along.map((each) => ({ ...each, name }))];
      return after.left;
    });
  };

  const obey = (line: string): void => {
    const name = word(line, 'dev') ?? '';
    const entry = entryOf(line, name);
    if (line.startsWith('address delete')) {
      remove(name, entry, word(line, 'label'));
      return;
    }
    const before = along.find((each) => isSame(each, entry) && each.name === name && each.label === entry.label);
    along = along.filter((each) => each !== before);
    change(name, (entries) => replaced(entries, { ...entry, by: before?.by ?? 'pulse' }));
  };

  return {
    obey: (lines: readonly string[]): void => {
      for (const line of lines) obey(line);
    },
    /** By hand: an address under the name of its device. */
    add: (name: string, address: IpAddress, prefix: number): void => {
      const entry = entryOf(`address add ${address}/${prefix} dev ${name}`, name);
      change(name, (entries) => replaced(entries, { ...entry, by: 'admin' }));
    },
    flush: (name: string): void => {
      change(name, () => []);
    },
    /** As the kernel does: the first label becomes the name, others keep what stands behind the colon. */
    rename: (name: string, fresh: string): void => {
      devices = withName(devices, name, fresh);
    },
    /** A device of this name is new, without addresses. */
    remake: (name: string): void => {
      const fresh: Device = { index: nextIndex++, name, entries: [] };
      devices = [...devices.filter((device) => device.name !== name), fresh];
    },
    interfaces: () => devices.map(interfaceOf),
    /** What stands of either hand, sorted: what was put back comes later than it did. */
    of: (hand: Entry['by']) => devices.flatMap((device) => ofHand(device, hand)).sort(),
  };
}
