import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { NannyMessage } from '@piranha/protocol';
import { askLoad } from './ask-load.ts';
import { createUnderWay } from './under-way.ts';
import { checkWith } from '../testing/fake-check.ts';
import type { LoadQuery } from '../rules/load.ts';
import { startNanny } from './nanny.ts';

const query = (program: readonly string[], changes: Partial<LoadQuery> = {}): LoadQuery => ({
  ...{ program, host: null, limit: milliseconds(20_000) },
  ...changes,
});

async function ask(program: readonly string[], changes: Partial<LoadQuery> = {}): Promise<number | string> {
  const result = await askLoad(query(program, changes), new AbortController().signal);
  return result.ok ? result.value : result.error;
}

const shell = (script: string): readonly string[] => ['sh', '-c', script];
const failed = 'failed to read remote load: The following exited abnormally:';

test('the uptime of this machine is understood', async () => {
  const [first = ''] = (await readFile('/proc/loadavg', 'utf8')).split(' ');
  expect(Math.abs(Number(await ask(['uptime'])) - Number(first))).toBeLessThan(2);
});

test('a program is found on a fixed path, with nothing to read and in the language C', async () => {
  expect(await ask(shell('cat; echo "$LC_ALL $PATH" >&2; echo x'))).toBe(
    'bad load average returned: "x\\n", "C /usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/b…"',
  );
});

test('output that is no load is shown, with what the program complains of', async () => {
  expect(await ask(shell('echo "no answer" >&2'))).toBe('bad load average returned: "", "no answer\\n"');
  expect(await ask(shell('head -c 3000000 /dev/zero'))).toMatch(/^bad load average returned: "(\\x00){60}…"$/);
});

test('of many hosts the right one is taken, and it is said when it is missing', async () => {
  const hosts = shell('echo "one up 1:00, 0 users, load 0.10, 0.20, 0.30"; echo "two down 1:00"');
  expect(await ask(hosts, { host: 'one' })).toBe(0.1);
  expect(await ask(shell('echo "two down 1:00"'), { host: 'three' })).toBe(
    'bad load average returned: "two down 1:00\\n" (without one line for three)',
  );
});

test('a program that fails is no answer, whatever it prints', async () => {
  expect(await ask(shell('echo 0.1; echo refused >&2; exit 255'))).toBe(
    `${failed} sh -c echo 0.1; echo refused >&2; exit 255: status 255, "refused\\n"`,
  );
  expect(await ask(['no-such-program', '10.2.0.11'])).toBe(
    `${failed} no-such-program 10.2.0.11: no such file or directory`,
  );
});

test('one that hangs is killed at its limit', async () => {
  expect(await ask(['sleep', '60'], { limit: milliseconds(300) })).toBe(`${failed} sleep 60: killed after 300 ms`);
});

test('one that is called off ends, and nobody wants its result', async () => {
  const queries = createUnderWay();
  const some = [1, 2, 3].map(async (run) => {
    await askLoad(query(['sleep', '60']), queries.begin(run));
    return queries.end(run);
  });
  queries.callOff(2);
  queries.callOffAll();
  expect(await Promise.all(some)).toEqual([false, false, false]);
});

test('one that ends by itself is wanted once', async () => {
  const queries = createUnderWay();
  const loaded = await askLoad(query(['echo', '0.5']), queries.begin(1));
  expect([loaded.ok, queries.end(1), queries.end(1)]).toEqual([true, true, false]);
});

test('a running nanny tells loads again and again while its servers are up, and logs of one that hangs', async () => {
  const messages = new EventEmitter<Record<NannyMessage['type'], [NannyMessage]>>();
  const told: NannyMessage[] = [];
  const nanny = startNanny({
    report: (message) => {
      told.push(message);
      messages.emit(message.type, message);
    },
  });
  const real = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(real, 'listening');
  const { port } = real.address() as AddressInfo;
  const watch = (server: string, script: string): void => {
    const check = checkWith({
      ...{ address: '127.0.0.1' as IpAddress, port: port as Port, timeout: milliseconds(50) },
      load: { program: ['sh', '-c', script] as const, every: milliseconds(60), host: null },
    });
    nanny.obey({ type: 'watch', watch: server, check, known: 'unknown' });
  };
  watch('hangs', 'exec sleep 60');
  watch('well', 'echo "load average: 0.50, 0.20, 0.10"');
  for (let count = 0; count < 3; count++) {
    expect(await once(messages, 'load')).toEqual([{ type: 'load', watch: 'well', load: 0.5 }]);
  }
  const down = once(messages, 'down');
  real.close();
  await down;
  nanny.stop();
  expect(told.filter(({ type }) => type === 'up')).toHaveLength(2);
});
