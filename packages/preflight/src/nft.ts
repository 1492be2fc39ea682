// Reads what `nft -j list ruleset` prints. What is not understood counts as "may be": it never makes a warning.
import type { IpFamily } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Fact } from './facts.ts';
import type { Chain, Firewall, Match, Network, PortRange, Rule, Verdict } from './firewall.ts';
import { always, never, parseNetwork, unknown } from './firewall.ts';
import { grouped } from './grouped.ts';
import { at, list, number, parseJson, text } from './json.ts';
import type { Json } from './json.ts';
import { markWrites } from './nft-marks.ts';

/** Reads a ruleset. Never throws. */
export function parseNft(json: string): Fact<Firewall> {
  const parsed = parseJson(json);
  if (parsed === undefined) return failure('what nft has printed is not JSON');
  const items = list(at(parsed, 'nftables'));
  const named = (name: string): readonly Json[] =>
    items.map((item) => at(item, name)).filter((each) => each !== undefined);
  const rules = named('rule');
  const ofChain = grouped(rules, (rule) => idOf(rule, at(rule, 'chain')));
  const statements = rules.flatMap((rule) => list(at(rule, 'expr')));
  const writes = statements.map(markWrites);
  return success({
    chains: named('chain').map((chain) => chainOf(chain, ofChain)),
    marks: writes.flatMap((each) => (each === 'any' ? [] : each)),
    anyMark: writes.includes('any'),
    foreign: statements.some((statement) => at(statement, 'xt') !== undefined),
  });
}

const idOf = (item: Json, name: Json): string =>
  JSON.stringify([text(at(item, 'family')), text(at(item, 'table')), text(name)]);

function chainOf(chain: Json, rules: ReadonlyMap<string, readonly Json[]>): Chain {
  const id = idOf(chain, at(chain, 'name'));
  const family = text(at(chain, 'family'));
  const comesIn = at(chain, 'hook') === 'input' && ['ip', 'ip6', 'inet'].includes(family);
  return {
    id,
    family: family === 'ip' ? 4 : family === 'ip6' ? 6 : undefined,
    inputPolicy: !comesIn ? undefined : at(chain, 'policy') === 'drop' ? 'drop' : 'accept',
    rules: (rules.get(id) ?? []).flatMap(rulesOf),
  };
}

/** One rule; a verdict map makes one of each of its entries. */
function rulesOf(rule: Json): readonly Rule[] {
  const statements = list(at(rule, 'expr'));
  const matches = statements.map(matchOf);
  const map = statements.map((each) => at(each, 'vmap')).find((each) => each !== undefined);
  const verdict = statements.map((each) => verdictOf(each, rule)).find((each) => each !== undefined);
  if (map === undefined) return [{ matches, verdict: verdict ?? { type: 'go-on' } }];
  const entries = list(at(at(map, 'data'), 'set'));
  if (entries.length === 0) return [{ matches, verdict: { type: 'unknown' } }];
  return entries.map((entry) => {
    const [key, action] = list(entry);
    return {
      matches: [...matches, compare(at(map, 'key'), key)],
      verdict: verdictOf(action, rule) ?? { type: 'unknown' },
    };
  });
}

/** Statements that neither choose packets nor decide about them. */
const neutral = ['counter', 'log', 'vmap', 'mangle'];

function matchOf(statement: Json): Match {
  const match = at(statement, 'match');
  if (match !== undefined) {
    const op = at(match, 'op');
    return op === '==' || op === 'in' ? compare(at(match, 'left'), at(match, 'right')) : unknown;
  }
  const decides = verdictOf(statement, undefined) !== undefined;
  return decides || neutral.some((name) => at(statement, name) !== undefined) ? always : unknown;
}

function verdictOf(statement: Json, rule: Json): Verdict | undefined {
  for (const type of ['jump', 'goto'] as const) {
    const to = at(statement, type);
    if (to !== undefined) return { type, chain: idOf(rule, at(to, 'target')) };
  }
  for (const type of ['accept', 'drop', 'return'] as const) if (at(statement, type) !== undefined) return { type };
  if (at(statement, 'reject') !== undefined) return { type: 'drop' };
  return ['queue', 'xt'].some((name) => at(statement, name) !== undefined) ? { type: 'unknown' } : undefined;
}

/** Protocols of which a heartbeat is none. */
const others = ['tcp', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp', 'arp'];

/** What is compared, with what: does that hold for a heartbeat? */
function compare(left: Json, right: Json): Match {
  const values = valuesOf(right);
  if (values === undefined) return unknown;
  const payload = at(left, 'payload');
  if (payload !== undefined) return comparePayload(text(at(payload, 'protocol')), text(at(payload, 'field')), values);
  if (at(at(left, 'ct'), 'key') === 'state') return values.every((each) => each === 'invalid') ? never : unknown;
  switch (at(at(left, 'meta'), 'key')) {
    case 'l4proto':
      return values.some((each) => each === 'udp' || each === 17) ? always : never;
    case 'nfproto':
      return familyMatch(values);
    case 'iif':
    case 'iifname':
      return values.every((each) => each === 'lo') ? never : unknown;
    default:
      return unknown;
  }
}

function comparePayload(protocol: string, field: string, values: readonly Json[]): Match {
  if (others.includes(protocol)) return never;
  if (field === 'dport' && (protocol === 'udp' || protocol === 'th')) return portMatch(values);
  if (field === 'saddr') return sourceMatch(values);
  if (protocol === 'ip' && field === 'protocol') {
    return values.some((each) => each === 'udp' || each === 17) ? { type: 'family', family: 4 } : never;
  }
  return unknown;
}

/** The elements of an anonymous set, or the one value; undefined for a named set, whose elements are not listed. */
function valuesOf(right: Json): readonly Json[] | undefined {
  const set = at(right, 'set');
  const values = set !== undefined ? list(set) : Array.isArray(right) ? list(right) : [right];
  return values.some((each) => text(each).startsWith('@')) ? undefined : values;
}

function familyMatch(values: readonly Json[]): Match {
  const named: Record<string, IpFamily> = { ipv4: 4, ipv6: 6 };
  const family = values.length === 1 ? named[text(values[0])] : undefined;
  return family === undefined ? unknown : { type: 'family', family };
}

function portMatch(values: readonly Json[]): Match {
  const ranges = values.map((value): PortRange | undefined => {
    const [first, last] = at(value, 'range') === undefined ? [value, value] : list(at(value, 'range'));
    const [from, to] = [number(first), number(last)];
    return from === undefined || to === undefined ? undefined : [from, to];
  });
  return ranges.every((range) => range !== undefined) ? { type: 'udp-port', ranges } : unknown;
}

function sourceMatch(values: readonly Json[]): Match {
  const networks = values.map((value): Network | undefined => {
    const prefix = at(value, 'prefix');
    if (prefix === undefined) return parseNetwork(text(value));
    return parseNetwork(`${text(at(prefix, 'addr'))}/${number(at(prefix, 'len')) ?? ''}`);
  });
  return networks.every((network) => network !== undefined) ? { type: 'source', networks } : unknown;
}
