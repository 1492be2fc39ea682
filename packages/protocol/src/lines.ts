// A stream of bytes becomes lines, however it was cut into chunks, with a bound on their length.

/** The longest line that a pipe or a control socket may carry, in characters: a whole configuration fits. */
export const longestLine = 4 * 1024 * 1024;

/** Text that came after the last line end; `overlong` while the rest of a line that broke the bound is skipped. */
export type PartialLine = { readonly text: string; readonly overlong: boolean };

/** Nothing read yet. */
export const noLine: PartialLine = { text: '', overlong: false };

/** Complete lines, without their line ends; a line over the bound is left out and counted. */
export type SplitLines = {
  readonly lines: readonly string[];
  readonly dropped: number;
  readonly rest: PartialLine;
};

/** Adds a chunk to what was left over and takes out the complete lines. */
export function splitLines(before: PartialLine, chunk: string, bound = longestLine): SplitLines {
  const pieces = (before.text + chunk).split('\n');
  const last = pieces.pop() ?? '';
  const complete = pieces.map((line, index) => ({
    line,
    skip: (index === 0 && before.overlong) || line.length > bound,
  }));
  const lines = complete.filter((piece) => !piece.skip).map((piece) => piece.line);
  const stillOverlong = (before.overlong && pieces.length === 0) || last.length > bound;
  return {
    lines,
    dropped: pieces.length - lines.length,
    rest: stillOverlong ? { text: '', overlong: true } : { text: last, overlong: false },
  };
}
