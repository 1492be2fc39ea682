// Edits on the text of lvs.cf. Every byte that an edit is not about stays.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Diagnostic, DiagnosticCode, Place } from './diagnostic.ts';
import { newReport, quoted } from './diagnostic.ts';
import type { Line } from './lex.ts';
import { lexLine } from './lex.ts';
import type { Block, Entry, ParsedFile } from './parse.ts';
import { parse } from './parse.ts';
import type { Scope } from './schema.ts';
import { keysOf } from './schema.ts';

/** One block among those of its kind and name: names may repeat, so `nth` counts from 0. */
type Step = { readonly kind: 'virtual' | 'failover' | 'server'; readonly name: string; readonly nth?: number };

/** From the outside in: empty for the file itself. */
export type Path = readonly Step[];

export type Edit =
  | { readonly do: 'set'; readonly at: Path; readonly key: string; readonly words: readonly string[] }
  | { readonly do: 'unset'; readonly at: Path; readonly key: string }
  /** An empty block behind all others of the one it stands in. */
  | { readonly do: 'add'; readonly at: Path; readonly kind: Step['kind']; readonly name: string }
  /** The block with all in it and what stands behind its `}`; comments above it stay. */
  | { readonly do: 'remove'; readonly at: Path }
  | { readonly do: 'rename'; readonly at: Path; readonly name: string };

/** What takes the place of a part of the text, by its offset. */
type Splice = { readonly at: number; readonly removed: string; readonly inserted: string };

/** A text after an edit, and the edit itself in the order of the text. */
type Edited = { readonly text: string; readonly splices: readonly Splice[] };

type Result<T> = Outcome<T, Diagnostic>;

/** One line as it stands in the text. */
type Source = { readonly at: number; readonly text: string; readonly end: string };

type Target = { readonly scope: Scope; readonly block: Block | undefined; readonly entries: readonly Entry[] };

type Page = {
  readonly text: string;
  readonly file: ParsedFile;
  readonly lines: readonly Source[];
  readonly eol: string;
};

/** Lays one edit on a text. A text whose blocks are not sound is refused with its first error. */
export function editText(text: string, edit: Edit): Result<Edited> {
  const report = newReport();
  const file = parse(text, report);
  const wrong = report.diagnostics().find(({ severity }) => severity === 'error');
  if (wrong !== undefined) return failure(wrong);
  const lines = linesOf(text);
  const page: Page = { text, file, lines, eol: lines.find(({ end }) => end !== '')?.end ?? '\n' };
  const target = find(file, edit.at);
  if (!target.ok) return target;
  const splices = splicesOf(page, target.value, edit);
  return splices.ok ? success({ text: lay(text, splices.value), splices: splices.value }) : splices;
}

/** The text before an edit. */
export function undoEdit({ text, splices }: Edited): string {
  let moved = 0;
  const back = splices.map(({ at, removed, inserted }) => {
    const one = { at: at + moved, removed: inserted, inserted: removed };
    moved += inserted.length - removed.length;
    return one;
  });
  return lay(text, back);
}

const lay = (text: string, splices: readonly Splice[]): string =>
  splices.reduceRight(
    (now, { at, removed, inserted }) => now.slice(0, at) + inserted + now.slice(at + removed.length),
    text,
  );

function linesOf(text: string): readonly Source[] {
  const lines: Source[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const parts = text.slice(at).split(/(\r\n|\n|\r)/);
  for (let index = 0; index < parts.length; index += 2) {
    const line = { at, text: parts[index] ?? '', end: parts[index + 1] ?? '' };
    lines.push(line);
    at += line.text.length + line.end.length;
  }
  return lines;
}

const refuse = (
  { line, column }: Place,
  code: DiagnosticCode,
  message: string,
): { readonly ok: false; readonly error: Diagnostic } =>
  failure({ line, column, severity: 'error', code, message, hint: undefined });

const wholeFile: Place = { line: 0, column: 0 };

function find(file: ParsedFile, path: Path): Result<Target> {
  let target: Target = { scope: 'global', block: undefined, entries: file.entries };
  for (const { kind, name, nth = 0 } of path) {
    const blocks: readonly Block[] = target.block === undefined ? file.blocks : target.block.servers;
    const block = blocks.filter((each) => each.kind === kind && each.name === name)[nth];
    const place = target.block?.place ?? wholeFile;
    if (block === undefined) return refuse(place, 'unknown-block', `there is no ${kind} block ${quoted(name)} here`);
    target = { scope: kind === 'server' ? 'server' : 'virtual', block, entries: block.entries };
  }
  return success(target);
}

function splicesOf(page: Page, target: Target, edit: Edit): Result<readonly Splice[]> {
  if (edit.do === 'add') return add(page, target, edit.kind, edit.name);
  if (edit.do === 'set' || edit.do === 'unset') {
    const place = target.block?.place ?? wholeFile;
    if (!Object.hasOwn(keysOf[target.scope], edit.key)) {
      return refuse(place, 'unknown-key', `${quoted(edit.key)} is no key of a ${target.scope} block`);
    }
    return edit.do === 'set' ? set(page, target, edit.key, edit.words) : success(unset(page, target, edit.key));
  }
  if (target.block === undefined) return refuse(wholeFile, 'unknown-block', 'the file itself is no block');
  if (edit.do === 'rename') return rename(page, target.block, edit.name);
  return success([cut(page, target.block.place.line, target.block.lastLine)]);
}

/** All lines from one to another, with their line ends. */
function cut({ text, lines }: Page, first: number, last: number): Splice {
  const from = sourceAt(lines, first).at;
  const { at, text: line, end } = sourceAt(lines, last);
  return { at: from, removed: text.slice(from, at + line.length + end.length), inserted: '' };
}

function sourceAt(lines: readonly Source[], line: number): Source {
  const source = lines[line - 1];
  if (source === undefined) throw new Error(`the text has no line ${line}`);
  return source;
}

/** Replaces what stands between two columns, without the blanks before the second. */
function replace({ lines }: Page, line: number, from: number, to: number, inserted: string): Splice {
  const { at, text } = sourceAt(lines, line);
  const characters = Array.from(text);
  const removed = characters
    .slice(from - 1, to - 1)
    .join('')
    .replace(/[ \t]+$/, '');
  return { at: at + characters.slice(0, from - 1).join('').length, removed, inserted };
}

function set(page: Page, target: Target, key: string, words: readonly string[]): Result<readonly Splice[]> {
  // Given twice, the last one counts.
  const entry = target.entries.findLast((each) => each.key.text === key);
  const place = entry?.key ?? target.block?.place ?? wholeFile;
  const value = written(words, (text) => `${key} = ${text} #`);
  if (value === undefined) return refuse(place, 'bad-text', `this value of ${key} cannot be written in lvs.cf`);
  if (entry === undefined) return success([insertKey(page, target, `${key} = ${value}`)]);
  const { line } = entry.key;
  const { stop } = lexLine(sourceAt(page.lines, line).text, line) ?? { stop: 0 };
  const first = entry.values[0];
  if (first !== undefined) return success([replace(page, line, first.column, stop, value)]);
  return success([replace(page, line, entry.key.column + Array.from(key).length, stop, ` = ${value}`)]);
}

/** A new key stands above the servers: they inherit the `port` above them. */
function insertKey({ lines, eol }: Page, { block, entries }: Target, line: string): Splice {
  if (block === undefined) return { at: lines[0]?.at ?? 0, removed: '', inserted: `${line}${eol}` };
  const firstServer = block.servers[0]?.place.line ?? Infinity;
  const above = entries.findLast(({ key }) => key.line < firstServer)?.key.line ?? block.place.line;
  const indent = above === block.place.line ? `${indentOf(lines, above)}  ` : indentOf(lines, above);
  return { at: sourceAt(lines, above + 1).at, removed: '', inserted: `${indent}${line}${eol}` };
}

const indentOf = (lines: readonly Source[], line: number): string =>
  /^[ \t]*/.exec(sourceAt(lines, line).text)?.[0] ?? '';

const unset = (page: Page, { entries }: Target, key: string): readonly Splice[] =>
  entries.filter((each) => each.key.text === key).map((each) => cut(page, each.key.line, each.key.line));

function add(page: Page, { scope, block }: Target, kind: Step['kind'], name: string): Result<readonly Splice[]> {
  const place = block?.place ?? wholeFile;
  const fits = kind === 'server' ? scope === 'virtual' : block === undefined;
  if (!fits) return refuse(place, 'misplaced-block', `a ${kind} block cannot stand here`);
  const word = nameWord(kind, name);
  if (word === undefined) return refuse(place, 'bad-text', `the name ${quoted(name)} cannot be written in lvs.cf`);
  const { text, lines, eol } = page;
  if (block !== undefined) {
    const indent = `${indentOf(lines, block.lastLine)}  `;
    const inserted = `${indent}${kind} ${word} {${eol}${indent}}${eol}`;
    return success([{ at: sourceAt(lines, block.lastLine).at, removed: '', inserted }]);
  }
  const before = lines.at(-1)?.text === '' ? '' : eol;
  return success([{ at: text.length, removed: '', inserted: `${before}${kind} ${word} {${eol}}${eol}` }]);
}

function rename(page: Page, { kind = 'virtual', place }: Block, name: string): Result<readonly Splice[]> {
  const word = nameWord(kind, name);
  if (word === undefined) return refuse(place, 'bad-text', `the name ${quoted(name)} cannot be written in lvs.cf`);
  const [old, brace] = lexLine(sourceAt(page.lines, place.line).text, place.line)?.rest ?? [];
  if (old === undefined || brace === undefined) return refuse(place, 'missing-name', 'this block has no name');
  return success([replace(page, place.line, old.column, brace.column, word)]);
}

/** Words as they stand in a line, if that line is read as those words again. */
function written(words: readonly string[], around: (text: string) => string): string | undefined {
  if (words.length === 0 || words.some((word) => /[\r\n\0\uFFFD]/.test(word))) return undefined;
  const texts = words.map((word) => spellings(word).find((text) => reads(around(text), [word])));
  const text = texts.join(' ');
  return texts.includes(undefined) || !reads(around(text), words) ? undefined : text;
}

const spellings = (word: string): readonly string[] => [word, `"${word}"`, `'${word}'`];

function reads(source: string, words: readonly string[]): boolean {
  const line: Line | undefined = lexLine(source, 1);
  if (line === undefined || line.unclosed !== undefined || line.badByte !== undefined) return false;
  return line.rest.length === words.length && words.every((word, index) => line.rest[index]?.text === word);
}

/** A name that reads as a brace would open the block without one. */
function nameWord(kind: string, name: string): string | undefined {
  if (/[\r\n\0\uFFFD]/.test(name)) return undefined;
  return spellings(name).find((text) => {
    const line = lexLine(`${kind} ${text} {`, 1);
    const [first, brace] = line?.rest ?? [];
    const isBrace = first?.text === '{' && !first.quoted;
    return line?.equals === false && first?.text === name && !isBrace && brace?.text === '{' && line.rest.length === 2;
  });
}
