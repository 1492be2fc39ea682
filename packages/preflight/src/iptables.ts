// Reads what iptables-save and ip6tables-save print. What is not understood counts as "may be".
import type { IpFamily } from '@piranha/domain';
import type { Chain, Firewall, MarkWrite, Rule, Verdict } from './firewall.ts';
import { grouped } from './grouped.ts';
import { matchesOf } from './iptables-matches.ts';

/** Reads the rules of one IP version. Never throws. */
export function parseIptables(saved: string, family: IpFamily): Firewall {
  const lines = linesOf(saved);
  const rules = lines.filter(({ words }) => words[0] === '-A');
  const ofChain = grouped(rules, ({ table, words }) => `${table} ${words[1] ?? ''}`);
  return {
    chains: lines
      .filter(({ words }) => words[0]?.startsWith(':') === true)
      .map((declared) => chainOf(declared, family, ofChain)),
    untracks: rules.some(({ words }) => isUntracking(targetOf(words))),
    foreign: false,
  };
}

type Line = { readonly table: string; readonly words: readonly string[] };

function linesOf(saved: string): readonly Line[] {
  let table = '';
  return saved.split('\n').map((line) => {
    if (line.startsWith('*')) table = line.slice(1).trim();
    return { table, words: wordsOf(line) };
  });
}

/** Words, with those in quotation marks whole. */
const wordsOf = (line: string): readonly string[] => line.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];

function chainOf({ table, words }: Line, family: IpFamily, rules: ReadonlyMap<string, readonly Line[]>): Chain {
  const [declared = '', policy] = words;
  const name = declared.slice(1);
  const comesIn = ['PREROUTING', 'INPUT'].includes(name);
  const id = `${table} ${name}`;
  return {
    id,
    family,
    policy: !comesIn ? undefined : policy === 'DROP' ? 'drop' : 'accept',
    device: undefined,
    rules: (rules.get(id) ?? []).map(ruleOf),
  };
}

type Target = { readonly how: 'jump' | 'goto'; readonly name: string; readonly options: readonly string[] };

/** What a rule does; it ends the line, with its options. */
function targetOf(words: readonly string[]): Target | undefined {
  const index = words.findIndex((word) => word === '-j' || word === '-g');
  const name = words[index + 1];
  if (index === -1 || name === undefined) return undefined;
  return { how: words[index] === '-g' ? 'goto' : 'jump', name, options: words.slice(index + 2) };
}

const ruleOf = ({ table, words }: Line): Rule => {
  const end = words.findIndex((word) => word === '-j' || word === '-g');
  const target = targetOf(words);
  const mark = markOf(target);
  return {
    matches: matchesOf(words.slice(2, end === -1 ? undefined : end)),
    verdict: verdictOf(target, table),
    marks: mark === 'any' ? 'any' : mark === undefined ? [] : [mark],
  };
};

/** Hides packets from connection tracking. */
const isUntracking = (target: Target | undefined): boolean =>
  target?.name === 'NOTRACK' || (target?.name === 'CT' && target.options.includes('--notrack'));

/** Targets that change or note something, and the next rule is asked. */
const passing = [
  ...['LOG', 'NFLOG', 'ULOG', 'AUDIT', 'TRACE', 'MARK', 'CONNMARK', 'HMARK', 'CT', 'NOTRACK', 'SET', 'CLASSIFY', 'TEE'],
  ...['DSCP', 'TOS', 'ECN', 'TTL', 'HL', 'TCPMSS', 'SECMARK', 'CONNSECMARK', 'CHECKSUM', 'IDLETIMER', 'RATEEST', 'LED'],
];

const verdicts: Readonly<Record<string, Verdict['type']>> = {
  ...Object.fromEntries(passing.map((name) => [name, 'go-on'])),
  ...Object.fromEntries(['ACCEPT', 'SNAT', 'DNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP', 'TPROXY'].map((name) => [name, 'accept'])), // prettier-ignore
  ...{ DROP: 'drop', REJECT: 'drop', RETURN: 'return', QUEUE: 'unknown', NFQUEUE: 'unknown' },
};

function verdictOf(target: Target | undefined, table: string): Verdict {
  if (target === undefined) return { type: 'go-on' };
  const type = Object.hasOwn(verdicts, target.name) ? verdicts[target.name] : undefined;
  // A name that is no chain either is not found there, and then nothing is known.
  if (type === undefined || type === 'jump' || type === 'goto') {
    return { type: target.how, chain: `${table} ${target.name}` };
  }
  return { type };
}

/** The mark that a rule gives; `any` where it is not in the rule. */
function markOf(target: Target | undefined): MarkWrite | 'any' | undefined {
  if (target === undefined) return undefined;
  if (givesForeignMark(target)) return 'any';
  return ['MARK', 'TPROXY'].includes(target.name) ? markIn(target.options) : undefined;
}

/** A mark that was kept elsewhere, or is calculated. */
const givesForeignMark = ({ name, options }: Target): boolean =>
  name === 'HMARK' ||
  (name === 'CONNMARK' && options.includes('--restore-mark')) ||
  (name === 'SET' && options.includes('--map-mark'));

function markIn(options: readonly string[]): MarkWrite | 'any' {
  const option = options.findIndex((word) => /^--.*mark$/.test(word));
  const [value, mask = '0xffffffff'] = (options[option + 1] ?? '').split('/');
  const write = { value: Number(value), mask: Number(mask) };
  return option !== -1 && Number.isInteger(write.value) && Number.isInteger(write.mask) ? write : 'any';
}
