// Our end of a heartbeat and a bare socket for the partner, on loopback: for tests of the sockets.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock, Instant, IpAddress, Port } from '@piranha/domain';
import type { Datagram, Trailer } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { heartbeatSockets } from '../hands/heartbeat-socket.ts';
import type { Channel } from '../state-parts.ts';

// All of 127.0.0.0/8 is this machine: room for two routers and a stranger.
export const [ours, partners, strangers] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
export const channel: Channel = { name: 'public', own: ours as IpAddress, partner: partners as IpAddress };

/** What a test leaves open. */
export const closing: (() => Promise<unknown>)[] = [];

export async function closeAll(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

export async function socketOn(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  closing.push(async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  return socket;
}

/** Our end, open on a free port; the partner's end on the same. */
export async function loopbackPair(clock: Clock = systemClock) {
  const partner = await socketOn(partners);
  const port = partner.address().port as Port;
  const { log, lines } = recordingLogger();
  const sockets = heartbeatSockets(log, clock);
  const opened = await sockets.use([channel], port);
  if (!opened.ok) throw new Error(opened.error);
  closing.push(sockets.close);
  const words: string[] = [];
  const datagrams: Datagram[] = [];
  const waiting: (() => void)[] = [];
  const past = { until: -1n };
  const arrivedAt: Instant[] = [];
  sockets.listen(
    (datagram, name, at) => {
      arrivedAt.push(at);
      words.push(`${datagram.type === 'bare' ? datagram.word : datagram.signature} on ${name}`);
      datagrams.push(datagram);
      waiting.splice(0).forEach((wake) => {
        wake();
      });
    },
    ({ sequence }, name) => (sequence <= past.until && name === 'public' ? 'old-sequence' : undefined),
  );
  const say = (from: Socket, hex: string) => {
    from.send(Buffer.from(hex, 'hex'), port, ours);
  };
  /** Ends when the next word has been accepted. */
  const accepted = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  return { partner, port, lines, words, datagrams, arrivedAt, say, accepted, sockets, past };
}

export const trailer: Trailer = {
  kind: 'heartbeat',
  active: true,
  hears: true,
  leaving: false,
  given: false,
  want: false,
  held: false,
  class: 2,
  living: 3,
  term: 4,
  session: 5n,
  echo: 6n,
  sequence: 7n,
  digest: '0123456789abcdef',
};
