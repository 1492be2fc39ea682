// Which processes a router has, by its own /proc: no program is started to look.
import { readFileSync, readdirSync } from 'node:fs';
import type { Host } from '../host.ts';
import { parseStatus, startedAt, watchedAs } from '../soak/proc.ts';

export type ProcessSeen = {
  readonly pid: number;
  /** Its number and when it was started: no other process ever has both. */
  readonly life: string;
  /** Of the suite: its name, where it is one of those that run for long. */
  readonly program: string | undefined;
  readonly words: string;
  readonly zombie: boolean;
  /** 0 for what came from outside of the host: the lab's own commands. */
  readonly parent: number;
  /** What it has filled itself (KB). */
  readonly memory: number;
  readonly descriptors: number;
};

/** All of them; none of a host that is switched off. */
export function processesOf({ pid: first }: Host): ProcessSeen[] {
  const proc = `/proc/${first}/root/proc`;
  return orNone(() => readdirSync(proc))
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => orNone(() => [lookAt(proc, pid)]));
}

function lookAt(proc: string, pid: string): ProcessSeen {
  const read = (file: string): string => readFileSync(`${proc}/${pid}/${file}`, 'utf8');
  const { name, zombie, parent, memory } = parseStatus(read('status'));
  const words = read('cmdline');
  return {
    pid: Number(pid),
    life: `${pid} ${startedAt(read('stat'))}`,
    program: watchedAs(name, words),
    words: words === '' ? name : words.replaceAll('\0', ' ').trim(),
    zombie,
    parent,
    memory: memory ?? 0,
    descriptors: zombie ? 0 : readdirSync(`${proc}/${pid}/fd`).length,
  };
}

/** The later look; of those that have ended only those that nobody had reaped before, either: for a moment every one is so. */
export function stillThere(first: readonly ProcessSeen[], later: readonly ProcessSeen[]): ProcessSeen[] {
  const unreaped = new Set(first.filter(({ zombie }) => zombie).map(({ life }) => life));
  return later.filter(({ zombie, life }) => !zombie || unreaped.has(life));
}

/** What was found, or nothing: a process, or a host, may end while it is looked at. */
export function orNone<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EINVAL') return [];
    throw error;
  }
}
