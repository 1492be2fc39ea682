// What a comparison of nft asks of a packet. What is not understood counts as "may be", but never for packets of another
// protocol or IP version.
import type { IpFamily } from '@piranha/domain';
import { at, list, number, text } from './json.ts';
import type { Json } from './json.ts';
import type { Addresses, Match, PortRange } from './match.ts';
import { addressRange, always, never, parseNetwork, unknown } from './match.ts';

/** The elements of a named set or map; undefined where they are not known. */
export type ElementsOf = (name: string) => readonly Json[] | undefined;

/** A comparison: a left side, an operator, and a value, a list, or a set. */
export function compare(left: Json, operator: string, right: Json, elementsOf: ElementsOf): Match {
  const values = valuesOf(right, elementsOf);
  return { type: 'all', matches: [implied(left), held(left, operator, values)] };
}

function held(left: Json, operator: string, values: readonly Json[] | undefined): Match {
  if (values === undefined) return unknown;
  switch (operator) {
    case '==':
    case 'in':
      return oneOf(left, values);
    case '!=':
      return { type: 'not', match: oneOf(left, values) };
    default:
      return isPort(left) ? ordered(operator, number(values[0])) : unknown;
  }
}

/** An entry of a map of verdicts: its key is the packet's. */
export const compareKey = (left: Json, key: Json): Match => compare(left, '==', { set: [key] }, () => undefined);

/** A map whose entries are not known. */
export const compareUnknown = (left: Json): Match => ({ type: 'all', matches: [implied(left), unknown] });

/** The elements of an anonymous or a named set, or the one value. */
function valuesOf(right: Json, elementsOf: ElementsOf): readonly Json[] | undefined {
  const name = text(right);
  if (name.startsWith('@')) return elementsOf(name.slice(1))?.map(bare);
  const set = at(right, 'set');
  return (set !== undefined ? list(set) : Array.isArray(right) ? list(right) : [right]).map(bare);
}

/** An element may have a comment, a time or a counter. */
const bare = (element: Json): Json => at(at(element, 'elem'), 'val') ?? element;

/** Protocols that no packet of UDP has. */
const others = ['tcp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp', 'arp'];

/** What a packet has to be for the left side to be there at all. */
function implied(left: Json): Match {
  const parts = list(at(left, 'concat'));
  if (parts.length > 0) return { type: 'all', matches: parts.map(implied) };
  const [masked] = list(at(left, '&'));
  if (masked !== undefined) return implied(masked);
  const protocol = text(at(at(left, 'payload'), 'protocol'));
  if (others.includes(protocol)) return never;
  if (protocol === 'ip') return ofFamily(4);
  if (protocol === 'ip6') return ofFamily(6);
  // What comes in has not been routed out.
  return ['oif', 'oifname'].includes(text(at(at(left, 'meta'), 'key'))) ? never : always;
}

const ofFamily = (...families: readonly IpFamily[]): Match => ({ type: 'family', families });

function oneOf(left: Json, values: readonly Json[]): Match {
  if (values.includes('*')) return always;
  const parts = list(at(left, 'concat'));
  if (parts.length === 0) return compareValues(left, values);
  const tuples = values.map((value) => list(at(value, 'concat')));
  return {
    type: 'any',
    matches: tuples.map((tuple) => ({
      type: 'all',
      matches: parts.map((part, index) => (tuple.length > index ? compareValues(part, [tuple[index]]) : unknown)),
    })),
  };
}

function compareValues(left: Json, values: readonly Json[]): Match {
  const [payload, ct, fib] = [at(left, 'payload'), at(left, 'ct'), at(left, 'fib')];
  if (payload !== undefined) return comparePayload(text(at(payload, 'protocol')), text(at(payload, 'field')), values);
  if (ct !== undefined) return compareTracking(text(at(ct, 'key')), values.map(text));
  if (fib !== undefined) return compareRoute(fib, values.map(text));
  return compareMeta(text(at(at(left, 'meta'), 'key')), values);
}

function comparePayload(protocol: string, field: string, values: readonly Json[]): Match {
  switch (`${protocol} ${field}`) {
    case 'udp dport':
    case 'th dport':
      return portMatch(values);
    case 'ip saddr':
    case 'ip6 saddr':
      return addressMatch('source', values);
    case 'ip daddr':
    case 'ip6 daddr':
      return addressMatch('destination', values);
    case 'ip protocol':
    case 'ip6 nexthdr':
      return protocolMatch(values);
    case 'ether type':
      return familyMatch(values);
    default:
      return unknown;
  }
}

/** What never had an answer is no part of an exchange. */
const answered: Match = { type: 'state', states: ['established'] };

function compareTracking(key: string, values: readonly string[]): Match {
  switch (key) {
    case 'state':
      return { type: 'state', states: values };
    case 'direction':
      if (values.includes('original')) return { type: 'any', matches: [{ type: 'not', match: answered }, unknown] };
      return { type: 'all', matches: [answered, unknown] };
    case 'status':
      return values.every((each) => ['seen-reply', 'assured'].includes(each))
        ? { type: 'all', matches: [answered, unknown] }
        : unknown;
    default:
      return unknown;
  }
}

/** What kind of address the routing table takes one for. */
function compareRoute(fib: Json, values: readonly string[]): Match {
  const flags = at(fib, 'flags');
  const of = Array.isArray(flags) ? list(flags).map(text) : [text(flags)];
  if (at(fib, 'result') !== 'type') return unknown;
  if (of.includes('daddr')) return { type: 'cast', kinds: values };
  return of.includes('saddr') ? sourceKind(values) : unknown;
}

/** The partner is one machine, and not this one. */
export const sourceKind = (kinds: readonly string[]): Match => (kinds.includes('unicast') ? always : never);

function compareMeta(key: string, values: readonly Json[]): Match {
  switch (key) {
    case 'l4proto':
      return protocolMatch(values);
    case 'nfproto':
    case 'protocol':
      return familyMatch(values);
    case 'iif':
    case 'iifname':
      return { type: 'device', names: values.map(text) };
    case 'iiftype':
      return values.every((each) => each === 'loopback') ? never : unknown;
    case 'pkttype':
      // Here "unicast" is what is addressed to this machine.
      return {
        type: 'cast',
        kinds: values.map((each) => (['unicast', 'host'].includes(text(each)) ? 'local' : text(each))),
      };
    default:
      return unknown;
  }
}

const protocolMatch = (values: readonly Json[]): Match =>
  values.some((each) => each === 'udp' || each === 17) ? always : never;

const named: Readonly<Record<string, IpFamily>> = { ipv4: 4, ip: 4, ipv6: 6, ip6: 6 };
const numbered: Readonly<Record<number, IpFamily>> = { 2: 4, 10: 6, 0x0800: 4, 0x86dd: 6 };

const familyMatch = (values: readonly Json[]): Match =>
  ofFamily(...values.flatMap((each) => named[text(each)] ?? numbered[number(each) ?? -1] ?? []));

function isPort(left: Json): boolean {
  const payload = at(left, 'payload');
  return ['udp', 'th'].includes(text(at(payload, 'protocol'))) && at(payload, 'field') === 'dport';
}

function ordered(operator: string, bound: number | undefined): Match {
  const ranges: Readonly<Record<string, (limit: number) => PortRange>> = {
    '<': (limit) => [0, limit - 1],
    '<=': (limit) => [0, limit],
    '>': (limit) => [limit + 1, 65_535],
    '>=': (limit) => [limit, 65_535],
  };
  const range = Object.hasOwn(ranges, operator) ? ranges[operator] : undefined;
  return bound === undefined || range === undefined ? unknown : { type: 'udp-port', ranges: [range(bound)] };
}

function portMatch(values: readonly Json[]): Match {
  const ranges = values.map((value): PortRange | undefined => {
    const [first, last] = at(value, 'range') === undefined ? [value, value] : list(at(value, 'range'));
    const [from, to] = [number(first), number(last)];
    return from === undefined || to === undefined ? undefined : [from, to];
  });
  return ranges.every((range) => range !== undefined) ? { type: 'udp-port', ranges } : unknown;
}

function addressMatch(type: 'source' | 'destination', values: readonly Json[]): Match {
  const addresses = values.map((value): Addresses | undefined => {
    const [prefix, range] = [at(value, 'prefix'), list(at(value, 'range'))];
    if (range.length === 2) return addressRange(text(range[0]), text(range[1]));
    if (prefix === undefined) return parseNetwork(text(value));
    return parseNetwork(`${text(at(prefix, 'addr'))}/${number(at(prefix, 'len')) ?? ''}`);
  });
  return addresses.every((each) => each !== undefined) ? { type, addresses } : unknown;
}
