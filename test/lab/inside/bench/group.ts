// All processes of one program on one host, held together by a control group: how many, how much memory, how much time.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs, pause } from '../command.ts';
import type { Result } from '../command.ts';
import type { Host } from '../host.ts';
import type { Sample } from './rows.ts';
import { idleSince } from './rows.ts';

/** A program's processes. */
export type Group = {
  readonly host: Host;
  /** Runs a command as the group's first member; what it starts belongs to the group too. */
  readonly run: (words: readonly string[]) => Promise<Result>;
  readonly processes: () => number;
  /** Memory in MB; what several processes share counts once, divided among them (PSS). */
  readonly memory: () => number;
  /** What the group has used so far (ms), with what has ended. */
  readonly processorTime: () => number;
  /** Waits until the group has nothing to do; gives the moment of its last work (ms, monotonic). */
  readonly untilIdle: (limitMs: number) => Promise<number>;
};

const joinGroup = 'echo $$ >"/run/cgroup/$0/cgroup.procs" && exec "$@"';

/** Makes a group for a host. */
export async function makeGroup(host: Host): Promise<Group> {
  const folder = join('/sys/fs/cgroup', host.name);
  mkdirSync(folder);
  await host.must(['mkdir', '/run/cgroup']);
  await host.must(['mount', '-t', 'cgroup2', 'cgroup', '/run/cgroup']);
  const pids = (): string[] => words(readFileSync(join(folder, 'cgroup.procs'), 'utf8'));
  const used = (): number => processorTime(readFileSync(join(folder, 'cpu.stat'), 'utf8'));
  const sample = (): Sample => ({ at: nowMs(), cpu: used() });
  return {
    host,
    run: (command) => host.run(['sh', '-c', joinGroup, host.name, ...command]),
    processes: () => pids().length,
    memory: () => pids().reduce((sum, pid) => sum + proportionalMemory(pid), 0) / 1024,
    processorTime: used,
    untilIdle: (limitMs) => untilIdle(host.name, sample, limitMs),
  };
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const processorTime = (stat: string): number => Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]) / 1000;

/** In KB; nothing of a process that has just ended. */
function proportionalMemory(pid: string): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');

/** Nothing to do for so long (ms). */
const quiet = 800;

async function untilIdle(name: string, sample: () => Sample, limitMs: number): Promise<number> {
  const samples = [sample()];
  const end = nowMs() + limitMs;
  for (;;) {
    await pause(50);
    samples.push(sample());
    const since = idleSince(samples, quiet);
    if (since !== undefined) return since;
    if (nowMs() > end) throw new Error(`the program on ${name} is not idle after ${limitMs} ms`);
  }
}
