import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import type { WantedDatagrams } from './datagram-filter.ts';
import { openUdpSocket } from './udp-socket.ts';

const any = 0 as Port;

const opened = (address: string) => {
  const socket = openUdpSocket(address as IpAddress, any);
  if (!socket.ok) throw new Error(socket.error.text);
  return socket.value;
};

/** Node tells at once that it listens. */
const bound = (socket: Socket, fd: number) =>
  new Promise<void>((resolve) => {
    socket.bind({ fd }, resolve);
  });

/** What comes through of these, each sent from its address; the last one has to. */
async function through(
  to: string,
  wanted: Omit<WantedDatagrams, 'senders'> & { readonly senders: readonly string[] },
  sent: readonly (readonly [from: string, hex: string])[],
): Promise<readonly string[]> {
  const type = to.includes(':') ? 'udp6' : 'udp4';
  const { fd, want } = opened(to);
  expect(want({ ...wanted, senders: wanted.senders as readonly IpAddress[] })).toEqual({ ok: true });
  const socket = createSocket(type);
  const heard: string[] = [];
  const [, last] = sent.at(-1) ?? ['', ''];
  const ended = new Promise<void>((resolve) => {
    socket.on('message', (bytes) => {
      heard.push(bytes.toString('hex'));
      if (heard.at(-1) === last) resolve();
    });
  });
  await bound(socket, fd);
  for (const [from, hex] of sent) {
    const sender = createSocket(type);
    sender.bind(0, from);
    await once(sender, 'listening');
    await new Promise((done) => {
      sender.send(Buffer.from(hex, 'hex'), socket.address().port, to, done);
    });
    sender.close();
  }
  await ended;
  socket.close();
  return heard;
}

describe('of what the kernel is told to leave out nothing arrives:', () => {
  test('other senders, IPv4', async () => {
    const senders = ['127.0.0.2', '127.0.0.3'];
    const sent = [
      ['127.0.0.4', '01'],
      ['127.0.0.3', '02'],
      ['127.0.0.1', '03'],
      ['127.0.0.2', '04'],
    ] as const;
    expect(await through('127.0.0.1', { senders, shortest: 0, bytes: [] }, sent)).toEqual(['02', '04']);
  });

  test('other senders, IPv6', async () => {
    const own = await through('::1', { senders: ['::2', '::1'], shortest: 0, bytes: [] }, [['::1', '01']]);
    expect(own).toEqual(['01']);
  });

  test('shorter ones, and those that lack a byte', async () => {
    const bytes = [
      { at: 1, byte: 0x4c },
      { at: 2, byte: 0x56 },
    ];
    const sent = ['004c', '004c5600', '004d5600', '004c5700', '004c56', '', '004c560011'].map(
      (hex) => ['127.0.0.2', hex] as const,
    );
    expect(await through('127.0.0.1', { senders: ['127.0.0.2'], shortest: 4, bytes }, sent)).toEqual([
      '004c5600',
      '004c560011',
    ]);
  });
});

test.each([
  ['127.0.0.1', '127.0.0.2'],
  ['::1', '::2'],
])('at %s only %s is heard at first, then everybody', async (own, other) => {
  const { fd, want } = opened(own);
  const socket = createSocket(own.includes(':') ? 'udp6' : 'udp4');
  await bound(socket, fd);
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString('hex')));
  const { port } = socket.address();
  const send = (hex: string) =>
    new Promise((done) => {
      socket.send(Buffer.from(hex, 'hex'), port, own, done);
    });
  expect(want({ senders: [other as IpAddress], shortest: 0, bytes: [] })).toEqual({ ok: true });
  await send('01');
  expect(want(undefined)).toEqual({ ok: true });
  const next = once(socket, 'message');
  await send('02');
  await next;
  expect(heard).toEqual(['02']);
  socket.close();
});

test('nothing left out can not be taken back: the reason is told', async () => {
  const { fd, want } = opened('127.0.0.1');
  expect(want(undefined)).toEqual({ ok: false, error: 'No such file or directory' });
  const socket = createSocket('udp4');
  await bound(socket, fd);
  socket.close();
});

test('an address that is not here is told with the reason', () => {
  expect(openUdpSocket('192.0.2.1' as IpAddress, any)).toEqual({
    ok: false,
    error: { text: 'Cannot assign requested address', absent: true },
  });
});
