import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import type { DatagramRules, WantedDatagrams } from './datagram-filter.ts';
import { openUdpSocket } from './udp-socket.ts';

const any = 0 as Port;

const noRules: DatagramRules = { family: 4, only: undefined, ttl: { least: 0 }, devices: [] };

const opened = (address: string, rules = noRules) => {
  const socket = openUdpSocket({ address: address as IpAddress, port: any, ttl: 255 }, rules);
  if (!socket.ok) throw new Error(socket.error.text);
  return socket.value;
};

/** Node tells at once that it listens. */
const bound = (socket: Socket, fd: number) =>
  new Promise<void>((resolve) => {
    socket.bind({ fd }, resolve);
  });

/** What comes through of these, each sent from its address with its TTL; the last one has to. */
async function through(
  to: string,
  rules: Partial<Omit<DatagramRules, 'only'>> & { readonly only?: Wanted },
  sent: readonly (readonly [from: string, hex: string, ttl?: number, port?: number])[],
): Promise<readonly string[]> {
  const family = to.includes(':') ? 6 : 4;
  const senderPort = await freePort();
  const only = rules.only === undefined ? undefined : ({ ...rules.only, port: senderPort } as WantedDatagrams);
  const { fd } = opened(to, { ...noRules, family, ...rules, only });
  const socket = createSocket(`udp${family}`);
  const heard: string[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.on('message', (bytes) => {
      heard.push(bytes.toString('hex'));
      if (heard.length === sent.length || heard.at(-1) === last) resolve();
    });
  });
  const [, last] = sent.at(-1) ?? ['', ''];
  await bound(socket, fd);
  for (const [from, hex, ttl = 64, port = senderPort] of sent) {
    const sender = createSocket(`udp${family}`);
    sender.bind(port, from);
    await once(sender, 'listening');
    sender.setTTL(ttl);
    await new Promise((done) => {
      sender.send(Buffer.from(hex, 'hex'), socket.address().port, to, done);
    });
    await new Promise<void>((done) => sender.close(done));
  }
  await ended;
  socket.close();
  return heard;
}

type Wanted = Omit<WantedDatagrams, 'senders' | 'port'> & { readonly senders: readonly string[] };

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

describe('of what the kernel is told to leave out nothing arrives:', () => {
  test('other senders, IPv4', async () => {
    const senders = ['127.0.0.2', '127.0.0.3'];
    const sent = [
      ['127.0.0.4', '01020304'],
      ['127.0.0.3', '02020304'],
      ['127.0.0.1', '03020304'],
      ['127.0.0.2', '04020304'],
    ] as const;
    const heard = await through('127.0.0.1', { only: { senders, shortest: 0, bytes: [] } }, sent);
    expect(heard).toEqual(['02020304', '04020304']);
  });

  test('other senders, IPv6', async () => {
    const only = { senders: ['::2', '::1'], shortest: 0, bytes: [] };
    expect(await through('::1', { only }, [['::1', '01020304']])).toEqual(['01020304']);
  });

  test('shorter ones, and those that lack a byte', async () => {
    const bytes = [
      { at: 1, byte: 0x4c },
      { at: 2, byte: 0x56 },
    ];
    const sent = ['004c', '004c5600', '004d5600', '004c5700', '004c56', '004c560011'].map(
      (hex) => ['127.0.0.2', hex] as const,
    );
    const only = { senders: ['127.0.0.2'], shortest: 4, bytes };
    expect(await through('127.0.0.1', { only }, sent)).toEqual(['004c5600', '004c560011']);
  });

  test('what comes from another port of the sender', async () => {
    const only = { senders: ['127.0.0.2'], shortest: 0, bytes: [] };
    const sent = [
      ['127.0.0.2', '01020304', 64, 0],
      ['127.0.0.2', '02020304'],
    ] as const;
    expect(await through('127.0.0.1', { only }, sent)).toEqual(['02020304']);
  });

  test('whatever breaks another rule: nobody is woken for it', async () => {
    const only = { senders: ['127.0.0.2'], shortest: 0, bytes: [] };
    const sent = [
      ['127.0.0.3', '01020304', 255],
      ['127.0.0.2', '02020304', 254],
      ['127.0.0.2', '03020304', 255],
    ] as const;
    expect(await through('127.0.0.1', { only, ttl: { least: 255 }, devices: [loopback] }, sent)).toEqual(['03020304']);
  });
});

/** The device of 127.0.0.1 is the first one of each network namespace. */
const loopback = 1;

describe('what breaks a rule is cut to a length that names the rule:', () => {
  test.each([
    ['127.0.0.1', '127.0.0.2'],
    ['::1', '::1'],
  ])('too many hops away from %s', async (to, from) => {
    const sent = [
      [from, '01020304', 254],
      [from, '02020304', 1],
      [from, '03020304', 255],
    ] as const;
    expect(await through(to, { ttl: { least: 255 } }, sent)).toEqual(['01', '02', '03020304']);
  });

  test('those with a bit from farther than those without it', async () => {
    const from = '127.0.0.2';
    const sent = [
      [from, '01020380', 255],
      [from, '02020380', 254],
      [from, '030203ff', 64],
      [from, '0402037f', 64],
      [from, '0502037f', 63],
      [from, '060203', 64],
      [from, '070203', 63],
      [from, '0802030405', 255],
    ] as const;
    expect(await through('127.0.0.1', { ttl: { least: 255, without: { at: 3, bit: 0x80, least: 64 } } }, sent)).toEqual(
      ['01020380', '02', '03', '0402037f', '05', '060203', '07', '0802030405'],
    );
  });

  test('another device', async () => {
    const sent = ['01020304', '05060708'].map((hex) => ['127.0.0.2', hex] as const);
    expect(await through('127.0.0.1', { devices: [loopback + 1, loopback + 2] }, sent)).toEqual(['0102', '0506']);
  });

  test('no longer than what is cut, and so without a rule', async () => {
    const sent = ['01', '', '0102', '010203'].map((hex) => ['127.0.0.2', hex] as const);
    expect(await through('127.0.0.1', {}, sent)).toEqual(['', '', '', '010203']);
  });
});

test('one of several devices is enough', async () => {
  const sent = [['127.0.0.2', '01020304']] as const;
  for (const devices of [[loopback], [loopback, 7, 9], [7, loopback, 9], [7, 9, loopback]])
    expect(await through('127.0.0.1', { devices }, sent)).toEqual(['01020304']);
});

test('the rules that were told last are in force', async () => {
  const { fd, judgeBy } = opened('127.0.0.1');
  const socket = createSocket('udp4');
  await bound(socket, fd);
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString('hex')));
  const { port } = socket.address();
  const send = (hex: string) =>
    new Promise((done) => {
      socket.send(Buffer.from(hex, 'hex'), port, '127.0.0.1', done);
    });
  const only = { senders: ['127.0.0.2' as IpAddress], port: 1 as Port, shortest: 0, bytes: [] };
  expect(judgeBy({ ...noRules, only })).toEqual({ ok: true });
  await send('01020304');
  expect(judgeBy(noRules)).toEqual({ ok: true });
  const next = once(socket, 'message');
  await send('02020304');
  await next;
  expect(heard).toEqual(['02020304']);
  socket.close();
});

test.each([
  ['127.0.0.1', 4],
  ['::1', 6],
] as const)('what is sent from %s has the time to live that was asked for', async (address, family) => {
  const rules: DatagramRules = { ...noRules, family, ttl: { least: 255 } };
  const [from, to] = [createSocket(`udp${family}`), createSocket(`udp${family}`)];
  await bound(to, opened(address, rules).fd);
  const heard = once(to, 'message') as Promise<[Buffer]>;
  for (const ttl of [254, 255]) {
    const end = openUdpSocket({ address: address as IpAddress, port: any, ttl }, { ...noRules, family });
    if (!end.ok) throw new Error(end.error.text);
    const socket = ttl === 255 ? from : createSocket(`udp${family}`);
    await bound(socket, end.value.fd);
    await new Promise((done) => {
      socket.send(Buffer.alloc(8, ttl), to.address().port, address, done);
    });
    if (socket !== from) socket.close();
  }
  const [first] = await heard;
  // One that is cut arrives as a single byte.
  expect(first).toHaveLength(1);
  const [second] = (await once(to, 'message')) as [Buffer];
  expect(second).toEqual(Buffer.alloc(8, 255));
  from.close();
  to.close();
});

test('an address that is not here is told with the reason', () => {
  expect(openUdpSocket({ address: '192.0.2.1' as IpAddress, port: any, ttl: 255 }, noRules)).toEqual({
    ok: false,
    error: { text: 'Cannot assign requested address', absent: true },
  });
});
