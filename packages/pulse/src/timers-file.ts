// The timers that count on this router outlive pulse in a small file, until the next boot.
import { existsSync, readFileSync } from 'node:fs';
import type { Logger } from '@piranha/logging';
import { decodeKeptTimers, encodeLine } from '@piranha/protocol';
import { writeStateFile } from '@piranha/runtime';
import type { KeptTimers } from './state.ts';

const timersPath = '/run/piranha/timers.json';

/** The memory. */
export type TimersFile = {
  readonly keep: (timers: KeptTimers) => void;
  /** What a pulse before this one kept; undefined where there was none, or it cannot be read. */
  readonly recall: () => KeptTimers | undefined;
};

/** The memory at `path`; without it pulse goes on, and says so. */
export function timersFile(log: Logger, path = timersPath): TimersFile {
  const attempt = <T>(act: () => T, text: string): T | undefined => {
    try {
      return act();
    } catch (error) {
      log.warning(text, { file: path, problem: String(error) });
      return undefined;
    }
  };
  return {
    keep: (timers) => {
      attempt(() => {
        writeStateFile(path, encodeLine({ type: 'timers', ...timers }));
      }, 'cannot save which timers count: reload pulse after a change of deadtime, do not restart it');
    },
    recall: () =>
      attempt(() => {
        if (!existsSync(path)) return undefined;
        const kept = decodeKeptTimers(readFileSync(path, 'utf8'));
        if (!kept.ok) throw new Error(kept.error);
        const { keepalive, deadtime, shortest } = kept.value;
        return { keepalive, deadtime, shortest };
      }, 'cannot read which timers counted before this start: those of lvs.cf count at once'),
  };
}
