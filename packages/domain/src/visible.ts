// Text from outside, made safe for a terminal and for a log of one line an entry.

/** Control characters, line separators, and marks that turn the direction of text around. */
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const spelled: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const codeOf = (character: string): string => {
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
};

/** The text with every character that would do something instead of being seen spelled out: `\n`, `\x1b`, `\u2028`. */
export const visible = (text: string): string =>
  text.replace(hidden, (character) => spelled[character] ?? codeOf(character));

/** The same for a text of several lines of ours. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** The same for JSON, which means what it meant: there such characters stand in strings only, but for its own line ends. */
export const visibleJson = (json: string): string =>
  json.replace(hidden, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
