// What a rule of a packet filter asks of a packet, and whether a packet has it: as far as it can be known.
import { BlockList } from 'node:net';
import type { IpAddress, IpFamily, Port } from '@piranha/domain';
import { familyOf, parseIpAddress, prefixOfMask } from '@piranha/domain';

export type Network = { readonly address: IpAddress; readonly prefix: number };
type AddressRange = { readonly first: IpAddress; readonly last: IpAddress };
export type Addresses = Network | AddressRange;
export type PortRange = readonly [first: number, last: number];

/** What connection tracking knows of a packet. */
export type TrackState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** A packet that comes in over UDP. */
export type Packet = {
  readonly family: IpFamily;
  /** Undefined where it is not known. */
  readonly source: IpAddress | undefined;
  readonly destination: IpAddress;
  readonly port: Port;
  /** The interface that it comes in by, which is never lo; undefined where it is not known. */
  readonly device: string | undefined;
  /** Whichever may be true of it. */
  readonly states: readonly TrackState[];
};

/** A condition of a rule. `unknown` may hold. */
export type Match =
  | { readonly type: 'udp-port'; readonly ranges: readonly PortRange[] }
  | { readonly type: 'source' | 'destination'; readonly addresses: readonly Addresses[] }
  | { readonly type: 'family'; readonly families: readonly IpFamily[] }
  /** A name may end in `*`. */
  | { readonly type: 'device'; readonly names: readonly string[] }
  | { readonly type: 'state'; readonly states: readonly string[] }
  /** Whether the destination is this machine or a group. */
  | { readonly type: 'cast'; readonly kinds: readonly string[] }
  | { readonly type: 'not'; readonly match: Match }
  | { readonly type: 'all' | 'any'; readonly matches: readonly Match[] }
  | { readonly type: 'always' | 'never' | 'unknown' };

export const always: Match = { type: 'always' };
export const never: Match = { type: 'never' };
export const unknown: Match = { type: 'unknown' };

/** Whether a condition holds for a packet. */
export type Answer = 'yes' | 'no' | 'maybe';

const sure = (holds: boolean): Answer => (holds ? 'yes' : 'no');

export function answer(match: Match, packet: Packet): Answer {
  switch (match.type) {
    case 'always':
      return 'yes';
    case 'never':
      return 'no';
    case 'unknown':
      return 'maybe';
    case 'not':
      return opposite(answer(match.match, packet));
    case 'all':
      return allOf(match.matches.map((each) => answer(each, packet)));
    case 'any':
      return opposite(allOf(match.matches.map((each) => opposite(answer(each, packet)))));
    default:
      return answerOf(match, packet);
  }
}

const opposite = (given: Answer): Answer => (given === 'maybe' ? given : sure(given === 'no'));

/** Of several conditions together. */
export const allOf = (answers: readonly Answer[]): Answer =>
  answers.includes('no') ? 'no' : answers.includes('maybe') ? 'maybe' : 'yes';

type Plain = Exclude<Match, { readonly type: 'always' | 'never' | 'unknown' | 'not' | 'all' | 'any' }>;

function answerOf(match: Plain, packet: Packet): Answer {
  switch (match.type) {
    case 'udp-port':
      return sure(match.ranges.some(([first, last]) => first <= packet.port && packet.port <= last));
    case 'source':
      return inAny(match.addresses, packet.source, packet.family);
    case 'destination':
      return inAny(match.addresses, packet.destination, packet.family);
    case 'family':
      return sure(match.families.includes(packet.family));
    case 'device':
      return comesBy(match.names, packet.device);
    case 'state':
      return stateAnswer(match.states, packet.states);
    case 'cast':
      return sure(match.kinds.includes(isGroup(packet.destination) ? 'multicast' : 'local'));
  }
}

const isGroup = (address: IpAddress): boolean => contains(groups[familyOf(address)], address);
const groups: Readonly<Record<IpFamily, Network>> = {
  4: { address: '224.0.0.0' as IpAddress, prefix: 4 },
  6: { address: 'ff00::' as IpAddress, prefix: 8 },
};

function inAny(addresses: readonly Addresses[], address: IpAddress | undefined, family: IpFamily): Answer {
  if (address !== undefined) return sure(addresses.some((each) => contains(each, address)));
  return addresses.some((each) => familyOf('address' in each ? each.address : each.first) === family) ? 'maybe' : 'no';
}

function comesBy(names: readonly string[], device: string | undefined): Answer {
  const fits = (name: string): boolean =>
    name.endsWith('*') ? device?.startsWith(name.slice(0, -1)) === true : name === device;
  if (device !== undefined) return sure(names.some(fits));
  if (names.includes('*')) return 'yes';
  return names.every((name) => name === 'lo') ? 'no' : 'maybe';
}

function stateAnswer(named: readonly string[], possible: readonly TrackState[]): Answer {
  const met = possible.filter((state) => named.includes(state));
  return met.length === 0 ? 'no' : met.length === possible.length ? 'yes' : 'maybe';
}

/** Whether an address is one of these. */
export function contains(addresses: Addresses, other: IpAddress): boolean {
  const family = familyOf('address' in addresses ? addresses.address : addresses.first);
  if (family !== familyOf(other)) return false;
  const name = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  if ('address' in addresses) list.addSubnet(addresses.address, addresses.prefix, name);
  else list.addRange(addresses.first, addresses.last, name);
  return list.check(other, name);
}

/** Reads `10.0.0.0/8`, `10.0.0.1`, `10.0.0.0/255.0.0.0`. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length] = text.split('/');
  const address = parseIpAddress(host);
  if (address === undefined) return undefined;
  const full = familyOf(address) === 4 ? 32 : 128;
  const mask = length === undefined ? undefined : parseIpAddress(length);
  const prefix = length === undefined ? full : mask === undefined ? Number(length) : prefixOfMask(mask);
  if (prefix === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > full) return undefined;
  return { address, prefix };
}

/** The addresses from one to another of the same IP version; undefined where the order is wrong. */
export function addressRange(from: string, to: string): AddressRange | undefined {
  const [first, last] = [parseIpAddress(from), parseIpAddress(to)];
  if (first === undefined || last === undefined || familyOf(first) !== familyOf(last)) return undefined;
  try {
    new BlockList().addRange(first, last, familyOf(first) === 4 ? 'ipv4' : 'ipv6');
  } catch {
    // Node refuses a range that ends before it begins.
    return undefined;
  }
  return { first, last };
}
