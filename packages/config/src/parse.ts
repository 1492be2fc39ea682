// The text of lvs.cf as blocks and entries. Goes on after every mistake, so that one run shows all of them.
import type { Place, Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import { nearest } from './hint.ts';
import type { Line, Word } from './lex.ts';
import { lexLine } from './lex.ts';

/** One `key = value` line. */
export type Entry = {
  readonly key: Word;
  readonly equals: boolean;
  readonly values: readonly Word[];
  /** Already complained about: its value must not be used. */
  readonly broken: boolean;
};

const blockKinds = ['virtual', 'failover', 'server'] as const;
type BlockKind = (typeof blockKinds)[number];

/** One block with what stands in it. */
export type Block = {
  /** Undefined for a word that opens no block; what stands inside is passed over. */
  readonly kind: BlockKind | undefined;
  readonly name: string;
  readonly place: Place;
  /** The line of its closing brace; 0 where it has none. */
  readonly lastLine: number;
  readonly entries: readonly Entry[];
  readonly servers: readonly Block[];
  /** In a server block: the last `port` line of the enclosing block before this one. */
  readonly portBefore: Entry | undefined;
};

/** A whole file. */
export type ParsedFile = { readonly entries: readonly Entry[]; readonly blocks: readonly Block[] };

type OpenBlock = Block & { lastLine: number; readonly entries: Entry[]; readonly servers: Block[] };

type Parser = {
  readonly report: Report;
  readonly entries: Entry[];
  readonly blocks: Block[];
  /** The blocks that are open, the innermost last. */
  readonly open: OpenBlock[];
  /** The last `port` line of each open block. */
  readonly ports: WeakMap<Block, Entry>;
  /** Whether the line before opened a block without its brace. */
  braceMissing: boolean;
};

/** Reads a file. A byte order mark at its start is passed over; lines may end in LF, CR LF or CR. */
export function parse(text: string, report: Report): ParsedFile {
  const parser: Parser = { report, entries: [], blocks: [], open: [], ports: new WeakMap(), braceMissing: false };
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, source] of lines.entries()) {
    const line = lexLine(source, index + 1);
    if (line !== undefined) readLine(parser, line);
  }
  for (const block of parser.open) {
    report.error(block.place, 'unclosed-block', `${describe(block)} is never closed`, 'a line with } is missing');
  }
  return { entries: parser.entries, blocks: parser.blocks };
}

function readLine(parser: Parser, line: Line): void {
  const { report } = parser;
  const { first, rest, unclosed, badByte } = line;
  const braceMissing = parser.braceMissing;
  parser.braceMissing = false;
  if (badByte !== undefined) report.error(badByte, 'bad-byte', 'a NUL or a byte that is not UTF-8 text');
  else if (unclosed !== undefined) report.error(unclosed, 'quote-mismatch', 'the quotation mark is never closed');
  if (first.text.startsWith('#')) return;
  if (first.text.startsWith('}')) closeBlock(parser, first);
  else if (first.text === '{') loneBrace(parser, line, braceMissing);
  else if (opensBlock(line)) openBlock(parser, line);
  else addEntry(parser, line, rest);
}

function addEntry(parser: Parser, line: Line, values: readonly Word[]): void {
  const broken = line.badByte !== undefined || line.unclosed !== undefined;
  const entry: Entry = { key: line.first, equals: line.equals, values, broken };
  const block = parser.open.at(-1);
  (block ?? parser).entries.push(entry);
  if (block !== undefined && line.first.text === 'port') parser.ports.set(block, entry);
}

function closeBlock(parser: Parser, brace: Word): void {
  if (brace.text !== '}') {
    parser.report.error(brace, 'stray-text', 'a closing brace stands alone, or with a blank after it');
  }
  const block = parser.open.pop();
  if (block !== undefined) block.lastLine = brace.line;
  else parser.report.error(brace, 'stray-brace', 'a closing brace without an open block');
}

function loneBrace(parser: Parser, { first, rest }: Line, braceMissing: boolean): void {
  const surplus = rest[0];
  if (!braceMissing) parser.report.error(first, 'stray-brace', 'an opening brace without a block');
  else if (surplus !== undefined) parser.report.error(surplus, 'stray-text', 'nothing may follow an opening brace');
}

const kindOf = (text: string): BlockKind | undefined => blockKinds.find((kind) => kind === text);

const isBrace = (word: Word | undefined): boolean => word !== undefined && !word.quoted && word.text === '{';

const opensBlock = ({ first, equals, rest }: Line): boolean =>
  kindOf(first.text) !== undefined || (!equals && isBrace(rest.at(-1)));

function openBlock(parser: Parser, line: Line): void {
  const { first, rest } = line;
  const kind = blockKind(parser, first);
  leaveBlocksBefore(parser, kind, first);
  const parent = parser.open.at(-1);
  const name = isBrace(rest[0]) ? '' : (rest[0]?.text ?? '');
  const portBefore = parent === undefined ? undefined : parser.ports.get(parent);
  const block: OpenBlock = { kind, name, place: place(first), lastLine: 0, entries: [], servers: [], portBefore };
  if (parent !== undefined) parent.servers.push(block);
  else if (kind !== 'server') parser.blocks.push(block);
  else parser.report.error(first, 'misplaced-block', 'a server block belongs into a virtual block');
  if (line.unclosed !== undefined || line.badByte !== undefined || checkOpening(parser, line)) parser.open.push(block);
}

const place = ({ line, column }: Place): Place => ({ line, column });

function blockKind(parser: Parser, { text, ...at }: Word): BlockKind | undefined {
  const kind = kindOf(text);
  if (kind !== undefined) return kind;
  const meant = nearest(text, blockKinds);
  const hint = meant === undefined ? `blocks are ${blockKinds.join(', ')}` : `did you mean ${quoted(meant)}?`;
  parser.report.error(at, 'unknown-block', `${quoted(text)} opens no block`, hint);
  return kindOf(meant ?? '');
}

/** A block that begins where it cannot stand tells that the `}` of the one before is missing. */
function leaveBlocksBefore(parser: Parser, kind: BlockKind | undefined, at: Place): void {
  const fits = (open: Block): boolean => kind === undefined || (kind === 'server' && open.kind !== 'server');
  for (let open = parser.open.at(-1); open !== undefined && !fits(open); open = parser.open.at(-1)) {
    const message = `${describe(open)} is still open where line ${at.line} begins a ${kind ?? ''} block`;
    parser.report.error(open.place, 'unclosed-block', message, 'a line with } is missing');
    parser.open.pop();
  }
}

const describe = (block: Block): string => `${block.kind ?? 'unknown'} block ${quoted(block.name)}`;

/** Complains about the words after the kind of a block; tells whether the block stays open after this line. */
function checkOpening(parser: Parser, line: Line): boolean {
  const { first, rest } = line;
  const brace = rest.findIndex(isBrace);
  const last = rest.at(-1) ?? first;
  checkName(parser.report, line, brace);
  if (brace < 0) {
    const glued = last.text.endsWith('{');
    const message = `the opening brace must end the line of ${first.text}`;
    parser.report.error(last, 'missing-brace', message, glued ? 'with a blank before it' : undefined);
    parser.braceMissing = !glued;
    return true;
  }
  const surplus = rest[brace + 1];
  if (surplus === undefined) return true;
  parser.report.error(surplus, 'stray-text', 'nothing may follow an opening brace');
  return last.text !== '}';
}

function checkName(report: Report, { first, equals, rest }: Line, brace: number): void {
  const [name, second] = rest;
  if (equals) {
    report.error(first, 'stray-text', `no = stands between ${first.text} and its name`);
  } else if (name === undefined || brace === 0) {
    report.error(name ?? first, 'missing-name', `${quoted(first.text)} needs a name`);
  } else if (brace > 1) {
    report.error(second ?? first, 'stray-text', 'a name of several words needs quotation marks around it');
  }
}
