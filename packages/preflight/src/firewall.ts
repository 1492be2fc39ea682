// Packet filter rules, reduced to two questions: may a heartbeat come in, and may a packet get a certain mark.
import { BlockList } from 'node:net';
import type { IpAddress, IpFamily, Port } from '@piranha/domain';
import { familyOf, parseIpAddress, prefixOfMask } from '@piranha/domain';

export type Network = { readonly address: IpAddress; readonly prefix: number };
export type PortRange = readonly [first: number, last: number];

/** A condition of a rule. `never` does not hold for a heartbeat; `unknown` may hold. */
export type Match =
  | { readonly type: 'udp-port'; readonly ranges: readonly PortRange[] }
  | { readonly type: 'source'; readonly networks: readonly Network[] }
  | { readonly type: 'family'; readonly family: IpFamily }
  | { readonly type: 'always' }
  | { readonly type: 'never' }
  | { readonly type: 'unknown' };

export type Verdict =
  | { readonly type: 'accept' | 'drop' | 'return' | 'go-on' | 'unknown' }
  | { readonly type: 'jump' | 'goto'; readonly chain: string };

export type Rule = { readonly matches: readonly Match[]; readonly verdict: Verdict };

export type Chain = {
  readonly id: string;
  /** Undefined for both. */
  readonly family: IpFamily | undefined;
  /** What becomes of a packet that came in and that no rule decided; undefined where it is no chain for those. */
  readonly inputPolicy: 'accept' | 'drop' | undefined;
  readonly rules: readonly Rule[];
};

/** A rule that gives the bits of `mask` the values that they have in `value`; of the others nothing is known. */
export type MarkWrite = { readonly value: number; readonly mask: number };

export type Firewall = {
  readonly chains: readonly Chain[];
  readonly marks: readonly MarkWrite[];
  /** A rule sets marks that are not in the rule: those of connections, of a map. */
  readonly anyMark: boolean;
  /** Rules of iptables that only iptables can read. */
  readonly foreign: boolean;
};

export const always: Match = { type: 'always' };
export const never: Match = { type: 'never' };
export const unknown: Match = { type: 'unknown' };

/** Whether a rule may give packets this mark, alone or with others. */
export const mayMark = ({ marks, anyMark }: Firewall, mark: number): boolean =>
  anyMark || marks.some(({ value, mask }) => (mark & mask) >>> 0 === (value & mask) >>> 0);

/** A heartbeat that comes in. */
export type Heartbeat = { readonly source: IpAddress; readonly port: Port };

/** Whether a heartbeat may get through every chain for what comes in. */
export function mayComeIn({ chains }: Firewall, heartbeat: Heartbeat): boolean {
  const walk = walker(chains, heartbeat);
  const family = familyOf(heartbeat.source);
  return chains
    .filter((chain) => chain.inputPolicy !== undefined && (chain.family ?? family) === family)
    .every((chain) => {
      const { accepts, leaves } = walk(chain.id);
      return accepts || (leaves && chain.inputPolicy === 'accept');
    });
}

/** What may become of a heartbeat in a chain: it is accepted, or it comes out at the end. Neither: it is dropped. */
type Fate = { readonly accepts: boolean; readonly leaves: boolean };

const undecided: Fate = { accepts: true, leaves: true };

/** Follows jumps; each chain is looked at once. */
function walker(chains: readonly Chain[], heartbeat: Heartbeat): (id: string) => Fate {
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const fates = new Map<string, Fate>();
  const walk = (id: string): Fate => {
    const known = fates.get(id);
    if (known !== undefined) return known;
    fates.set(id, undecided); // of a chain that leads to itself
    const fate = fateIn(byId.get(id)?.rules, heartbeat, walk);
    fates.set(id, fate);
    return fate;
  };
  return walk;
}

function fateIn(rules: readonly Rule[] | undefined, heartbeat: Heartbeat, walk: (id: string) => Fate): Fate {
  if (rules === undefined) return undecided;
  let leaves = false;
  for (const { matches, verdict } of rules) {
    if (!matches.every((match) => mayMatch(match, heartbeat))) continue;
    const fate = fateOf(verdict, walk);
    if (fate === undefined) continue;
    if (fate.accepts) return { accepts: true, leaves };
    const called = verdict.type === 'jump';
    if (!called && fate.leaves) leaves = true;
    const certain = !matches.some((match) => match.type === 'unknown');
    if (certain && !(called && fate.leaves)) return { accepts: false, leaves };
  }
  return { accepts: false, leaves: true };
}

/** Undefined: the next rule is asked. */
function fateOf(verdict: Verdict, walk: (id: string) => Fate): Fate | undefined {
  switch (verdict.type) {
    case 'go-on':
      return undefined;
    case 'accept':
    case 'unknown':
      return { accepts: true, leaves: false };
    case 'drop':
      return { accepts: false, leaves: false };
    case 'return':
      return { accepts: false, leaves: true };
    case 'jump':
    case 'goto':
      return walk(verdict.chain);
  }
}

function mayMatch(match: Match, { source, port }: Heartbeat): boolean {
  switch (match.type) {
    case 'udp-port':
      return match.ranges.some(([first, last]) => first <= port && port <= last);
    case 'source':
      return match.networks.some((network) => contains(network, source));
    case 'family':
      return match.family === familyOf(source);
    case 'never':
      return false;
    case 'always':
    case 'unknown':
      return true;
  }
}

/** Whether an address lies in a network. */
export function contains({ address, prefix }: Network, other: IpAddress): boolean {
  if (familyOf(address) !== familyOf(other)) return false;
  const family = familyOf(address) === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return list.check(other, family);
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
