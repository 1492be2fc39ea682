// Files under /run that others need and that somebody may delete while we run: looked at every second, and put back.
import { statSync } from 'node:fs';
import type { Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';

/** A file that has to be there. */
export type KeptFile = {
  readonly path: string;
  /** Whether it is there as we left it. */
  readonly stands: () => boolean;
  /** Puts it back; fails where that is not possible now. */
  readonly restore: () => void | Promise<void>;
};

/** Looks after files until it is closed. */
export type FileKeeper = {
  readonly keep: (...files: readonly KeptFile[]) => void;
  readonly close: () => Promise<void>;
};

const usualPace = seconds(1);

/** Starts without files. What was put back is one warning; what cannot be put back is one more, until it can. */
export function fileKeeper(log: Logger, pace: Millis = usualPace): FileKeeper {
  const kept: KeptFile[] = [];
  const complained = new Set<string>();
  let round: Promise<void> | undefined;

  const restore = async (file: KeptFile): Promise<boolean> => {
    try {
      await file.restore();
    } catch (error) {
      if (!complained.has(file.path)) {
        log.warning('a file that others need is gone and cannot be put back', {
          file: file.path,
          problem: String(error),
        });
      }
      complained.add(file.path);
      return false;
    }
    complained.delete(file.path);
    return true;
  };
  const look = async (): Promise<void> => {
    const restored: string[] = [];
    for (const file of kept.filter((each) => !each.stands())) {
      if (await restore(file)) restored.push(file.path);
    }
    if (restored.length > 0) log.warning('files that others need were gone: put back', { files: restored.join(' ') });
  };
  const timer = setInterval(() => {
    round ??= look().finally(() => (round = undefined));
  }, pace);
  timer.unref();
  return {
    keep: (...files) => void kept.push(...files),
    close: async () => {
      clearInterval(timer);
      await round;
    },
  };
}

/** Which file stands at a path; undefined for none. Equal for the same one, and after a deletion no other is. */
export function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}
