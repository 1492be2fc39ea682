// How floating addresses change: what is told to `ip`, what is noted before, and what is looked at afterwards.
import type { FloatingAddress, ForeignAddress, IpAddress, Outcome } from '@piranha/domain';
import { baseDevice, failure, success } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import { restoreLine } from './rules/address-lines.ts';
import type { Standing } from './rules/address-ownership.ts';
import { arpIgnoreOf, keepsQuiet } from './arp-ignore.ts';
import type { RaisePlan } from './rules/floating-addresses.ts';
import {
  labelOfOurs,
  labelsOf,
  lowerStandings,
  missing,
  notedPlaces,
  raisePlan,
  standingsOf,
  standingsToLeave,
  unseenLines,
  withoutStandings,
} from './rules/floating-addresses.ts';
import type { LabelOf, OwnFirst } from './rules/own-first.ts';
import { dependents, ownFirstLines } from './rules/own-first.ts';
import { prefixRouteLines } from './rules/prefix-route.ts';
import type { RaisedFile } from './raised-file.ts';
import type { Ask } from './standing-ip.ts';

/** The interfaces afterwards. */
export type Raised = {
  readonly interfaces: readonly Interface[];
  /** Those that did not stand before. */
  readonly added: readonly IpAddress[];
  /** In words: those that serve on a device of another name, for there is none of that in the file. */
  readonly displaced: readonly string[];
  /** Those on the file's device that are used as they are, and left alone. */
  readonly foreign: readonly ForeignAddress[];
};

/** What is found of addresses that are not to be up: which of them pulse has raised, and which neighbours can see all the same. */
export type Seen = {
  readonly interfaces: readonly Interface[];
  readonly ours: readonly IpAddress[];
  readonly foreign: readonly ForeignAddress[];
};

/** What a batch goes by and tells. */
export type Around = {
  readonly raised: Pick<RaisedFile, 'all' | 'add' | 'remove'>;
  /** Something happened to addresses of others. */
  readonly warn: (text: string) => void;
  /** Has the kernel keep the other addresses of a network on this device when its first one goes; false if it refuses. */
  readonly promote: (device: string) => boolean;
};

/** What is found on these interfaces of addresses that are not to be up. */
export function seenIn(
  interfaces: readonly Interface[],
  unwanted: readonly FloatingAddress[],
  { raised }: Around,
): Seen {
  const { ours, foreign } = standingsOf(interfaces, unwanted, raised.all());
  return {
    interfaces,
    ours: [...new Set(ours.map(({ entry }) => entry.address))],
    foreign: foreign.filter((standing) => !keepsQuiet(standing, interfaces, arpIgnoreOf)).map(foreignOf),
  };
}

const foreignOf = ({ device, entry }: Standing): ForeignAddress => ({
  ...{ address: entry.address, prefix: entry.prefix, device: device.name },
});

/** Routes by way of an address go with it. */
const restoredHint = 'look at the routes, and set net.ipv4.conf.all.promote_secondaries = 1';

/** Lines that take addresses down, and put back at once what the kernel takes along where it may not be told otherwise. */
function leaveLines(interfaces: readonly Interface[], leave: readonly Standing[], { promote, warn }: Around): string[] {
  const lines = lowerStandings(leave);
  if (leave.every(({ device }) => promote(device.name))) return lines;
  const along = dependents(interfaces, labelsOf(leave));
  if (along.length === 0) return lines;
  const names = along.map(({ device, entry }) => `${entry.address}/${entry.prefix} on ${device.name}`).join(', ');
  warn(`the kernel deletes other addresses together with a floating one: putting back ${names}; ${restoredHint}`);
  return [...lines, ...along.map(({ device, entry }) => restoreLine(device.name, entry))];
}

const keepsOthers = (addresses: readonly FloatingAddress[], { promote }: Around): boolean =>
  [...new Set(addresses.map(({ device }) => baseDevice(device)))].every(promote);

type LinesFor = (interfaces: readonly Interface[], labelOf: LabelOf, how: OwnFirst) => readonly string[];

const mendings: readonly LinesFor[] = [
  ownFirstLines,
  (interfaces, labelOf, { lease }) => prefixRouteLines(interfaces, labelOf, lease),
];

/** Lines that mend where connections of this router begin, and what made them. */
type Mends = { readonly linesFor: LinesFor; readonly lines: readonly string[] };

const noMends: Mends = { linesFor: () => [], lines: [] };

/** Raises what is missing, and sees to it that connections of this router begin from its own addresses. */
export function raising(ask: Ask, around: Around) {
  const { raised, warn } = around;
  /** The lines that did not help the last time: not again and again. */
  let inVain = '';

  const note = (plan: RaisePlan, wanted: readonly FloatingAddress[]): void => {
    const foreign = new Set(plan.foreign.map(({ entry }) => entry.address));
    raised.remove(wanted.filter(({ address }) => foreign.has(address)));
    raised.add(plan.notes);
  };

  /** What is wrong first; the order of addresses says what else is. */
  const mendsFor = (now: readonly Interface[], wanted: readonly FloatingAddress[], how: OwnFirst): Mends => {
    const labelOf = labelOfOurs(now, wanted, raised.all());
    const found = mendings.map((linesFor) => ({ linesFor, lines: linesFor(now, labelOf, how) }));
    const first = found.find(({ lines }) => lines.length > 0);
    return first === undefined || first.lines.join() === inVain ? noMends : first;
  };

  const judgeMends = (
    { linesFor }: Mends,
    after: readonly Interface[],
    wanted: readonly FloatingAddress[],
    how: OwnFirst,
  ): void => {
    if (linesFor === ownFirstLines && !how.promotes)
      warn(`the router's own address went together with a floating one, and was put back: ${restoredHint}`);
    inVain = linesFor(after, labelOfOurs(after, wanted, raised.all()), how).join();
    if (inVain === '') return;
    warn(`connections of this router begin from a floating address, and that cannot be changed: ${inVain}`);
  };

  return async (
    wanted: readonly FloatingAddress[],
    lease: number | undefined,
    inTime: () => boolean,
  ): Promise<Outcome<Raised, string>> => {
    const look = await ask([]);
    if (!look.ok) return look;
    const before = look.value.interfaces;
    const isInTime = inTime();
    const how = { lease, promotes: keepsOthers(wanted, around) };
    const plan = raisePlan(before, wanted, { raised: raised.all(), lease, inTime: isInTime });
    note(plan, wanted);
    // What leaves must not come back for the sake of order.
    const mends = isInTime ? mendsFor(withoutStandings(before, plan.leave), wanted, how) : noMends;
    const lines = [...plan.lines, ...leaveLines(before, plan.leave, around), ...mends.lines];
    const done = lines.length === 0 ? look : await ask(lines);
    if (!done.ok) return done;
    const { interfaces, complaints } = done.value;
    if (mends.lines.length > 0) judgeMends(mends, interfaces, wanted, how);
    const expected = [...plan.added, ...wanted.filter((each) => missing(before, [each]).length === 0)];
    if (missing(interfaces, expected).length > 0) return failure(complaint(complaints, lines));
    return success(raisedBy(plan, interfaces));
  };
}

const raisedBy = ({ added, displaced, foreign }: RaisePlan, interfaces: readonly Interface[]): Raised => ({
  interfaces,
  added: added.map(({ address }) => address),
  displaced: displaced.map(displacedText),
  foreign: foreign.map(foreignOf),
});

/** Lowers what pulse has raised, and nothing with it. */
export function lowering(ask: Ask, around: Around) {
  const { raised } = around;
  return async (
    unwanted: readonly FloatingAddress[],
    kept: readonly FloatingAddress[] = [],
  ): Promise<Outcome<Seen, string>> => {
    const order = { unwanted, kept };
    // To look first would leave them up for one more answer of `ip`: the partner may be about to raise them.
    const unseen = keepsOthers(unwanted, around) ? unseenLines(unwanted, raised.all()) : [];
    const first = await ask(unseen);
    if (!first.ok) return first;
    const before = first.value.interfaces;
    const lines = leaveLines(before, standingsToLeave(before, order, raised.all()), around);
    const second = lines.length === 0 ? first : await ask(lines);
    if (!second.ok) return second;
    const { interfaces, complaints } = second.value;
    if (standingsToLeave(interfaces, order, raised.all()).length > 0) return failure(complaint(complaints, lines));
    raised.remove(notedPlaces(order, raised.all()));
    return success(seenIn(interfaces, unwanted, around));
  };
}

const complaint = (complaints: readonly string[], lines: readonly string[]): string =>
  `ip: ${complaints.join('; ') || 'the change had no effect'} (${lines.join('; ')})`;

function displacedText({ floating, device }: RaisePlan['displaced'][number]): string {
  const base = baseDevice(floating.device);
  return `${floating.address} was raised on ${base} and is on ${device.name} now: there is no ${base} any more`;
}
