// Words for servers, and for what goes wrong.
import { getSystemErrorMap } from 'node:util';

/** Node says "host is unreachable"; administrators know the C library's words. */
const ownWords: ReadonlyMap<string, string> = new Map([['EHOSTUNREACH', 'no route to host']]);

/** A failed system call in words, such as "connection refused". */
export function describeError(error: NodeJS.ErrnoException): string {
  const { code, errno } = error;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return ownWords.get(code ?? '') ?? words ?? error.message;
}

/** So many bytes of an answer are shown. */
const shownBytes = 60;

const escapes: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

const showByte = (byte: number): string => {
  const printable = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : undefined;
  return escapes.get(byte) ?? printable ?? `\\x${byte.toString(16).padStart(2, '0')}`;
};

/** The beginning of some bytes in quotes, with nothing in it that could upset a terminal or a log. */
export function quote(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, shownBytes), showByte).join('');
  return `"${shown}${bytes.length > shownBytes ? '…' : ''}"`;
}

/** So many characters of a text from the configuration are shown. */
const shownCharacters = 200;

/** The beginning of a text that may be long: a reason has to fit into a log line. */
export const shorten = (text: string): string =>
  text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;

/** What is said when checks cannot be made, and when they can again (null). */
export const troubleText = (problem: string | null): string =>
  problem === null ? 'checks can be made again' : `checks cannot be made: ${problem}; no server is judged by that`;
