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
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

describe('by hand with --once', () => {
  test('a server that is up is status 0, one that is down is status 2 with the reason', async () => {
    const [good, closed] = await Promise.all([faulty.answering('HTTP/1.1 200 OK')(), faulty.closedPort()]);
    const up = await byHand('-p', String(good.port), '-x', 'HTTP', '-t', '60');
    expect(up).toMatchObject({ status: 0, stdout: expect.stringContaining(`127.0.0.1:${good.port} is up`) });
    const refused = await byHand('-p', String(closed.port), '-t', '60');
    const words = `127.0.0.1:${closed.port} is down: connection refused`;
    expect(refused).toMatchObject({ status: 2, stdout: expect.stringContaining(words) });
    await good.close();
  });

  test.each([
    [['-s', '\\q'], 'error: --send_string: unknown escape \\q (known are '],
    [['-x', '\\x4'], 'error: --expect_string: \\x needs two hexadecimal digits (known are '],
    [['-x', '(', '--regex'], 'error: expect is not a valid regular expression: missing closing )'],
    [['-e', '/no/such/program %h'], 'error: --send_program: /no/such/program is missing'],
  ])('%j can never succeed: status 1', async (options, words) => {
    const refused = await byHand('-p', '1', ...options);
    expect(refused).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining(words) });
  });

  test('a program that hangs is killed at the interval', async () => {
    const hung = await byHand('-p', '1', '-e', 'sleep 600', '-t', '0.7');
    const words = '127.0.0.1:1 is down: The following exited abnormally: sleep 600: killed after 700 ms';
    expect(hung).toMatchObject({ status: 2, stdout: expect.stringContaining(words) });
  });
});
