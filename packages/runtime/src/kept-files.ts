// Files under /run that others need and that somebody may delete while we run: looked at every second, and put back.
import { statSync } from 'node:fs';
import type { Millis } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';

/** A file that has to be there. */
export type KeptFile = {
  readonly path: string;
  /** Whether it is there as we left it. Throws where nobody can tell, or something else stands there. */
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
    for (const file of kept.filter(isGone)) {
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

/** What the system cannot look at now, for want of descriptors say, is not gone; what is none of ours is, and is complained of. */
function isGone(file: KeptFile): boolean {
  try {
    return !file.stands();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === undefined;
  }
}

/** What stat(2) says of a path that leads nowhere: its folder is a file, or links lead in a circle. */
const leadsNowhere = new Set(['ENOTDIR', 'ELOOP']);

/**
 * Which file stands at a path; undefined for none. Equal for the same one, and after a deletion no other is. Throws where
 * nobody can tell.
 */
export function fileAt(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    return found === undefined ? undefined : `${found.dev}:${found.ino}:${found.birthtimeNs}`;
  } catch (error) {
    if (leadsNowhere.has(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}
