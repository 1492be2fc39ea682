// POSIX extended regular expressions, as the C library takes them, in the spelling of the RE2 library.

/** One element of an expression that may mean something else there: an escape, a bracket expression, or `{,N}`. */
const element = /\\(?<escaped>.)|\[\^?\]?(?:\[:[a-z]*:\]|\\.|[^\]\\])*\]|\{,(?<most>\d+)\}/gsu;

/** `\<` and `\>` are the ends of a word; `{,N}` is at most N times. RE2 would take all three as plain characters. */
export const asRe2 = (pattern: string): string =>
  pattern.replace(element, (text, ...match) => {
    const { escaped, most } = match.at(-1) as { readonly escaped?: string; readonly most?: string };
    if (most !== undefined) return `{0,${most}}`;
    return escaped === '<' || escaped === '>' ? '\\b' : text;
  });

/**
 * Whether a match may depend on what comes behind it, or on that nothing does (`$`, ends of words). In doubt yes: that
 * costs a check some time and no truth.
 */
export const looksAtTheEnd = (pattern: string): boolean => /\$|\\[bBz<>]/.test(pattern.replaceAll(/\\[^bBz<>]/gsu, ''));

/** Whether it has a `\xHH` from 80 up: such an expression is about bytes, for alone these are no UTF-8. */
export const namesBytes = (pattern: string): boolean => /\\x[89a-f][\da-f]/i.test(pattern.replaceAll(/\\[^x]/gsu, ''));
