import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { CheckParts } from '@piranha/protocol';
import { checkOnce, checkWith } from '../testing/fake-check.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nanny-'));
});
afterAll(() => rm(folder, { recursive: true }));

function check(
  program: readonly [string, ...string[]],
  changes: Partial<CheckParts> = {},
  signal?: AbortSignal,
): Promise<string> {
  return checkOnce(checkWith({ program, timeout: milliseconds(20_000), ...changes }), signal);
}

const shell = (script: string): [string, ...string[]] => ['sh', '-c', script];
const abnormal = 'The following exited abnormally:';
const trouble = 'Trouble. Received results are not what we expected from (10.2.0.11:80):';

test('status 0 is good where nothing is expected', async () => {
  expect(await check(['true'])).toBe('good');
  expect(await check(shell('echo anything'))).toBe('good');
});

test('another status is bad, even with the right output, and standard error says why', async () => {
  expect(await check(['false'], { expect: 'OK' })).toBe(`${abnormal} false: status 1`);
  const failing = 'echo OK; echo "no answer" >&2; exit 3';
  expect(await check(shell(failing), { expect: 'OK' })).toBe(`${abnormal} sh -c ${failing}: status 3, "no answer\\n"`);
  expect(await check(shell('kill -KILL $$'))).toBe(`${abnormal} sh -c kill -KILL $$: killed by SIGKILL`);
});

test('the output has to be the expected one', async () => {
  expect(await check(['echo', 'OK'], { expect: 'OK' })).toBe('good');
  expect(await check(['printf', 'OK'], { expect: 'OK' })).toBe('good');
  expect(await check(['echo', 'OK'], { expect: '^O', useRegex: true })).toBe('good');
  expect(await check(['echo', 'OKx'], { expect: 'OK' })).toBe(`${trouble} "OKx\\n"`);
  expect(await check(['true'], { expect: '*' })).toBe(`${trouble} ""`);
});

test('%h and %p stand for address and port, inside of words too', async () => {
  expect(
    await check(['echo', '%h', '%p', 'http://%h:%p/%h'], { expect: '10.2.0.11 80 http://10.2.0.11:80/10.2.0.11' }),
  ).toBe('good');
});

test('a program that cannot be started is bad', async () => {
  expect(await check(['no-such-program'])).toBe(`${abnormal} no-such-program: no such file or directory`);
  expect(await check(['/etc/passwd/x'])).toBe(`${abnormal} /etc/passwd/x: not a directory`);
  expect(await check(['echo', 'x'.repeat(3_000_000)])).toMatch(/argument list too long$/);
});

test('a program that this user may not run says nothing of a server', async () => {
  for (const path of ['/etc/passwd', '/etc']) {
    expect(await check([path])).toBe(`${path} cannot be started: permission denied`);
  }
});

test('a great deal of output does no harm', async () => {
  expect(await check(shell('head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2'))).toBe('good');
});

test('a program is found on a fixed path', async () => {
  expect(
    await check(shell('echo $PATH'), { expect: '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin' }),
  ).toBe('good');
});

test('what a program leaves running is ended with it', async () => {
  expect(await check(shell('sleep 60 & echo OK'), { expect: 'OK' })).toBe('good');
});

test.each(['setsid sleep 60 &', 'timeout 60 sleep 60 &'])(
  'what it leaves running outside of its group does not count either, and is ended: %s',
  async (leave) => {
    const pids = join(folder, 'left');
    const script = `${leave} echo $! > ${pids}; echo OK`;
    expect(await check(shell(script), { expect: 'OK' })).toBe('good');
    await gone(Number(await readFile(pids, 'utf8')));
  },
);

test('what a program sees of the environment is little', async () => {
  process.env['NOTIFY_SOCKET'] = '/run/notify';
  expect(await check(shell('echo ".$NOTIFY_SOCKET"'), { expect: '.' })).toBe('good');
  delete process.env['NOTIFY_SOCKET'];
});

test('at the limit the program is killed, with all that it started', async () => {
  const pids = join(folder, 'pids');
  const script = `sleep 60 & echo $$ $! > ${pids}; wait`;
  expect(await check(shell(script), { timeout: milliseconds(1000) })).toBe(
    `${abnormal} sh -c ${script}: killed after 1000 ms`,
  );
  const written = (await readFile(pids, 'utf8')).trim().split(' ').map(Number);
  expect(written).toHaveLength(2);
  for (const pid of written) await gone(pid);
});

/** Resolves when a process has ended: a killed orphan needs a moment, and is a zombie until init reaps it. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (status === '' || status.includes(') Z ')) return;
    await new Promise(setImmediate);
  }
}

test('a check that is called off ends its program', async () => {
  const controller = new AbortController();
  const checked = check(['sleep', '60'], {}, controller.signal);
  controller.abort();
  expect(await checked).toBe('the check was called off');
});
