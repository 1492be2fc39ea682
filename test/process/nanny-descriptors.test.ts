// The bundled nanny with too few descriptors, at every number from none to enough: no server is judged by that.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { NannyMessage } from '@piranha/protocol';
import { nannyProgram } from './nanny-process.ts';

jest.setTimeout(120_000);

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A nanny, what it says, and a limit that is set from outside while it runs. */
async function startNanny() {
  const child = spawn(process.execPath, [nannyProgram, '--commands'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const messages: NannyMessage[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    messages.push(JSON.parse(line) as NannyMessage);
    for (const look of [...waiting]) look();
  });
  const say = (command: unknown): void => void child.stdin.write(`${JSON.stringify(command)}\n`);
  const said = (wanted: (all: readonly NannyMessage[]) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!wanted(messages)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  closing.push(async () => {
    child.stdin.end();
    await ended;
  });
  await said((all) => all.some(({ type }) => type === 'ready'));
  const pid = String(child.pid);
  return {
    messages,
    say,
    said,
    /** From now on no file with this number or a higher one is opened. */
    limit: (soft: number): void => void execFileSync('prlimit', ['--pid', pid, `--nofile=${soft}:`]),
    highestDescriptor: (): number => Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number)),
    end: async (): Promise<number | null> => {
      child.stdin.end();
      return (await ended)[0];
    },
  };
}

const usual = {
  ...{ virtual: '192.0.2.100:80', address: '127.0.0.1', timeout: 200, fall: 1, rise: 1, load: null },
};

const dialogue = { kind: 'dialogue', send: null, expect: 'ready', useRegex: false };

/** A TCP service and a UDP one on the same port. */
async function servers() {
  const tcp = createServer((socket) => socket.on('error', () => undefined).end('ready')).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (_, { port: from, address }) => {
    udp.send('ready', from, address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const stopTcp = async (): Promise<void> => {
    if (tcp.listening) await once(tcp.close(), 'close');
  };
  closing.push(stopTcp, async () => once(udp.close(), 'close'));
  return { port, stopTcp };
}

const verdictsOn = (messages: readonly NannyMessage[], name: string): readonly string[] =>
  messages.flatMap((each) => ((each.type === 'up' || each.type === 'down') && each.watch === name ? [each.type] : []));

test('no server is judged by a lack of descriptors, whatever checks it; with descriptors verdicts come again', async () => {
  const { port, stopTcp } = await servers();
  const nanny = await startNanny();
  const checks = {
    tcp: { ...usual, kind: 'connect', protocol: 'tcp', port },
    answer: { ...usual, ...dialogue, protocol: 'tcp', port },
    udp: { ...usual, ...dialogue, protocol: 'udp', port, send: 'x' },
    program: { ...usual, ...dialogue, kind: 'program', port, program: ['/bin/echo', 'ready'] },
    load: {
      ...usual,
      kind: 'connect',
      protocol: 'tcp',
      port,
      load: { program: ['/bin/echo', '0.5'], every: 200, host: null },
    },
  };
  const names = Object.keys(checks);
  for (const [server, check] of Object.entries(checks))
    nanny.say({ type: 'watch', watch: server, check, known: 'unknown' });
  await nanny.said((all) => names.every((name) => verdictsOn(all, name).length > 0));
  await nanny.said((all) => all.some(({ type }) => type === 'load'));

  const open = nanny.highestDescriptor();
  for (const limit of [3, ...Array.from({ length: 10 }, (_, more) => open + more)]) {
    nanny.limit(limit);
    const pings = nanny.messages.filter(({ type }) => type === 'alive').length;
    // Several rounds of all checks.
    for (let round = 1; round <= 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      nanny.say({ type: 'ping' });
      await nanny.said((all) => all.filter(({ type }) => type === 'alive').length >= pings + round);
    }
  }
  expect(names.map((name) => verdictsOn(nanny.messages, name))).toEqual(names.map(() => ['up']));
  const troubles = nanny.messages.filter(({ type }) => type === 'trouble');
  expect(troubles).toEqual([{ type: 'trouble', problem: expect.stringMatching(/too many open files$/) }]);

  nanny.limit(3);
  await stopTcp();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(verdictsOn(nanny.messages, 'tcp')).toEqual(['up']);
  nanny.limit(1000);
  await nanny.said((all) => ['tcp', 'answer', 'load'].every((name) => verdictsOn(all, name).includes('down')));
  expect(['udp', 'program'].map((name) => verdictsOn(nanny.messages, name))).toEqual([['up'], ['up']]);
  expect(await nanny.end()).toBe(0);
});
