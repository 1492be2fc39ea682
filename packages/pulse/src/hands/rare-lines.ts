// Lines of the log that somebody who is not the partner can cause: one a minute of each kind, and how many it stands for.
import type { Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Words } from '../rules/words.ts';

/** Says lines, or keeps them for later. */
export type RareLines = {
  /** One without a kind at once. */
  readonly say: (line: Words) => void;
  /** Says what was kept. */
  readonly close: () => void;
};

/** Lines of one kind that wait for its next turn: the last of them and their number. */
type Kept = { readonly timer: NodeJS.Timeout; readonly last: Words | undefined; readonly count: number };

const usualPause = seconds(60);

/** Starts with nothing said. The last line of a kind is always said, at the latest when the pause is over. */
export function rareLines(log: Logger, pause: Millis = usualPause): RareLines {
  const kinds = new Map<string, Kept>();

  const tell = (kind: string): void => {
    const { last, count } = kinds.get(kind) ?? { last: undefined, count: 0 };
    if (last === undefined) {
      kinds.delete(kind);
      return;
    }
    log[last.level](count === 1 ? last.text : `${last.text} (said ${count} times since the last such line)`);
    begin(kind);
  };
  const begin = (kind: string): void => {
    const timer = setTimeout(() => {
      tell(kind);
    }, pause).unref();
    kinds.set(kind, { timer, last: undefined, count: 0 });
  };
  return {
    say: (line) => {
      const { kind } = line;
      const kept = kind === undefined ? undefined : kinds.get(kind);
      if (kind !== undefined && kept !== undefined) {
        kinds.set(kind, { ...kept, last: line, count: kept.count + 1 });
        return;
      }
      log[line.level](line.text);
      if (kind !== undefined) begin(kind);
    },
    close: () => {
      for (const [kind, { timer }] of [...kinds]) {
        clearTimeout(timer);
        tell(kind);
      }
      for (const { timer } of kinds.values()) clearTimeout(timer);
      kinds.clear();
    },
  };
}
