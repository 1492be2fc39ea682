// A real pulse under a flood of 20,000 datagrams a second from the partner's address and others, and clients that ask its
// control socket for nonsense: its heartbeats stay on time, its role stays, its memory stays, and it ends when it is told to.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Result, Run } from './fuzz.ts';
import { summary } from './fuzz.ts';

export type FloodOrder = {
  readonly cases: number;
  readonly seed: number;
  /** Datagrams a second. */
  readonly rate: number;
  readonly role: 'active' | 'inactive';
  readonly folder: string;
  readonly root: string;
};

/** What was seen from the partner's side and in /proc. Memory in MB. */
export type Flooded = {
  readonly settled: boolean;
  readonly seconds: number;
  readonly heartbeats: number;
  readonly gapMs: number;
  /** The partner's own timers were late by so much: its ears may have been, too. */
  readonly listenerLateMs: number;
  /** Processors that pulse had. */
  readonly busy: number;
  readonly roles: readonly string[];
  readonly refused: number;
  readonly memoryBefore: number;
  readonly memoryPeak: number;
  readonly memoryAfter: number;
  readonly status: number | null;
  readonly log: readonly string[];
};

const rate = 20_000;
/** Half of the deadtime: a partner is far from taking over. */
const mostGap = 1500;
const mostGrowth = 64;
const mostLogLines = 60;

const inside = resolve('build/fuzz/flood-inside.cjs');

function bundle(): void {
  mkdirSync(dirname(inside), { recursive: true });
  const options = ['--bundle', '--platform=node', '--target=node20.19', '--format=cjs', '--conditions=@piranha/source'];
  const words = [
    'test/fuzz/flood-inside.ts',
    ...options,
    '--log-level=warning',
    '--external:koffi',
    `--outfile=${inside}`,
  ];
  const { status, stderr } = spawnSync('node_modules/.bin/esbuild', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** No other process is seen from there, no network but loopback, and /run is empty. */
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const prepare = 'umask 022 && mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up && exec "$0" "$@"';

async function flooded(order: Omit<FloodOrder, 'folder'>): Promise<Flooded> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const words = [...asRoot, ...namespaces, 'sh', '-c', prepare, process.execPath, inside, JSON.stringify(order)];
  const timeout = 120_000 + (order.cases / rate) * 3000;
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'], timeout });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stdout === '') throw new Error(`nothing came back: ${stderr}`);
  return JSON.parse(stdout) as Flooded;
}

function problemOf(role: FloodOrder['role'], seen: Flooded): string | undefined {
  const { settled, roles, memoryBefore, memoryPeak, status, log } = seen;
  const gapMs = seen.gapMs - seen.listenerLateMs;
  if (!settled) return `pulse never became ${role}: ${log.slice(-5).join(' / ')}`;
  if (roles.length !== 1 || roles[0]?.startsWith(`${role},`) !== true)
    return `was to stay ${role}: ${roles.join('; ')}`;
  if (gapMs > mostGap) return `${Math.round(gapMs)} ms without a heartbeat`;
  if (memoryPeak - memoryBefore > mostGrowth) return `memory grew from ${memoryBefore} to ${memoryPeak} MB`;
  if (status !== 0) return `pulse ended with ${status}: ${log.slice(-5).join(' / ')}`;
  return log.length > mostLogLines ? `${log.length} lines in the log: ${log.slice(-3).join(' / ')}` : undefined;
}

const describe = (role: string, cases: number, seen: Flooded): string =>
  [
    `${role}: ${Math.round(cases / seen.seconds)}/s sent`,
    `${seen.refused} refused`,
    `${seen.heartbeats} heartbeats, longest gap ${Math.round(seen.gapMs)} ms (listener late by ${Math.round(seen.listenerLateMs)} ms)`,
    `${Math.round(seen.busy * 100)} % of a processor`,
    `memory ${Math.round(seen.memoryBefore)} → ${Math.round(seen.memoryPeak)} MB`,
    `${seen.log.length} log lines`,
  ].join(', ');

/** `cases` counts datagrams; half of them against an active router, half against an inactive one. */
export const run: Run = async (cases, seed) => {
  const began = performance.now();
  bundle();
  const figures: string[] = [];
  let failure: Result['failure'];
  let slowestMs = 0;
  for (const role of ['active', 'inactive'] as const) {
    const each = Math.ceil(cases / 2);
    const seen = await flooded({ cases: each, seed, rate, role, root: resolve('.') });
    slowestMs = Math.max(slowestMs, seen.gapMs);
    figures.push(describe(role, each, seen));
    const problem = problemOf(role, seen);
    if (problem !== undefined) failure ??= { seed, problem, smallest: 'all that the seed says' };
  }
  return { ...summary('flood', seed, cases, began), slowestMs, figures: figures.join('; '), failure };
};
