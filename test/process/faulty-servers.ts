// Servers on loopback that behave badly, each in its own way; the checked nanny is the only client they ever have.
import type { RemoteInfo } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Port } from '@piranha/domain';

/** A server that runs. */
export type FaultyServer = { readonly port: Port; readonly close: () => Promise<void> };

/** Starts a server. */
export type ServerKind = () => Promise<FaultyServer>;

/** TCP: what is done with each connection. */
const tcp =
  (behave: (socket: Socket) => void): ServerKind =>
  async () => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      socket.on('error', () => undefined);
      socket.resume();
      socket.setNoDelay(true);
      behave(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port as Port,
      close: async () => {
        const closed = once(server, 'close');
        server.close();
        for (const socket of open) socket.destroy();
        await closed;
      },
    };
  };

/** The port of a server that is gone. */
const gone =
  (kind: ServerKind): ServerKind =>
  async () => {
    const { port, close } = await kind();
    await close();
    return { port, close: () => Promise.resolve() };
  };

export const silent = tcp(() => undefined);

/** A port on which nobody listens. */
export const closedPort = gone(silent);

/** Says it and keeps the connection open. */
export const saying = (text: string): ServerKind => tcp((socket) => void socket.write(text));

/** Says it and closes. */
export const answering = (text: string): ServerKind => tcp((socket) => socket.end(text));

/** Says the pieces one after the other, with a pause (ms) between them, and keeps the connection open. */
export const inPieces = (pieces: readonly string[], pause: number): ServerKind =>
  tcp((socket) => {
    const [first = '', ...others] = pieces;
    socket.write(first);
    const timers = others.map((piece, index) =>
      setTimeout(() => socket.writable && socket.write(piece), pause * (index + 1)),
    );
    socket.once('close', () => {
      timers.forEach(clearTimeout);
    });
  });

export const oneByteASecond = (text: string): ServerKind => inPieces(Array.from(text), 1000);

/** Says so many bytes without end that no memory would hold them. */
export const endless = (byte: string): ServerKind =>
  tcp((socket) => {
    const much = byte.repeat(64 * 1024);
    const write = (): void => {
      while (socket.writable && socket.write(much));
    };
    socket.on('drain', write);
    write();
  });

export const resetting = tcp((socket) => socket.resetAndDestroy());

/** Waits for a question, says this and resets the connection as soon as the system has taken it. */
export const answeringThenResetting = (text: string): ServerKind =>
  tcp((socket) => {
    socket.once('data', () => socket.write(text, () => socket.resetAndDestroy()));
  });

/** Answers a datagram by others; `sayFrom` sends from another address and port of this machine. */
type Datagrams = (question: Buffer, from: RemoteInfo, say: Say, sayFrom: Readonly<Record<Stranger, Say>>) => void;
type Say = (text: string, to: RemoteInfo) => void;
type Stranger = 'another address' | 'another port';

/** UDP: what is done with each datagram. */
const udp =
  (behave: Datagrams): ServerKind =>
  async () => {
    const server = await boundSocket('127.0.0.1', 0);
    const { port } = server.address();
    const [otherAddress, otherPort] = [await boundSocket('127.0.0.2', port), await boundSocket('127.0.0.1', 0)];
    const sockets = [server, otherAddress, otherPort];
    const from =
      (socket: typeof server): Say =>
      (text, to) => {
        socket.send(text, to.port, to.address);
      };
    server.on('message', (question, sender) => {
      behave(question, sender, from(server), {
        'another address': from(otherAddress),
        'another port': from(otherPort),
      });
    });
    return {
      port: port as Port,
      close: async () => {
        await Promise.all(sockets.map(closeSocket));
      },
    };
  };

async function boundSocket(address: string, port: number) {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

async function closeSocket(socket: Awaited<ReturnType<typeof boundSocket>>): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

export const silentUdp = udp(() => undefined);

/** A UDP port that refuses. */
export const closedUdpPort = gone(silentUdp);

export const strangerAnswers = (who: Stranger): ServerKind =>
  udp((_question, from, _say, sayFrom) => {
    sayFrom[who]('pong', from);
  });

/** Behaves as if so many questions had been lost on their way. */
export const answeringAfter = (lost: number): ServerKind => {
  let heard = 0;
  return udp((_question, from, say) => {
    heard++;
    if (heard > lost) say('pong', from);
  });
};
