// The entries of one block as the values of its keys.
import type { Place, Report } from './diagnostic.ts';
import { lenient, quoted } from './diagnostic.ts';
import { nearest } from './hint.ts';
import type { Entry } from './parse.ts';
import type { KeyTable, Scope, ValuesOf } from './schema.ts';
import { keysOf } from './schema.ts';

/** Where a key and its value stand; a quoted value's text begins one column later. */
type Given = { readonly key: Place; readonly value: Place; readonly quoted: boolean };

/** What the entries of a block say. */
export type Settings<Values> = {
  readonly values: Values;
  /** The keys that the block has, each with its last place. */
  readonly given: ReadonlyMap<string, Given>;
  /** Keys whose value was refused: rules between keys leave them alone. */
  readonly bad: ReadonlySet<string>;
};
export type AnySettings = Settings<Readonly<Record<string, unknown>>>;

/**
 * Reads all entries, complains about the bad ones, and fills in what counts for absent keys. Last one wins; `reportOn`
 * is where to complain about a key.
 */
export function readSettings<Keys extends KeyTable>(
  scope: Scope,
  keys: Keys,
  entries: readonly Entry[],
  reportOn: (key: string) => Report,
): Settings<ValuesOf<Keys>> {
  const last = new Map(entries.map((entry) => [entry.key.text, entry]));
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(keys).map(([name, { absent }]) => [name, absent]),
  );
  const given = new Map<string, Given>();
  const bad = new Set<string>();
  for (const entry of entries) {
    const name = entry.key.text;
    if (!Object.hasOwn(keys, name)) {
      if (!entry.broken) unknownKey(scope, entry, reportOn(name));
      continue;
    }
    // Where the key is given again nothing depends on this line; but servers copy the port before them.
    const counts = last.get(name) === entry || name === 'port';
    const report = counts ? reportOn(name) : lenient(reportOn(name));
    const before = given.get(name);
    if (before !== undefined) {
      const more = name === 'heartbeat_key_file' ? '; for a second key there is heartbeat_second_key_file' : '';
      const hint = `line ${before.key.line} does not count${more}`;
      report.warning(entry.key, 'duplicate-key', `${name} is given again`, hint);
    }
    given.set(name, givenBy(entry));
    const read = readEntry(keys, entry, report);
    if (read === undefined) bad.add(name);
    else {
      bad.delete(name);
      values[name] = read.value;
    }
  }
  return { values: values as ValuesOf<Keys>, given, bad };
}

const givenBy = ({ key, values: [first] }: Entry): Given => ({
  key,
  value: first ?? key,
  quoted: first?.quoted ?? false,
});

function readEntry(keys: KeyTable, entry: Entry, report: Report): { readonly value: unknown } | undefined {
  const { key, equals, values, broken } = entry;
  const [first, ...others] = values;
  const known = keys[key.text];
  if (broken || known === undefined) return undefined;
  if (!equals) {
    report.error(first ?? key, 'missing-equals', `= is expected after ${key.text}`);
    return undefined;
  }
  if (first === undefined) {
    report.error(key, 'missing-value', `${key.text} has no value`);
    return undefined;
  }
  const read = known.read([first, ...others]);
  if (read.ok) {
    const stray = values.find((word) => !word.quoted && word.text.endsWith('"'));
    if (stray === undefined) return { value: read.value };
    report.error(stray, 'quote-mismatch', `${quoted(stray.text)} ends in a quotation mark that was never opened`);
    return undefined;
  }
  const { word, code, message, hint } = read.error;
  report.error(word ?? first, code, `${key.text}: ${message}`, hint);
  return undefined;
}

function unknownKey(scope: Scope, { key, equals, values }: Entry, report: Report): void {
  const message = `unknown key ${quoted(key.text)}`;
  const hint = (): string | undefined =>
    hintFor(scope, key.text) ?? (equals || values.length === 0 ? undefined : 'a line reads KEY = VALUE');
  report.error(key, 'unknown-key', key.text === '' ? 'a key is missing before =' : message, hint);
}

const scopeNames: Readonly<Record<Scope, string>> = {
  global: 'outside of blocks',
  virtual: 'in a virtual block',
  server: 'in a server block',
};

// The web interface writes these, and no daemon ever read them.
const leftovers: Readonly<Record<Scope, readonly string[]>> = {
  global: [],
  virtual: ['expect_program', 'heartbeat', 'deadtime'],
  server: ['nmask'],
};

// Names that manuals or habit suggest.
const aliases: Readonly<Record<string, string>> = {
  debug: 'debug_level',
  active_command: 'active_cmd',
  inactive_command: 'inactive_cmd',
};

function hintFor(scope: Scope, name: string): string | undefined {
  if (leftovers[scope].includes(name)) return 'the web interface leaves it behind; the line can be removed';
  const elsewhere = (['global', 'virtual', 'server'] as const).filter((other) => Object.hasOwn(keysOf[other], name));
  if (elsewhere.length > 0) return `it belongs ${elsewhere.map((other) => scopeNames[other]).join(' or ')}`;
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  const meant = alias ?? nearest(name, Object.keys(keysOf[scope]));
  return meant === undefined ? undefined : `did you mean ${quoted(meant)}?`;
}
