// Backslash sequences of send and expect.

const meanings: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
  ["'", "'"],
  ['"', '"'],
]);

/**
 * Decodes `\\ \r \n \t \' \"`, once. Any other sequence stays as it is, so that `\.` and `\d` reach a regular
 * expression; so does a backslash at the end.
 */
export const decodeEscapes = (text: string): string =>
  text.replace(/\\(.)/gsu, (sequence, character: string) => meanings.get(character) ?? sequence);

/** Text that `decodeEscapes` turns back into `text`. */
export const keepBackslashes = (text: string): string => text.replaceAll('\\', '\\\\');
