// Reads what iptables-save and ip6tables-save print. What is not understood counts as "may be".
import type { IpFamily } from '@piranha/domain';
import type { Chain, Firewall, MarkWrite, Match, Network, PortRange, Rule, Verdict } from './firewall.ts';
import { always, never, parseNetwork, unknown } from './firewall.ts';
import { grouped } from './grouped.ts';

/** Reads the rules of one IP version. Never throws. */
export function parseIptables(saved: string, family: IpFamily): Firewall {
  const lines = linesOf(saved);
  const rules = lines.filter(({ words }) => words[0] === '-A');
  const ofChain = grouped(rules, ({ table, words }) => `${table} ${words[1] ?? ''}`);
  const writes = rules.map(({ words }) => markOf(targetOf(words)));
  return {
    chains: lines
      .filter(({ words }) => words[0]?.startsWith(':') === true)
      .map((declared) => chainOf(declared, family, ofChain)),
    marks: writes.flatMap((each) => (each === 'any' || each === undefined ? [] : [each])),
    anyMark: writes.includes('any'),
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
  const comesIn = table === 'filter' && name === 'INPUT';
  const id = `${table} ${name}`;
  return {
    id,
    family,
    inputPolicy: !comesIn ? undefined : policy === 'DROP' ? 'drop' : 'accept',
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
  return {
    matches: matchesOf(words.slice(2, end === -1 ? undefined : end)),
    verdict: verdictOf(targetOf(words), table),
  };
};

const verdicts: Readonly<Record<string, Verdict['type']>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'drop',
  RETURN: 'return',
  LOG: 'go-on',
  NFLOG: 'go-on',
  MARK: 'go-on',
  CONNMARK: 'go-on',
  QUEUE: 'unknown',
  NFQUEUE: 'unknown',
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

/** Modules that choose nothing by themselves: their options do. */
const plainModules = ['udp', 'tcp', 'comment', 'state', 'conntrack', 'multiport', 'addrtype', 'limit'];

/** The conditions: every option with its values. */
function matchesOf(words: readonly string[]): readonly Match[] {
  const starts = words.flatMap((word, index) => (/^--?[a-z]/.test(word) ? [index] : []));
  return starts.map((start, index) => {
    const [option = '', value = ''] = words.slice(start, starts[index + 1]);
    const match = matchOf(option, value);
    return words[start - 1] === '!' ? unknown : match;
  });
}

function matchOf(option: string, value: string): Match {
  switch (option) {
    case '--comment':
      return always;
    case '-m':
      return plainModules.includes(value) ? always : unknown;
    case '-p':
      return ['udp', '17', 'all', '0'].includes(value) ? always : never;
    case '-i':
      return value === 'lo' ? never : unknown;
    case '-s':
      return sourceMatch(value);
    case '--dport':
    case '--dports':
      return portMatch(value);
    case '--state':
    case '--ctstate':
      return value === 'INVALID' ? never : unknown;
    default:
      return unknown;
  }
}

function sourceMatch(value: string): Match {
  const networks = value.split(',').map(parseNetwork);
  return networks.every((network): network is Network => network !== undefined)
    ? { type: 'source', networks }
    : unknown;
}

function portMatch(value: string): Match {
  const ranges = value.split(',').map((part): PortRange => {
    const [first, last] = part.split(':');
    return [Number(first), Number(last ?? first)];
  });
  return ranges.flat().every(Number.isInteger) ? { type: 'udp-port', ranges } : unknown;
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
