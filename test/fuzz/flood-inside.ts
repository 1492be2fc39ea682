// Runs in namespaces of its own: a real pulse, a partner that has the key, and a flood from the partner's
// address and others. With the word `lvs` it stands in for the lvs below pulse instead.
import { execFileSync, spawn } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { configurationFromText } from '@piranha/config';
import type { Trailer } from '@piranha/protocol';
import { decodeControlAnswer, decodeDatagram, decodeLvsCommand, encodeDatagram, encodeLine } from '@piranha/protocol';
import { readLines } from '@piranha/runtime';
import { askControlSocket } from '@piranha/runtime/sockets';
import { seededRandom } from '@piranha/testing';
import { anyDatagram } from './attack.ts';
import type { Flooded, FloodOrder } from './flood.ts';
import { key, usual } from './wired-router.ts';

const [primary, backup, strangers] = ['10.9.0.1', '10.9.0.2', ['10.9.0.3', '127.9.9.9']] as const;
const port = 1539;
const keepalive = 500;

// The partner is on this machine, and not behind eth0: with this time to live the interface does not count.
const file = (folder: string): string => `primary = ${primary}
backup_active = 1
backup = ${backup}
heartbeat_port = ${port}
keepalive = ${keepalive / 1000}
deadtime = 3
heartbeat_key_file = ${folder}/key
heartbeat_auth = require
heartbeat_ttl = 254
network = direct
ipvsadm = /bin/true
virtual web {
  active = 1
  address = 192.0.2.100 eth0:1
  port = 80
  server one {
    address = 192.0.2.11
    active = 1
  }
}
`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An lvs that is always well. */
function standInForLvs(): void {
  let role = '';
  const say = (message: { readonly type: string; readonly digest?: string }): void =>
    void process.stdout.write(encodeLine(message));
  readLines(process.stdin, (line) => {
    const command = decodeLvsCommand(line);
    if (!command.ok) return;
    if (command.value.type === 'configure') {
      const loaded = configurationFromText(command.value.file, command.value.text, command.value.names);
      if (loaded.ok) say({ type: 'configured', digest: loaded.value.digest });
    }
    if (command.value.type !== 'tick') return;
    if (command.value.role !== role) say({ type: command.value.role === 'active' ? 'ready' : 'standing-by' });
    role = command.value.role;
    say({ type: 'alive' });
  });
}

type Sent = {
  readonly recorded: readonly Uint8Array[];
  readonly seed: number;
  readonly cases: number;
  readonly rate: number;
};

async function bound(address: string, at = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(at, address);
  await once(socket, 'listening');
  // As a router of ours does, and whoever makes its datagrams up.
  socket.setTTL(255);
  return socket;
}

/** In a thread of its own: so many datagrams at that rate, three of four from the partner's address. */
async function flood({ recorded, seed, cases, rate }: Sent): Promise<void> {
  // The thread that listens comes first.
  setPriority(0);
  const random = seededRandom(seed);
  const pool = [
    ...recorded.map((bytes) => Buffer.from(bytes)),
    ...Array.from({ length: 5000 }, () => anyDatagram(random)),
  ];
  const partner = await bound(backup);
  const others = await Promise.all(strangers.map((address) => bound(address)));
  const sockets = [partner, partner, partner, ...others];
  const began = performance.now();
  for (let sent = 0; sent < cases;) {
    const due = Math.min(cases, Math.ceil(((performance.now() - began) * rate) / 1000));
    // Behind time it does not send all at once what it has not sent.
    for (const end = Math.min(due, sent + 500); sent < end; sent += 1) {
      const bytes = pool[random.whole(0, pool.length - 1)] ?? Buffer.alloc(0);
      sockets[random.whole(0, sockets.length - 1)]?.send(bytes, port, primary);
    }
    await pause(2);
  }
  for (const socket of new Set(sockets)) socket.close();
}

/** The partner at its socket: what it hears of pulse, and its own heartbeats. */
function partnerOf(socket: Socket, says: Partial<Trailer>) {
  const heard: { readonly at: number; readonly trailer: Trailer }[] = [];
  const recorded: Buffer[] = [];
  let sequence = 0n;
  socket.on('message', (bytes) => {
    const datagram = decodeDatagram(bytes, [key]);
    if (typeof datagram === 'string' || datagram.type === 'bare') return;
    if (datagram.trailer.kind === 'heartbeat') heard.push({ at: performance.now(), trailer: datagram.trailer });
    if (recorded.length < 100) recorded.push(bytes);
  });
  const beat = (): void => {
    sequence += 1n;
    const echo = heard.at(-1)?.trailer.session ?? 0n;
    const digest = heard.at(-1)?.trailer.digest ?? usual.digest;
    const bytes = Buffer.from(encodeDatagram({ ...usual, ...says, echo, digest, sequence, session: 4711n }, key));
    if (recorded.length < 100) recorded.push(bytes);
    socket.send(bytes, port, primary);
  };
  let [dueAt, latestMs] = [performance.now() + keepalive, 0];
  const timer = setInterval(() => {
    latestMs = Math.max(latestMs, performance.now() - dueAt);
    dueAt = performance.now() + keepalive;
    beat();
  }, keepalive);
  const stop = (): void => {
    clearInterval(timer);
  };
  return { heard, recorded, latestMs: () => latestMs, stop };
}

const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Of all its threads, in seconds. */
function processorTime(pid: number): number {
  const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(words[11]) + Number(words[12])) / 100;
}

function startPulse(folder: string, root: string) {
  const script = (name: string, ...words: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  };
  writeFileSync(join(folder, 'key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'lvs.cf'), file(folder));
  const lvsd = script('lvsd', process.execPath, process.argv[1] ?? '', 'lvs');
  const sendArp = script('send_arp', process.execPath, join(root, 'build/lib/send_arp.cjs'));
  const words = [
    join(root, 'build/lib/pulse.cjs'),
    '-n',
    '-c',
    join(folder, 'lvs.cf'),
    '--lvsd',
    lvsd,
    '--send-arp',
    sendArp,
  ];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log: string[] = [];
  readLines(child.stdout, (line) => log.push(line));
  readLines(child.stderr, (line) => log.push(line));
  return {
    pid: child.pid ?? 0,
    log,
    ended: once(child, 'close') as Promise<[number | null, string | null]>,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    stop: () => child.kill('SIGTERM'),
  };
}

/** One client that asks for nothing sensible. */
function disturbSocket(seed: number): void {
  const socket = connect('/run/piranha/pulse.sock');
  socket.on('error', () => undefined);
  socket.write(anyDatagram(seededRandom(seed)));
  setTimeout(() => socket.destroy(), 50);
}

/** All that pulse has counted as refused or dropped. */
async function refusedBy(): Promise<number> {
  const asked = await askControlSocket('/run/piranha/pulse.sock', encodeLine({ type: 'status' }));
  const answer = asked.ok ? decodeControlAnswer(asked.value) : asked;
  if (!answer.ok || answer.value.type !== 'status') return NaN;
  return Object.values(answer.value.partner?.refused ?? {}).reduce((sum, count) => sum + count, 0);
}

const longestGap = (times: readonly number[]): number =>
  Math.max(0, ...times.map((at, index) => at - (times[index - 1] ?? at)));

async function until(holds: () => boolean, ms: number): Promise<void> {
  for (const end = performance.now() + ms; !holds() && performance.now() < end;) await pause(20);
}

async function play({ cases, seed, rate, role, folder, root }: FloodOrder): Promise<Flooded> {
  const socket = await bound(backup, port);
  const partner = partnerOf(socket, role === 'active' ? {} : { active: true, term: 4 });
  const pulse = startPulse(folder, root);
  const isSettled = (): boolean =>
    partner.heard.filter(({ trailer }) => trailer.active === (role === 'active')).length > 12;
  await until(() => isSettled() || pulse.hasEnded(), 30_000);
  if (pulse.hasEnded()) throw new Error(`pulse has ended: ${pulse.log.join(' / ')}`);
  const before = partner.heard.length;
  const memoryBefore = memoryOf(pulse.pid);
  const timeBefore = processorTime(pulse.pid);
  const began = performance.now();
  const worker = new Worker(process.argv[1] ?? '', {
    workerData: { recorded: partner.recorded, seed, cases, rate } satisfies Sent,
  });
  let [memoryPeak, clients] = [memoryBefore, 0];
  const watch = setInterval(() => {
    memoryPeak = Math.max(memoryPeak, memoryOf(pulse.pid));
    disturbSocket(seed + clients++);
  }, 200);
  await once(worker, 'exit');
  const seconds = (performance.now() - began) / 1000;
  await pause(2 * keepalive);
  clearInterval(watch);
  const busy = (processorTime(pulse.pid) - timeBefore) / seconds;
  const refused = await refusedBy();
  const memoryAfter = memoryOf(pulse.pid);
  const during = partner.heard.slice(before - 1);
  pulse.stop();
  const [status] = await pulse.ended;
  partner.stop();
  socket.close();
  return {
    ...{ seconds, refused, memoryBefore, memoryPeak, memoryAfter, status, log: pulse.log, settled: before > 12 },
    ...{ busy, listenerLateMs: partner.latestMs() },
    gapMs: longestGap(during.map(({ at }) => at)),
    heartbeats: during.length,
    roles: [...new Set(during.map(({ trailer }) => `${trailer.active ? 'active' : 'inactive'}, term ${trailer.term}`))],
  };
}

/** The router's own address on a device with a carrier; the others answer on this machine, too. */
function makeNetwork(): void {
  const lines = [
    'link add eth0 type veth peer name far0',
    'link set far0 up',
    'link set eth0 up',
    `address add ${primary}/24 dev eth0`,
    ...[backup, strangers[0]].map((each) => `address add ${each}/32 dev lo`),
  ];
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as FloodOrder;
  setPriority(-20);
  mkdirSync('/run/piranha', { recursive: true, mode: 0o700 });
  makeNetwork();
  const folder = mkdtempSync('/run/flood-');
  process.stdout.write(JSON.stringify(await play({ ...order, folder })));
}

if (!isMainThread) void flood(workerData as Sent);
else if (process.argv[2] === 'lvs') standInForLvs();
else void main();
