// The text that one word of lvs.cf stands for.
import ini from 'ini';

/**
 * Takes the quotes off one word that the lexer has delimited. Backslashes and quotes inside stay as they are: escapes
 * in `send` and `expect` are decoded by nanny alone. The word goes to ini as a JSON string, because ini would
 * otherwise cut it at `;`, take `true` for a boolean, and decode some escapes but not others. A slice would give the
 * same: ini is here because the suite is to read its values with it.
 */
export function unquote(word: string): string {
  const inside = word.slice(1, -1);
  const value = ini.unsafe(JSON.stringify(inside));
  return typeof value === 'string' ? value : inside;
}
