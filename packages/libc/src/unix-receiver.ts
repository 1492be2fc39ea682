// A receiver of Unix datagrams for tests: it stands in for the system log's and systemd's end of the socket.
import { rmSync } from 'node:fs';
import { loadKoffi } from './load-koffi.ts';
import type { SocketCalls } from './socket-calls.ts';
import { AF_UNIX, declareSocketCalls, loadLibc, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM } from './socket-calls.ts';
import type { UnixAddress } from './unix-address.ts';
import { declareUnixAddress, unixAddress } from './unix-address.ts';

/** The receiving end; it holds a few datagrams (net.unix.max_dgram_qlen) until they are taken out. */
export type UnixReceiver = {
  /** Takes out everything that has arrived, without waiting. */
  readonly receiveAll: () => readonly string[];
  /** Closes the socket and removes its file. */
  readonly close: () => void;
};

/** Listens at `path` (a first `@`: an abstract name). Throws where that is not possible: a test cannot go on then. */
export function unixReceiver(path: string): UnixReceiver {
  const calls = declareCalls();
  const address = unixAddress(AF_UNIX, path);
  if (address === undefined) throw new Error(`${path} is too long`);
  const fd = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd === -1 || calls.bind(fd, address.value, address.length) === -1) {
    throw new Error(`failed to listen at ${path}: ${calls.lastError().text}`);
  }
  const buffer = Buffer.alloc(65_536);
  const receiveAll = (): readonly string[] => {
    const received: string[] = [];
    for (;;) {
      const length = calls.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length === -1) return received;
      received.push(buffer.toString('utf8', 0, length));
    }
  };
  const close = (): void => {
    calls.close(fd);
    if (!path.startsWith('@')) rmSync(path);
  };
  return { receiveAll, close };
}

type ReceivingCalls = SocketCalls & {
  readonly bind: (fd: number, address: UnixAddress['value'], length: number) => number;
  readonly recv: (fd: number, into: Uint8Array, size: number, flags: number) => number;
};

function declareCalls(): ReceivingCalls {
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  return {
    ...declareSocketCalls(koffi, libc),
    bind: libc.func('bind', 'int', ['int', koffi.pointer(declareUnixAddress(koffi)), 'uint32_t']),
    recv: libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']),
  };
}
