// How news becomes words.
import type { LogLevel } from '@piranha/logging';

/** Level and text of each news. */
export type Wording<News extends { readonly type: string }> = {
  readonly [T in News['type']]: (news: Extract<News, { readonly type: T }>) => readonly [level: LogLevel, text: string];
};
