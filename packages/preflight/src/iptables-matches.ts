// What the conditions of a rule of iptables ask of a packet. What is not understood counts as "may be".
import type { Addresses, Match, PortRange } from './match.ts';
import { addressRange, always, never, parseNetwork, unknown } from './match.ts';
import { sourceKind } from './nft-matches.ts';

/** Modules that choose nothing by themselves: their options do. */
const plainModules = [
  ...['udp', 'tcp', 'comment', 'state', 'conntrack', 'multiport', 'addrtype', 'limit', 'pkttype', 'iprange'],
  ...['mac', 'mark', 'connmark', 'icmp', 'icmp6', 'ttl', 'hl', 'length', 'dscp', 'tos', 'physdev'],
];

/** The conditions: every option with its values; a `!` stands before the option that it turns round. */
export function matchesOf(words: readonly string[]): readonly Match[] {
  const starts = words.flatMap((word, index) => (/^--?[a-z0-9]/i.test(word) ? [index] : []));
  return starts.map((start, index) => {
    const end = starts[index + 1];
    const [option = '', value = ''] = words.slice(start, end);
    const match = matchOf(option, value);
    return words[start - 1] === '!' ? { type: 'not', match } : match;
  });
}

type Reader = (value: string) => Match;

const options: Readonly<Record<string, Reader>> = {
  '--comment': () => always,
  '-m': (module) => (plainModules.includes(module) ? always : unknown),
  '-p': (protocol) => (['udp', '17', 'all', '0'].includes(protocol) ? always : never),
  '-i': (name) => ({ type: 'device', names: [name.replace(/\+$/, '*')] }),
  '-s': (value) => addressMatch('source', value.split(',').map(parseNetwork)),
  '-d': (value) => addressMatch('destination', value.split(',').map(parseNetwork)),
  '--src-range': (value) => addressMatch('source', [rangeIn(value)]),
  '--dst-range': (value) => addressMatch('destination', [rangeIn(value)]),
  '--dport': portMatch,
  '--dports': portMatch,
  // Either port counts.
  '--ports': (value) => ({ type: 'any', matches: [portMatch(value), unknown] }),
  '--state': stateMatch,
  '--ctstate': stateMatch,
  '--ctproto': (protocol) => (['udp', '17'].includes(protocol) ? always : never),
  '--ctdir': (direction) =>
    direction.toUpperCase() === 'REPLY'
      ? { type: 'all', matches: [answered, unknown] }
      : { type: 'any', matches: [{ type: 'not', match: answered }, unknown] },
  '--ctstatus': (value) =>
    value.split(',').every((each) => ['SEEN_REPLY', 'ASSURED'].includes(each))
      ? { type: 'all', matches: [answered, unknown] }
      : unknown,
  '--dst-type': (value) => ({ type: 'cast', kinds: value.toLowerCase().split(',') }),
  '--src-type': (value) => sourceKind(value.toLowerCase().split(',')),
  '--pkt-type': (value) => ({ type: 'cast', kinds: [['unicast', 'host'].includes(value) ? 'local' : value] }),
  // Every packet but the later pieces of one.
  '-f': () => never,
};

/** What never had an answer is no part of an exchange. */
const answered: Match = { type: 'state', states: ['established'] };

const matchOf = (option: string, value: string): Match =>
  (Object.hasOwn(options, option) ? options[option]?.(value) : undefined) ?? unknown;

function stateMatch(value: string): Match {
  return { type: 'state', states: value.toLowerCase().split(',') };
}

const rangeIn = (value: string): Addresses | undefined => {
  const [from = '', to = from] = value.split('-');
  return addressRange(from, to);
};

const addressMatch = (type: 'source' | 'destination', addresses: readonly (Addresses | undefined)[]): Match =>
  addresses.every((each) => each !== undefined) ? { type, addresses } : unknown;

function portMatch(value: string): Match {
  const ranges = value.split(',').map((part): PortRange => {
    const [first, last] = part.split(':');
    return [Number(first), Number(last ?? first)];
  });
  return ranges.flat().every(Number.isInteger) ? { type: 'udp-port', ranges } : unknown;
}
