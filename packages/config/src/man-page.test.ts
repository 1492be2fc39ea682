// lvs.cf(5) and the parser have the same keys.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { notInEffect } from './effect.ts';
import { parseConfiguration } from './parse-configuration.ts';
import type { Scope } from './schema.ts';
import { keysOf } from './schema.ts';

const page = readFileSync(new URL('../man/lvs.cf.5', import.meta.url), 'utf8');

/** The text from one `.SH` to the next. */
function section(title: string): string {
  const found = page.split(/^\.SH /m).find((text) => text.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`the page has no section ${title}`);
  return found;
}

const matches = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '');

/** Keys with an entry: `.B key` below `.TP` or, where several share their text, `.TQ`. */
const entries = (title: string): readonly string[] => matches(section(title), /^\.T[PQ]\n\.B (\S+)$/gm);

const unescape = (roff: string): string => roff.replaceAll('\\e', '\\').replaceAll('\\-', '-').replaceAll('\\(dq', '"');

const unknownKeys = (text: string): readonly string[] =>
  parseConfiguration(text)
    .diagnostics.filter(({ code }) => code === 'unknown-key')
    .map(({ message }) => message);

test.each([
  ['global', 'GLOBAL KEYS'],
  ['virtual', 'VIRTUAL SERVER KEYS'],
  ['server', 'REAL SERVER KEYS'],
] as const)('every %s key has one entry, and no other key has', (scope, title) => {
  expect(entries(title).toSorted()).toEqual(Object.keys(keysOf[scope]).toSorted());
});

const within = {
  file: (lines: string) => lines,
  virtual: (lines: string) => `virtual v {\n${lines}\n}`,
  failover: (lines: string) => `failover f {\n${lines}\n}`,
  server: (lines: string) => `virtual v {\nserver s {\n${lines}\n}\n}`,
};

test.each([
  ['file', 'GLOBAL KEYS'],
  ['virtual', 'VIRTUAL SERVER KEYS'],
  ['failover', 'VIRTUAL SERVER KEYS'],
  ['server', 'REAL SERVER KEYS'],
] as const)('%s: the parser knows every key that has an entry', (kind, title) => {
  const lines = entries(title).map((key) => `${key} = x`);
  expect(unknownKeys(within[kind](lines.join('\n')))).toEqual([]);
});

test('whatever else looks like a key is one', () => {
  const known = Object.values(keysOf).flatMap((keys) => Object.keys(keys));
  const named = new Set(matches(page, /\b([a-z]+(?:_[a-z]+)+)\b/g));
  expect([...named].filter((word) => word !== 'send_arp' && !known.includes(word))).toEqual([]);
});

test('the keys that are said to be not in effect yet are those that the parser warns of', () => {
  const named = matches(section('KEYS NOT IN EFFECT YET'), /^\.BR? (\w+)/gm);
  expect(named.toSorted()).toEqual(Object.values(notInEffect).flat().toSorted());
});

test('the examples are accepted without a word', () => {
  const examples = matches(section('EXAMPLES'), /^\.nf\n([^]*?)^\.fi$/gm).map(unescape);
  expect(examples.map((text) => parseConfiguration(text).diagnostics)).toEqual([[], []]);
});

const titles: Readonly<Record<Scope, string>> = {
  global: 'GLOBAL KEYS',
  virtual: 'VIRTUAL SERVER KEYS',
  server: 'REAL SERVER KEYS',
};

const everyKey = (Object.keys(titles) as Scope[]).flatMap((scope) =>
  Object.keys(keysOf[scope]).map((key) => ({ scope, key })),
);

/** The text about a key. Keys that share a text have it all. */
function entryOf(scope: Scope, key: string): string {
  const all = section(titles[scope]).split(/^(?=\.TP$|\.SS )/m);
  const entry = all.find((text) => new RegExp(`^\\.T[PQ]\n\\.B ${key}$`, 'm').test(text));
  if (entry === undefined) throw new Error(`the page has no entry ${key}`);
  return unescape(entry);
}

const inBlock: Readonly<Record<Scope, (line: string) => string>> = {
  global: (line) => line,
  virtual: (line) => within.virtual(line),
  server: (line) => within.server(line),
};

/** What the parser says to a value of a key. */
const answersTo = (scope: Scope, key: string, value: string) =>
  parseConfiguration(inBlock[scope](`${key} = ${value}`)).diagnostics;

/** What some of the examples do not stand without. */
const needed = 'heartbeat_key_file = /key\nkeepalive = 0.1';
const also: Readonly<Record<Scope, string>> = {
  global: '',
  virtual: 'address = 192.0.2.1 eth0',
  server: 'upper = 2000',
};

test.each(everyKey)('$scope $key has an example, which the parser accepts', ({ scope, key }) => {
  const [example, ...others] = matches(entryOf(scope, key), new RegExp(`^\\.br\\n\\.B (${key} = .+)$`, 'gm'));
  expect(others).toEqual([]);
  const text = `${needed}\n${inBlock[scope](`${also[scope]}\n${example ?? ''}`)}`;
  expect(parseConfiguration(text).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
});

/** `0.02 to 86400`, as the parser says it to a number that is far too large. */
const rangeOf = (scope: Scope, key: string): readonly string[] =>
  answersTo(scope, key, '999999999999').flatMap(({ code, hint }) =>
    code === 'out-of-range' && hint !== undefined ? hint.split(' to ') : [],
  );

/** The words that are allowed, as the parser says them to another one. */
const wordsOf = (scope: Scope, key: string): readonly string[] =>
  answersTo(scope, key, '????').flatMap(({ code, hint }) =>
    code === 'not-allowed' && hint !== undefined ? hint.replace('one of ', '').split(' ') : [],
  );

/** Those of masks are named once for all of them, and nobody needs to know the bounds of the machine. */
const isUsual = ([least]: readonly string[], entry: string): boolean =>
  least !== undefined && least !== '-2147483648' && !entry.includes('\nMask of');
const ranged = everyKey.filter(({ scope, key }) => isUsual(rangeOf(scope, key), entryOf(scope, key)));
const worded = everyKey.filter(({ scope, key }) => wordsOf(scope, key).length > 0);

const has = (entry: string, word: string): boolean =>
  entry.split(/[\s,;:()]+/).some((each) => each === word || each === `${word}.`);

test.each(ranged)('$scope $key: the entry has its range', ({ scope, key }) => {
  expect(rangeOf(scope, key).filter((bound) => !has(entryOf(scope, key), bound))).toEqual([]);
});

test.each(worded)('$scope $key: the entry has every word that is allowed', ({ scope, key }) => {
  expect(wordsOf(scope, key).filter((word) => !has(entryOf(scope, key), word))).toEqual([]);
});

/** The value that counts where a key is absent, as a file would have it; undefined where there is none. */
function defaultOf(scope: Scope, key: string): string | undefined {
  const absent = keysOf[scope][key]?.absent;
  if (absent === undefined) return undefined;
  if (typeof absent === 'boolean') return String(Number(absent));
  const takesDecimals = answersTo(scope, key, '1.5').every(({ code }) => code !== 'not-a-number');
  if (typeof absent === 'number') return String(takesDecimals ? absent / 1000 : absent);
  return Array.isArray(absent) ? absent.join(' ') || 'none' : (absent as string);
}

const defaulted = everyKey.filter(({ scope, key }) => defaultOf(scope, key) !== undefined);

test('there are ranges, words and defaults to look for', () => {
  expect([ranged.length > 20, worded.length > 7, defaulted.length > 40]).toEqual([true, true, true]);
});

test.each(defaulted)('$scope $key: the entry says what counts without it', ({ scope, key }) => {
  const entry = entryOf(scope, key);
  expect(entry).toMatch(/default/i);
  expect(has(entry, defaultOf(scope, key) ?? '')).toBe(true);
});

/** As the original has them (Piranha 0.8.6). */
const original: Readonly<Record<Scope, string>> = {
  global: `primary backup backup_active primary_private backup_private primary_shared backup_shared
    reservation_conflict_action service network nat_router nat_nmask keepalive deadtime heartbeat heartbeat_port
    monitor_links syncdaemon syncd_iface syncd_id tcp_timeout tcpfin_timeout udp_timeout hard_shutdown ipvsadm
    rsh_command active_cmd inactive_cmd serial_no debug_level sync`,
  virtual: `active address vip_nmask port protocol fwmark scheduler persistent pmask sorry_server send expect use_regex
    send_program timeout reentry quiesce_server load_monitor client_monitor start_cmd stop_cmd master dirs`,
  server: 'address active weight port',
};

test('the keys of this suite alone are marked, and no others', () => {
  const marked = everyKey.filter(({ scope, key }) => entryOf(scope, key).includes('Not in the original.'));
  expect(marked).toEqual(everyKey.filter(({ scope, key }) => !original[scope].split(/\s+/).includes(key)));
});
