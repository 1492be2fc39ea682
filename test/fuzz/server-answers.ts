// A real nanny that checks servers which answer anything at all: each check ends in a verdict in time, and nanny neither
// ends, nor grows, nor keeps connections.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { CheckParts } from '@piranha/protocol';
import type { Random } from '@piranha/testing';
import { openDescriptors, peakMemory, startNanny } from '../process/nanny-process.ts';
import { chunksOf, damaged, randomBytes } from './bytes.ts';
import { trials, within } from './trials.ts';

const right = Buffer.from('HTTP/1.1 200 OK\r\n\r\n');

const answers = (random: Random): Buffer =>
  random.pick([
    () => right,
    () => damaged(right, random),
    () => randomBytes(random, random.whole(0, 2000)),
    () => Buffer.concat([randomBytes(random, 20), right]),
    () => Buffer.alloc(random.whole(1, 100_000), random.pick(['a', '\0', '\n', '\u{1F600}'])),
  ])();

type Manner = (socket: Socket, random: Random) => void;

const says: Manner = (socket, random) => {
  for (const chunk of chunksOf(answers(random), random)) socket.write(chunk);
};

/** What servers do with a connection. */
const manners: readonly [Manner, ...Manner[]] = [
  says,
  (socket, random) => {
    says(socket, random);
    socket.end();
  },
  (socket, random) => socket.write(answers(random), () => socket.resetAndDestroy()),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
  () => undefined,
  (socket, random) => {
    const much = random.chance(0.5) ? randomBytes(random, 64 * 1024) : Buffer.alloc(64 * 1024, 'a');
    const write = (): void => {
      while (socket.writable && socket.write(much));
    };
    socket.on('drain', write);
    write();
  },
  (socket, random) => {
    const bytes = answers(random);
    let at = 0;
    const timer = setInterval(
      () => {
        if (socket.writable) socket.write(bytes.subarray(at, ++at));
      },
      random.whole(1, 60),
    );
    socket.once('close', () => {
      clearInterval(timer);
    });
  },
];

const questions = (random: Random): Partial<CheckParts> => ({
  send: random.pick([null, 'GET / HTTP/1.0\\r\\n\\r\\n', '', '\\', 'x'.repeat(100_000)]),
  expect: random.pick([null, '*', 'HTTP/1.1 200', 'OK', '', '(a+)+$', '[^x]*y', '\\', 'a'.repeat(200)]),
  useRegex: random.chance(0.5),
  timeout: milliseconds(random.whole(50, 600)),
});

type Served = { readonly port: Port; readonly close: () => Promise<void> };

async function serve(random: Random): Promise<Served> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (random.chance(0.8)) socket.resume();
    random.pick(manners)(socket, random);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port as Port, close };
}

async function serveDatagrams(random: Random): Promise<Served> {
  const socket = createSocket('udp4');
  socket.on('message', (_question, { port, address }) => {
    for (let left = random.whole(0, 3); left > 0; left -= 1)
      socket.send(answers(random).subarray(0, 1400), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  return { port: socket.address().port as Port, close };
}

/** In ms: far beyond the limit of any check here, for a machine that does other things, too. */
const late = 30_000;
/** In MB: what nanny's tests grant it. */
const mostMemory = 192;

async function open() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'piranha-fuzz-')));
  const nanny = startNanny(folder, { PATH: process.env['PATH'] });
  // The library for expressions is loaded by the first that needs it.
  await nanny.check({ port: 1 as Port, expect: 'x*', useRegex: true });
  const descriptors = openDescriptors(nanny.pid);
  const judge = async (random: Random): Promise<string | undefined> => {
    const udp = random.chance(0.2);
    const server = await (udp ? serveDatagrams(random) : serve(random));
    const check = { ...questions(random), protocol: udp ? 'udp' : 'tcp', port: server.port } as const;
    const found = await within(late, nanny.check(check));
    await server.close();
    if (found === undefined) return `no verdict within ${late} ms of ${JSON.stringify(check)}`;
    const proper = found.verdict === 'up' || /^down: [^\p{Cc}]{1,400}$/u.test(found.verdict);
    return proper
      ? undefined
      : `the verdict ${JSON.stringify(found.verdict.slice(0, 500))} of ${JSON.stringify(check)}`;
  };
  const close = async () => {
    const left = await settledDescriptors(nanny.pid, descriptors);
    const memory = Math.round(peakMemory(nanny.pid) / 2 ** 20);
    const { status, complaints } = await nanny.end();
    rmSync(folder, { recursive: true });
    const figures = `nanny never had more than ${memory} MB`;
    if (status !== 0 || complaints !== '') return { problem: `nanny ended with ${status}: ${complaints}`, figures };
    if (left > descriptors) return { problem: `${left - descriptors} descriptors are left`, figures };
    return { problem: memory > mostMemory ? figures : undefined, figures };
  };
  return { judge, close };
}

/** Looks until there are no more than before, or time is up. */
async function settledDescriptors(pid: number, before: number): Promise<number> {
  for (let left = 100; left > 0 && openDescriptors(pid) > before; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return openDescriptors(pid);
}

/** Servers by chance. */
export const run = trials({ name: 'server-answers', open, atOnce: 30 });
