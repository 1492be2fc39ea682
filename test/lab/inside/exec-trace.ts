// Every program that is started on a host, as the kernel's own trace points tell it: none is too short to be seen.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { must } from './command.ts';
import type { Host } from './host.ts';

/** A program that was started; ms of the clock that all processes of a kernel share. */
export type Start = { readonly at: number; readonly program: string };

/** A running trace. */
export type ExecTrace = {
  /** What the processes of a host have started, oldest first. Commands that the lab runs there are none of them. */
  readonly startedOn: (host: Host) => Start[];
  readonly stop: () => void;
};

const tracing = '/sys/kernel/tracing';
const own = `${tracing}/instances/piranha`;

/**
 * Traces the whole machine from now on, so it is for the guest: undefined elsewhere. `hosts`: those that will be asked
 * for.
 */
export async function traceStarts(hosts: readonly Host[]): Promise<ExecTrace | undefined> {
  if (process.env['ON_IPVS'] !== 'guest') return undefined;
  if (!existsSync(`${tracing}/trace`)) await must(['mount', '-t', 'tracefs', 'tracefs', tracing]);
  mkdirSync(own);
  writeFileSync(`${own}/trace_clock`, 'mono');
  for (const event of ['fork', 'exec']) writeFileSync(`${own}/events/sched/sched_process_${event}/enable`, '1');
  const before = new Map(hosts.map((host) => [host.name, tasksOf(host)]));
  return {
    startedOn: (host) => startsOf(readFileSync(`${own}/trace`, 'utf8'), before.get(host.name) ?? new Set()),
    stop: () => {
      rmdirSync(own);
    },
  };
}

/** The threads of all processes in a host's network. */
function tasksOf(host: Host): ReadonlySet<number> {
  const network = readlinkSync(`/proc/${host.pid}/ns/net`);
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(processes.filter((pid) => networkOf(pid) === network).flatMap(threadsOf));
}

/** A process may end while we look: then it has none. */
function networkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function threadsOf(pid: string): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Follows tasks and what they fork; a trace line begins with who acted and when. */
function startsOf(trace: string, first: ReadonlySet<number>): Start[] {
  const tasks = new Set(first);
  const starts: Start[] = [];
  for (const line of trace.split('\n')) {
    const fork = / pid=(\d+) child_comm=.* child_pid=(\d+)/.exec(line);
    if (fork !== null && tasks.has(Number(fork[1]))) tasks.add(Number(fork[2]));
    const exec = / ([\d.]+): sched_process_exec: filename=(\S+) pid=(\d+) old_pid=(\d+)/.exec(line);
    if (exec === null || !tasks.has(Number(exec[4]))) continue;
    tasks.add(Number(exec[3]));
    starts.push({ at: Number(exec[1]) * 1000, program: exec[2] ?? '' });
  }
  return starts;
}
