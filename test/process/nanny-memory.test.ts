// What a nanny keeps after thousands of checks: the bundled program, whose garbage is collected before it is measured.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'piranha-nanny-memory-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Answers each message with the size of the heap in bytes. */
const measure = join(folder, 'measure.cjs');
writeFileSync(measure, `process.on('message', () => { gc(); gc(); process.send(process.memoryUsage().heapUsed); });`);

/** In service checks; counts those that came. */
function countingServer(): { readonly server: Server; readonly checks: () => number } {
  let checks = 0;
  const server = createServer((socket) => {
    checks += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  });
  return { server, checks: () => checks };
}

function startNanny() {
  const words = ['--expose-gc', '--require', measure, 'build/lib/nanny.cjs', '--commands'];
  const nanny = spawn(process.execPath, words, { stdio: ['pipe', 'ignore', 'inherit', 'ipc'], timeout: 110_000 });
  return {
    watch: (server: string, port: number) => {
      const check = {
        ...{ kind: 'dialogue', virtual: '10.1.0.100:80', address: '127.0.0.1', port, protocol: 'tcp' },
        ...{ send: 'GET / HTTP/1.0\\r\\n\\r\\n', expect: 'HTTP/1.1 200', useRegex: false },
        ...{ timeout: 50, fall: 1, rise: 1, load: null },
      };
      nanny.stdin?.write(`${JSON.stringify({ type: 'watch', watch: server, known: 'unknown', check })}\n`);
    },
    heap: async (): Promise<number> => {
      const answer = once(nanny, 'message') as Promise<[number]>;
      nanny.send('measure');
      return (await answer)[0];
    },
    stop: async () => {
      const ended = once(nanny, 'exit');
      nanny.kill('SIGKILL');
      await ended;
    },
  };
}

test('after 6,000 checks a nanny keeps no more than after 1,000', async () => {
  const { server, checks } = countingServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const nanny = startNanny();
  const after = async (count: number): Promise<number> => {
    while (checks() < count) await new Promise((resolve) => setTimeout(resolve, 50));
    return nanny.heap();
  };
  for (let each = 0; each < 20; each += 1) nanny.watch(`s${each}`, (server.address() as AddressInfo).port);
  const early = await after(1000);
  const late = await after(6000);
  await nanny.stop();
  server.close();
  // 100 bytes for each check in between: whoever kept something of each would keep more.
  expect(late - early).toBeLessThan(500_000);
});
