// The bundled nanny as a real process: it asks for loads, and leaves nothing behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'piranha-nanny-load-'));
const pids = join(folder, 'pids');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Whether a process is there and is more than a zombie that init has yet to reap. */
function runs(pid: string): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

test('loads are told while another program hangs, and the end of lvs ends that program too', async () => {
  const real = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(real, 'listening');
  const nanny = spawn(process.execPath, ['build/lib/nanny.cjs', '--commands'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 50_000,
  });
  const watch = (server: string, script: string): void => {
    const check = {
      ...{
        kind: 'connect',
        virtual: '10.1.0.100:80',
        address: '127.0.0.1',
        port: (real.address() as AddressInfo).port,
        protocol: 'tcp',
      },
      ...{ timeout: 100, fall: 1, rise: 1 },
      load: { program: ['sh', '-c', script], every: 200, host: null },
    };
    nanny.stdin.write(`${JSON.stringify({ type: 'watch', watch: server, known: 'up', check })}\n`);
  };
  watch('hangs', `sleep 600 & echo $$ $! > ${pids}; wait`);
  watch('well', 'echo " up 1 day, load average: 0.50, 0.20, 0.10"');
  const ended = once(nanny, 'exit');
  let loads = 0;
  for await (const line of createInterface({ input: nanny.stdout })) {
    if (line === '{"type":"load","watch":"well","load":0.5}') loads++;
    // Other servers are asked while it hangs.
    if (loads > 2 && existsSync(pids) && readFileSync(pids, 'utf8').endsWith('\n')) break;
  }
  const hanging = readFileSync(pids, 'utf8').trim().split(' ');
  expect(hanging.map(runs)).toEqual([true, true]);
  nanny.stdin.end();
  expect(await ended).toEqual([0, null]);
  while (hanging.some(runs)) await new Promise(setImmediate);
  await once(real.close(), 'close');
});
