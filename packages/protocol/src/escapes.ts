// Backslash sequences of send and expect.

const meanings: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
  ["'", "'"],
  ['"', '"'],
]);

/** A byte by its two hexadecimal digits, or one character, or nothing at the end of the text. */
const sequences = /\\(?:x(?<byte>[\da-fA-F]{2})|(?<character>.)|$)/gsu;

type Found = { readonly byte?: string; readonly character?: string };

/** What is wrong with a sequence, and where in the text it begins. */
export type EscapeProblem = { readonly at: number; readonly problem: string };

/** The first sequence that is none of those known; undefined where all are. */
export function escapeProblem(text: string): EscapeProblem | undefined {
  for (const match of text.matchAll(sequences)) {
    const { byte, character } = match.groups as Found;
    if (byte === undefined && !meanings.has(character ?? '')) return { at: match.index, problem: problemOf(character) };
  }
  return undefined;
}

/** For people: what they can write. */
export const knownEscapes = String.raw`known are \\ \r \n \t \' \" and \xHH; a backslash itself is \\`;

function problemOf(character: string | undefined): string {
  if (character === undefined) return 'a backslash at the end of the text stands for nothing';
  if (character === 'x') return String.raw`\x needs two hexadecimal digits`;
  return /[!-~]/.test(character)
    ? `unknown escape \\${character}`
    : 'unknown escape: a backslash and no letter after it';
}

/**
 * The bytes that a text stands for: UTF-8, and `\xHH` is that one byte. A sequence without a meaning stays as it is: files
 * are refused for it, but a check that runs already must not fail for it after an upgrade.
 */
export function decodeBytes(text: string): Buffer {
  const pieces: Buffer[] = [];
  let done = 0;
  for (const match of text.matchAll(sequences)) {
    const { byte, character } = match.groups as Found;
    const meaning = meanings.get(character ?? '');
    if (byte === undefined && meaning === undefined) continue;
    pieces.push(Buffer.from(text.slice(done, match.index)));
    pieces.push(byte === undefined ? Buffer.from(meaning ?? '') : Buffer.from(byte, 'hex'));
    done = match.index + match[0].length;
  }
  return Buffer.concat([...pieces, Buffer.from(text.slice(done))]);
}

/**
 * The regular expression that a text stands for. `\xHH` and what has no meaning here go on to the expression, where `\.`,
 * `\d` and `\x2e` have one.
 */
export const decodeExpression = (text: string): string =>
  text.replace(sequences, (sequence, ...match) => {
    const { byte, character } = match.at(-1) as Found;
    return byte === undefined ? (meanings.get(character ?? '') ?? sequence) : sequence;
  });

/** Text that decoding turns back into `text`. */
export const keepBackslashes = (text: string): string => text.replaceAll('\\', '\\\\');
