// Remembers on this machine that this router owns the service, for a pulse that comes back when lvs is gone, too.
import { readFileSync, rmSync } from 'node:fs';
import type { Millis } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Trailer } from '@piranha/protocol';
import { decodeOwnership, encodeLine } from '@piranha/protocol';
import { readStateFile, writeStateFile } from '@piranha/runtime';

/** What pulse last said as the active router. */
export type Owned = { readonly term: number; readonly held: boolean };

/** The memory. */
export type Ownership = {
  /** A heartbeat goes out: an active one is remembered with its time, another one means that nothing is owned. */
  readonly note: (said: Pick<Trailer, 'active' | 'term' | 'held'>) => void;
  /** What was said within `limit`; undefined where it is longer ago, or nothing was. */
  readonly recall: (limit: Millis) => Owned | undefined;
};

const usualPath = '/run/piranha/owner.json';

/** Seconds since the boot, those in which the machine was suspended included. */
const uptime = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

/** The memory at `path`; without it pulse goes on, and says so once. */
export function ownershipAt(log: Logger, path: string = usualPath, now: () => number = uptime): Ownership {
  let complained = false;
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      if (!complained) log.warning('it cannot be kept who owns the service', { problem: String(error) });
      complained = true;
      return undefined;
    }
  };
  const remember = (owned: Owned): void => {
    writeStateFile(path, encodeLine({ type: 'owner', ...owned, uptime: now() }));
  };
  return {
    note: ({ active, term, held }) => {
      attempt(() => {
        if (active) remember({ term, held });
        else rmSync(path, { force: true });
      });
    },
    recall: (limit) => {
      const text = attempt(() => readStateFile(path));
      const kept = text === undefined ? undefined : decodeOwnership(text);
      if (kept?.ok !== true) return undefined;
      const { term, held, uptime: then } = kept.value;
      const read = attempt(now);
      if (read === undefined) return undefined;
      const agoMs = (read - then) * 1000;
      return agoMs >= 0 && agoMs < limit ? { term, held } : undefined;
    },
  };
}
