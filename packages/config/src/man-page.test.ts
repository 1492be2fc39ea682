// lvs.cf(5) and the parser have the same keys.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { notInEffect } from './effect.ts';
import { parseConfiguration } from './parse-configuration.ts';
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

const unescape = (roff: string): string => roff.replaceAll('\\e', '\\').replaceAll('\\-', '-');

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
