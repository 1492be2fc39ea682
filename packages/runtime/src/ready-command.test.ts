import { expect, test } from '@jest/globals';
import { milliseconds, seconds } from '@piranha/domain';
import { startReadyCommand } from './ready-command.ts';

const start = (script: string) => startReadyCommand(process.execPath, ['-e', script]);
const echo = 'process.stdin.pipe(process.stdout)';

test('a command that was started ahead gets its input later and gives what it wrote', async () => {
  const command = start(echo);
  expect(command.waits()).toBe(true);
  expect(await command.run('one\ntwo', seconds(20))).toEqual({ ok: true, value: { stdout: 'one\ntwo', stderr: '' } });
  expect(command.waits()).toBe(false);
});

test('its failure is told as that of any command', async () => {
  const command = start(`process.stdin.resume(); process.stdin.on('end', () => process.exit(3))`);
  const result = await command.run('lines', seconds(20));
  expect(result).toMatchObject({ ok: false, error: { status: 3, stderr: '' } });
  expect(result.ok ? '' : result.error.problem).toMatch(/ended with status 3$/);
});

test('one that hangs is killed at the limit, which begins with its use', async () => {
  const command = start('setInterval(() => {}, 1000)');
  const result = await command.run('lines', milliseconds(100));
  expect(result.ok ? '' : result.error.problem).toMatch(/did not end within 100 ms$/);
});

test('one that has died, or was never there, does not wait any more', async () => {
  for (const command of [start('process.exit(0)'), startReadyCommand('/nonexistent/ipvsadm', ['-R'])]) {
    await command.run('lines', seconds(20));
    expect(command.waits()).toBe(false);
  }
});

test('an unused one is ended', async () => {
  const command = start(echo);
  await command.drop();
  expect(command.waits()).toBe(false);
});
