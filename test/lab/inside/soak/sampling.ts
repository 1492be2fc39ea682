// A look at all processes of the suite on both routers, and at their kernels, every few seconds.
import { readFileSync, readdirSync } from 'node:fs';
import { nowMs } from '../command.ts';
import type { Host } from '../host.ts';
import { vip } from '../lab.ts';
import type { ProcessSample, RouterSample, Sample } from './course.ts';
import type { LogFollower } from './log-lines.ts';
import { countEntries, countSockets, heapFileOf, parseStatus, startedAt, watchedAs } from './proc.ts';

const every = 10_000;

export type Sampler = { readonly samples: () => readonly Sample[]; readonly stop: () => void };

export function startSampling(routers: readonly Host[], log: LogFollower): Sampler {
  const samples: Sample[] = [];
  const look = (): void => {
    samples.push(takeSample(routers, log));
  };
  look();
  const timer = setInterval(look, every);
  return {
    samples: () => samples,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** A process that a router has, as /proc shows it; the children of those that are watched may be zombies. */
type Seen = {
  readonly pid: number;
  readonly life: string;
  readonly name: string | undefined;
  readonly zombie: boolean;
  readonly parent: number;
  readonly memory: number | undefined;
  readonly heap: number | undefined;
  readonly descriptors: number;
  readonly threads: number;
};

function takeSample(routers: readonly Host[], log: LogFollower): Sample {
  const found = routers.map((router) => ({ router, seen: processesIn(router) }));
  return {
    at: nowMs(),
    load: Number.parseFloat(readFileSync('/proc/loadavg', 'utf8')),
    processes: found.flatMap(({ router, seen }) => seen.flatMap((each) => asSample(router.name, each))),
    routers: found.map(({ router, seen }) => lookAtRouter(router, seen, log)),
  };
}

function asSample(router: string, { name, life, memory, heap, descriptors, threads }: Seen): ProcessSample[] {
  return name === undefined || memory === undefined
    ? []
    : [{ router, name, life, figures: { memory, heap, descriptors, threads } }];
}

function lookAtRouter(router: Host, seen: readonly Seen[], log: LogFollower): RouterSample {
  const net = (file: string): string => readFileSync(`/proc/${router.pid}/net/${file}`, 'utf8');
  const watched = new Set(seen.filter(({ name }) => name !== undefined).map(({ pid }) => pid));
  return {
    router: router.name,
    active: net('fib_trie').includes(`-- ${vip}\n`),
    zombies: seen.filter(({ zombie, parent }) => zombie && watched.has(parent)).map(({ life }) => life),
    entries: countEntries(net('ip_vs')),
    sockets: countSockets(net('sockstat')),
    logBytes: log.bytesOf(router.name),
  };
}

/** A router's own /proc has its processes and no others. */
function processesIn({ pid: first }: Host): Seen[] {
  const root = `/proc/${first}/root`;
  return readdirSync(`${root}/proc`)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ifStillThere(() => [look(root, pid)]));
}

function look(root: string, pid: string): Seen {
  const proc = `${root}/proc`;
  const read = (file: string): string => readFileSync(`${proc}/${pid}/${file}`, 'utf8');
  const { name, zombie, parent, memory, threads } = parseStatus(read('status'));
  const descriptors = zombie ? 0 : readdirSync(`${proc}/${pid}/fd`).length;
  const life = `${pid} ${startedAt(read('stat'))}`;
  const watched = watchedAs(name, read('cmdline'));
  const [heap] = ifStillThere(() => [readFileSync(`${root}${heapFileOf(pid)}`, 'utf8')]);
  return {
    pid: Number(pid),
    life,
    name: watched,
    zombie,
    parent,
    memory,
    heap: heap === undefined || heap === '' ? undefined : Number(heap) / 1024,
    descriptors,
    threads,
  };
}

/** A process may end while it is looked at. */
function ifStillThere<T>(find: () => T[]): T[] {
  try {
    return find();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return [];
    throw error;
  }
}
