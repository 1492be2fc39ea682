// One line of lvs.cf as words with their places.
import type { Place } from './diagnostic.ts';
import { unquote } from './value.ts';

/** One word, without its quotes. */
export type Word = Place & { readonly text: string; readonly quoted: boolean };

/** A line that says something. */
export type Line = {
  readonly first: Word;
  /** Whether `=` follows the first word, with or without blanks around it. */
  readonly equals: boolean;
  /** The words after the first one and after `=`. */
  readonly rest: readonly Word[];
  /** The column where a comment begins after the words, or behind the last character. */
  readonly stop: number;
  /** Where a quoted word begins that never ends; nothing after it was read. */
  readonly unclosed: Place | undefined;
  /** Where a character stands that no text file holds. */
  readonly badByte: Place | undefined;
};

/** Reads one line without its line end; undefined for a blank line or a comment. */
export function lexLine(source: string, line: number): Line | undefined {
  const chars = charactersOf(source);
  const start = skipBlanks(chars, 0);
  const nul = source.includes('\0') ? chars.indexOf('\0') : -1;
  if (start === chars.length || chars[start] === '#') {
    return nul < 0 ? undefined : comment({ line, column: nul + 1 });
  }
  const end = findFrom(chars, start, (char) => isBlank(char) || char === '=');
  const next = skipBlanks(chars, end);
  const equals = chars[next] === '=';
  const { words, stop, unclosed } = lexWords(chars, equals ? next + 1 : next, line);
  // Comments may be in any encoding: only NUL is refused there.
  const strange = source.includes('\uFFFD') ? chars.slice(0, stop).indexOf('\uFFFD') : -1;
  const bad = nul < 0 ? strange : nul;
  return {
    first: { line, column: start + 1, text: textOf(chars, start, end), quoted: false },
    equals,
    rest: words,
    stop: stop + 1,
    unclosed,
    badByte: bad < 0 ? undefined : { line, column: bad + 1 },
  };
}

/** A line by characters, so that columns count them: text is that already unless it has any of two units. */
type Characters = string | readonly string[];

const charactersOf = (source: string): Characters => (/[\ud800-\udfff]/.test(source) ? Array.from(source) : source);

const textOf = (chars: Characters, from: number, end: number): string =>
  typeof chars === 'string' ? chars.slice(from, end) : chars.slice(from, end).join('');

const comment = (badByte: Place): Line => ({
  first: { ...badByte, text: '#', quoted: false },
  equals: false,
  rest: [],
  stop: badByte.column,
  unclosed: undefined,
  badByte,
});

type Words = { readonly words: readonly Word[]; readonly stop: number; readonly unclosed: Place | undefined };

function lexWords(chars: Characters, from: number, line: number): Words {
  const words: Word[] = [];
  let at = skipBlanks(chars, from);
  // A value may begin with `#`; a comment may only come after one.
  while (at < chars.length && !(chars[at] === '#' && words.length > 0)) {
    const quoted = chars[at] === '"' || chars[at] === "'";
    const end = quoted ? quotedEnd(chars, at) : findFrom(chars, at, isBlank);
    const place = { line, column: at + 1 };
    if (end === undefined) return { words, stop: chars.length, unclosed: place };
    const text = textOf(chars, at, end);
    words.push({ ...place, text: quoted ? unquote(text) : text, quoted });
    at = skipBlanks(chars, end);
  }
  return { words, stop: at, unclosed: undefined };
}

/**
 * The end of the quoted word that begins at `start`. As in the original, a quote counts as the closing one only after
 * a blank inside the word or before the end of the word, so that `"say"hi"` is one word. A backslash protects the
 * quote after it, unless the word would then never end.
 */
function quotedEnd(chars: Characters, start: number, escapes = true): number | undefined {
  let blankInside = false;
  for (let at = start + 1; at < chars.length; at++) {
    const char = chars[at];
    if (char === '\\' && escapes) at++;
    else if (isBlank(char)) blankInside = true;
    else if (char === chars[start] && (blankInside || at + 1 === chars.length || isBlank(chars[at + 1]))) return at + 1;
  }
  return escapes ? quotedEnd(chars, start, false) : undefined;
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t';

const skipBlanks = (chars: Characters, from: number): number => findFrom(chars, from, (char) => !isBlank(char));

function findFrom(chars: Characters, from: number, wanted: (char: string) => boolean): number {
  let at = from;
  for (let char = chars[at]; char !== undefined && !wanted(char); char = chars[at]) at++;
  return at;
}
