// Unix datagrams that never wait: for the system log and for systemd. Node itself has no such sockets.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Koffi } from './load-koffi.ts';
import { loadKoffi } from './load-koffi.ts';
import type { SocketCalls, SystemError } from './socket-calls.ts';
import {
  AF_UNIX,
  declareSocketCalls,
  loadLibc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from './socket-calls.ts';
import type { UnixAddress } from './unix-address.ts';
import { declareUnixAddress, unixAddress } from './unix-address.ts';

/** `full`: the receiver has no room for it now. `gone`: nobody receives there; `connect` may find a new receiver. */
export type Sent = 'sent' | 'full' | 'gone';

/** A way to send to one named receiver. */
export type UnixDatagram = {
  /** Connects, or connects afresh to whoever listens at the path now; the error says why that is not possible. */
  readonly connect: () => Outcome<void, string>;
  /** Sends at once or not at all. */
  readonly send: (bytes: Uint8Array) => Sent;
  /** Lets the socket go; `connect` would open another. */
  readonly close: () => void;
};

/** Prepares to send to `path`; a first character `@` means a name that is in no file system. Nothing is opened yet. */
export function unixDatagram(path: string): UnixDatagram {
  const koffi = loadKoffi();
  const calls = declareCalls(koffi);
  const { EAGAIN, ENOBUFS, ENOMEM, EMSGSIZE } = koffi.os.errno;
  const noRoom = new Set([EAGAIN, ENOBUFS, ENOMEM, EMSGSIZE]);
  let fd: number | undefined;

  const close = (): void => {
    if (fd !== undefined) calls.close(fd);
    fd = undefined;
  };

  const connect = (): Outcome<void, string> => {
    close();
    const opened = openConnected(calls, path);
    if (!opened.ok) return opened;
    fd = opened.value;
    return success(undefined);
  };

  const send = (bytes: Uint8Array): Sent => {
    if (fd === undefined) return 'gone';
    if (calls.send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL) !== -1) return 'sent';
    return noRoom.has(calls.lastError().errno) ? 'full' : 'gone';
  };
  return { connect, send, close };
}

type UnixCalls = SocketCalls & {
  readonly connect: (fd: number, address: UnixAddress['value'], length: number) => number;
};

function declareCalls(koffi: Koffi): UnixCalls {
  const libc = loadLibc(koffi);
  const address = koffi.pointer(declareUnixAddress(koffi));
  return {
    ...declareSocketCalls(koffi, libc),
    connect: libc.func('connect', 'int', ['int', address, 'uint32_t']),
  };
}

function openConnected(calls: UnixCalls, path: string): Outcome<number, string> {
  const failed = (error: SystemError): Outcome<number, string> => failure(`${path}: ${error.text}`);
  const address = unixAddress(AF_UNIX, path);
  if (address === undefined) return failure(`${path}: longer than the name of a socket can be`);
  const fd = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd === -1) return failed(calls.lastError());
  if (calls.connect(fd, address.value, address.length) === 0) return success(fd);
  const error = calls.lastError();
  calls.close(fd);
  return failed(error);
}
