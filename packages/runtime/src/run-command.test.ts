import { expect, test } from '@jest/globals';
import { seconds, milliseconds } from '@piranha/domain';
import { asking, runCommand } from './run-command.ts';

const node = (script: string, more: object = {}) =>
  runCommand({ file: process.execPath, args: ['-e', script], limit: seconds(20), ...more });

test('a command that succeeds gives what it wrote', async () => {
  expect(await node(`console.log('out'); console.error('err')`)).toEqual({
    ok: true,
    value: { stdout: 'out', stderr: 'err' },
  });
});

test('input reaches the command on its standard input', async () => {
  const result = await node('process.stdin.pipe(process.stdout)', { input: 'line one\nline two' });
  expect(result).toMatchObject({ ok: true, value: { stdout: 'line one\nline two' } });
});

test('a command that fails tells its status and its standard error', async () => {
  const result = await node(`console.error('no such service'); process.exitCode = 2`);
  expect(result).toMatchObject({ ok: false, error: { stderr: 'no such service' } });
  expect(result.ok ? '' : result.error.problem).toMatch(/ended with status 2$/);
});

test('a command that hangs is killed at its limit', async () => {
  const result = await node('setInterval(() => {}, 1000)', { limit: milliseconds(100) });
  expect(result.ok ? '' : result.error.problem).toMatch(/did not end within 100 ms$/);
});

test('a command that does not exist is a failure in words', async () => {
  const result = await runCommand({ file: '/nonexistent/ipvsadm', args: ['-Ln'], limit: seconds(1) });
  expect(result.ok ? '' : result.error.problem).toMatch(/^\/nonexistent\/ipvsadm -Ln: .*ENOENT/);
});

test('no shell looks at the arguments', async () => {
  const result = await runCommand({ file: 'echo', args: ['$HOME', ';', '`id`'], limit: seconds(5) });
  expect(result).toMatchObject({ ok: true, value: { stdout: '$HOME ; `id`' } });
});

test('a program that is asked again and again gives what it printed, or in words why it did not', async () => {
  const ask = asking(process.execPath, seconds(20));
  expect(await ask('-p', '6 * 7')).toEqual({ ok: true, value: '42' });
  const refused = await ask('-e', `console.error('no\\nsuch table'); process.exitCode = 3`);
  expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/ended with status 3: no; such table$/) });
});
