// Reads what `nft -j list ruleset` prints. What is not understood counts as "may be": it never makes a warning.
import { failure, success } from '@piranha/domain';
import type { Fact } from './facts.ts';
import type { Chain, Firewall, Rule, Verdict } from './firewall.ts';
import { grouped } from './grouped.ts';
import { at, list, parseJson, text } from './json.ts';
import type { Json } from './json.ts';
import type { Match } from './match.ts';
import { always, unknown } from './match.ts';
import { markWrites } from './nft-marks.ts';
import type { ElementsOf } from './nft-matches.ts';
import { compare, compareKey, compareUnknown } from './nft-matches.ts';

/** Reads a ruleset; `terse` is one without the elements of named sets. Never throws. */
export function parseNft(json: string, terse = false): Fact<Firewall> {
  const parsed = parseJson(json);
  if (parsed === undefined) return failure('what nft has printed is not JSON');
  const items = list(at(parsed, 'nftables'));
  const named = (name: string): readonly Json[] =>
    items.map((item) => at(item, name)).filter((each) => each !== undefined);
  const rules = named('rule');
  const ofChain = grouped(rules, (rule) => idOf(rule, at(rule, 'chain')));
  const sets = new Map([...named('set'), ...named('map')].map((set) => [idOf(set, at(set, 'name')), set]));
  const elementsIn =
    (rule: Json): ElementsOf =>
    (name) =>
      terse ? undefined : elementsOf(sets.get(idOf(rule, name)));
  const asleep = new Set(
    named('table')
      .filter(isAsleep)
      .map((table) => idOf(table, at(table, 'name'), true)),
  );
  const awake = named('chain').filter((chain) => !asleep.has(idOf(chain, at(chain, 'table'), true)));
  const statements = rules.flatMap((rule) => list(at(rule, 'expr')));
  return success({
    chains: awake.map((chain) =>
      chainOf(
        chain,
        (ofChain.get(idOf(chain, at(chain, 'name'))) ?? []).flatMap((rule) => rulesOf(rule, elementsIn(rule))),
      ),
    ),
    untracks: statements.some((statement) => at(statement, 'notrack') !== undefined),
    foreign: statements.some((statement) => at(statement, 'xt') !== undefined),
  });
}

const idOf = (item: Json, name: Json, ofTable = false): string =>
  JSON.stringify([text(at(item, 'family')), ofTable ? '' : text(at(item, 'table')), text(name)]);

// nft 1.0.6 prints the name of a dormant table in place of its flag. Those two do not put a table to sleep.
const harmlessFlags = ['owner', 'persist'];

function isAsleep(table: Json): boolean {
  const flags = at(table, 'flags');
  const all = Array.isArray(flags) ? list(flags).map(text) : flags === undefined ? [] : [text(flags)];
  return all.some((flag) => !harmlessFlags.includes(flag));
}

/** Undefined for a set that grows and shrinks with the traffic. */
function elementsOf(set: Json): readonly Json[] | undefined {
  if (set === undefined || at(set, 'timeout') !== undefined || at(set, 'size') !== undefined) return undefined;
  return list(at(set, 'elem'));
}

/** Where what comes in is filtered. */
const hooks = ['prerouting', 'input', 'ingress'];

function chainOf(chain: Json, rules: readonly Rule[]): Chain {
  const [family, hook, device] = [text(at(chain, 'family')), text(at(chain, 'hook')), text(at(chain, 'dev'))];
  const comesIn = ['ip', 'ip6', 'inet', 'netdev'].includes(family) && hooks.includes(hook);
  // A chain for one interface whose name is not printed may be for any.
  const known = hook !== 'ingress' || device !== '';
  return {
    id: idOf(chain, at(chain, 'name')),
    family: family === 'ip' ? 4 : family === 'ip6' ? 6 : undefined,
    policy: !comesIn || !known ? undefined : at(chain, 'policy') === 'drop' ? 'drop' : 'accept',
    device: hook === 'ingress' ? device : undefined,
    rules,
  };
}

/** One rule; a map of verdicts makes one of each of its entries. */
function rulesOf(rule: Json, elements: ElementsOf): readonly Rule[] {
  const statements = list(at(rule, 'expr'));
  const matches = statements.map((statement) => matchOf(statement, elements));
  const writes = statements.map(markWrites);
  const marks = writes.includes('any') ? 'any' : writes.flatMap((each) => (each === 'any' ? [] : each));
  const map = statements.map((each) => at(each, 'vmap')).find((each) => each !== undefined);
  const verdict = statements.map((each) => verdictOf(each, rule)).find((each) => each !== undefined);
  if (map === undefined) return [{ matches, marks, verdict: verdict ?? { type: 'go-on' } }];
  const [key, data] = [at(map, 'key'), at(map, 'data')];
  const name = text(data);
  const entries = name.startsWith('@') ? elements(name.slice(1)) : list(at(data, 'set'));
  if (entries === undefined)
    return [{ matches: [...matches, compareUnknown(key)], marks, verdict: { type: 'unknown' } }];
  // Where no entry fits, the rules behind go on.
  return [
    { matches, marks, verdict: { type: 'go-on' } },
    ...entries.map((entry): Rule => {
      const [value, action] = list(entry);
      const found = verdictOf(action, rule) ?? { type: 'unknown' };
      return { matches: [...matches, compareKey(key, value)], marks: [], verdict: found };
    }),
  ];
}

/** Statements that neither choose packets nor decide about them. */
const neutral = ['counter', 'log', 'vmap', 'mangle', 'notrack', 'last', 'ct helper', 'ct timeout', 'ct expectation', 'secmark', 'flow', 'dup', 'tproxy', 'meta']; // prettier-ignore

function matchOf(statement: Json, elements: ElementsOf): Match {
  const match = at(statement, 'match');
  if (match !== undefined) return compare(at(match, 'left'), text(at(match, 'op')), at(match, 'right'), elements);
  const set = at(statement, 'set');
  // A set that is added to may be full; what is asked of a packet besides may not hold.
  if (set !== undefined) return unknown;
  const decides = verdictOf(statement, undefined) !== undefined;
  return decides || neutral.some((name) => at(statement, name) !== undefined) ? always : unknown;
}

function verdictOf(statement: Json, rule: Json): Verdict | undefined {
  for (const type of ['jump', 'goto'] as const) {
    const to = at(statement, type);
    if (to !== undefined) return { type, chain: idOf(rule, at(to, 'target')) };
  }
  const has = (...names: readonly string[]): boolean => names.some((name) => at(statement, name) !== undefined);
  if (has('accept', 'snat', 'dnat', 'masquerade', 'redirect')) return { type: 'accept' };
  if (has('drop', 'reject')) return { type: 'drop' };
  if (has('return')) return { type: 'return' };
  if (has('continue')) return { type: 'go-on' };
  return has('queue', 'xt') ? { type: 'unknown' } : undefined;
}
