// The bundled nanny as an administrator tries it by hand: one check, told in words and by the exit status.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, jest, test } from '@jest/globals';
import * as faulty from './faulty-servers.ts';
import { nannyProgram } from './nanny-process.ts';

jest.setTimeout(120_000);

async function byHand(...args: readonly string[]) {
  const child = spawn(process.execPath, [nannyProgram, '-h', '127.0.0.1', ...args, '--once'], { timeout: 60_000 });
  child.stdin.end();
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>]);
  return { status, stdout };
}

describe('by hand with --once', () => {
  test('a server that is up is status 0, one that is down is status 2 with the reason', async () => {
    const [good, closed] = await Promise.all([faulty.answering('HTTP/1.1 200 OK')(), faulty.closedPort()]);
    const up = await byHand('-p', String(good.port), '-x', 'HTTP', '-t', '60');
    expect(up).toEqual({ status: 0, stdout: expect.stringContaining(`127.0.0.1:${good.port} is up`) });
    const refused = await byHand('-p', String(closed.port), '-t', '60');
    const words = `127.0.0.1:${closed.port} is down: connection refused`;
    expect(refused).toEqual({ status: 2, stdout: expect.stringContaining(words) });
    await good.close();
  });

  test('a program that hangs is killed at the interval', async () => {
    const hung = await byHand('-p', '1', '-e', 'sleep 600', '-t', '0.7');
    const words = '127.0.0.1:1 is down: The following exited abnormally: sleep 600: killed after 700 ms';
    expect(hung).toEqual({ status: 2, stdout: expect.stringContaining(words) });
  });
});
