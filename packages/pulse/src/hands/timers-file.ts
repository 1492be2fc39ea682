// The timers that count on this router outlive pulse in a small file, until the next boot.
import { existsSync } from 'node:fs';
import type { Logger } from '@piranha/logging';
import { decodeKeptTimers, encodeLine } from '@piranha/protocol';
import type { KeptFile } from '@piranha/runtime/sockets';
import { readStateFile, writeStateFile } from '@piranha/runtime';
import type { KeptTimers } from '../state.ts';

const timersPath = '/run/piranha/timers.json';

/** The memory. */
export type TimersFile = {
  readonly keep: (timers: KeptTimers) => void;
  /** What a pulse before this one kept; undefined where there was none, or it cannot be read. */
  readonly recall: () => KeptTimers | undefined;
  /** Puts back what a pulse after this one would have to know. */
  readonly kept: KeptFile;
};

/** The memory at `path`; without it pulse goes on, and says so. */
export function timersFile(log: Logger, path = timersPath): TimersFile {
  /** What the file has to say; undefined as long as no timers are known. */
  let saved: string | undefined;
  /** A start asks more than once: that it gets no answer is logged once. */
  let unreadable = '';

  const attempt = <T>(act: () => T, complain: (problem: string) => void): T | undefined => {
    try {
      return act();
    } catch (error) {
      complain(String(error));
      return undefined;
    }
  };
  const complainOfSaving = (problem: string): void => {
    const text = 'cannot save which timers count: reload pulse after a change of deadtime, do not restart it';
    log.warning(text, { file: path, problem });
  };
  const complainOfReading = (problem: string): void => {
    if (problem === unreadable) return;
    unreadable = problem;
    const text = 'cannot read which timers counted before this start: those of lvs.cf count at once';
    log.warning(text, { file: path, problem });
  };
  return {
    keep: (timers) => {
      const text = encodeLine({ type: 'timers', ...timers });
      saved = text;
      attempt(() => {
        writeStateFile(path, text);
      }, complainOfSaving);
    },
    recall: () =>
      attempt(() => {
        const text = readStateFile(path);
        if (text === undefined) return undefined;
        const decoded = decodeKeptTimers(text);
        if (!decoded.ok) throw new Error(decoded.error);
        saved = text;
        const { keepalive, deadtime, shortest } = decoded.value;
        return { keepalive, deadtime, shortest };
      }, complainOfReading),
    kept: {
      path,
      stands: () => saved === undefined || existsSync(path),
      restore: () => {
        if (saved !== undefined) writeStateFile(path, saved);
      },
    },
  };
}
