import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import { milliseconds } from '@piranha/domain';
import type { CheckParts } from '@piranha/protocol';
import { checkOnce, checkWith } from '../testing/fake-check.ts';

/** What a server does with a datagram. */
type Behaviour = (server: Socket, from: RemoteInfo, datagram: Buffer) => void;

/** Runs `work` against a server on loopback. */
async function serving<T>(behaviour: Behaviour, work: (port: Port) => Promise<T>): Promise<T> {
  const server = createSocket('udp4');
  server.on('message', (datagram, from) => {
    behaviour(server, from, datagram);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const result = await work(server.address().port as Port);
  const closed = once(server, 'close');
  server.close();
  await closed;
  return result;
}

async function check(port: Port, changes: Partial<CheckParts>): Promise<string> {
  const usual = {
    virtual: '10.1.0.100:53',
    address: '127.0.0.1' as IpAddress,
    protocol: 'udp',
  } as const;
  const result = await checkOnce(checkWith({ ...usual, port, timeout: milliseconds(20_000), ...changes }));
  return result.replaceAll(String(port), 'PORT');
}

const brief = { timeout: milliseconds(150) };
const silent: Behaviour = () => undefined;
const echo: Behaviour = (server, from, datagram) => {
  server.send(datagram, from.port, from.address);
};
const checkOf = (behaviour: Behaviour, changes: Partial<CheckParts>): Promise<string> =>
  serving(behaviour, (port) => check(port, changes));

test('the right answer is good, a wrong one is shown, and none is a READ that timed out', async () => {
  expect(await checkOf(echo, { send: 'ping\\n', expect: 'ping' })).toBe('good');
  expect(await checkOf(echo, { send: 'ping', expect: 'i.g', useRegex: true })).toBe('good');
  expect(await checkOf(echo, { send: 'pong', expect: 'ping' })).toBe('unexpected answer "pong"');
  expect(await checkOf(silent, { send: 'ping', expect: 'ping', ...brief })).toBe('READ to 127.0.0.1:PORT timed out');
});

test('where nothing is expected, silence and any answer are good', async () => {
  expect(await checkOf(silent, brief)).toBe('good');
  expect(await checkOf(echo, {})).toBe('good');
});

test('a closed port is a refused connection, whether an answer is expected or not', async () => {
  const closed = await serving(silent, (port) => Promise.resolve(port));
  expect(await check(closed, {})).toBe('connection refused');
  expect(await check(closed, { send: 'ping', expect: 'ping' })).toBe('connection refused');
});

test('only the server itself may answer', async () => {
  const stranger = createSocket('udp4');
  const forged: Behaviour = (_server, from) => {
    stranger.send('ping', from.port, from.address);
  };
  expect(await checkOf(forged, { send: 'ping', expect: 'ping', ...brief })).toBe('READ to 127.0.0.1:PORT timed out');
  stranger.close();
});

test('what cannot be sent is told', async () => {
  expect(await checkOf(silent, { send: 'x'.repeat(70_000) })).toBe('message too long');
});

test('a lost datagram is sent again', async () => {
  let heard = 0;
  const deafAtFirst: Behaviour = (server, from, datagram) => {
    heard++;
    if (heard > 1) echo(server, from, datagram);
  };
  expect(await checkOf(deafAtFirst, { send: 'ping', expect: 'ping' })).toBe('good');
});
