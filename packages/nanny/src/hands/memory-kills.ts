// Whether the kernel has killed for want of memory (proc_vmstat(5)): a program that it killed has found nothing out.
import { readFileSync } from 'node:fs';

/** How many processes the kernel has killed so far; undefined where it does not count them. */
export function memoryKills(path = '/proc/vmstat'): number | undefined {
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    // Without a descriptor to read with, say.
    return undefined;
  }
}

/** Whether a process that was killed by SIGKILL may be one of those: the count has grown since `before`. */
export const mayBeMemoryKill = (before: number | undefined, now: number | undefined): boolean =>
  before !== undefined && now !== undefined && now > before;
