// The socket functions of libc, as they are declared in its headers (Linux on x86-64 and arm64).
import type { FilterProgram } from './bpf.ts';
import type { Koffi } from './load-koffi.ts';

/** Families, types and flags; their numbers are the same on x86-64 and arm64. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
/** The socket is closed in a child process. */
export const SOCK_CLOEXEC = 0o2000000;
/** Never wait for room. */
export const MSG_DONTWAIT = 0x40;
/** No SIGPIPE when the other end is gone. */
export const MSG_NOSIGNAL = 0x4000;

/** A failed call: the number and the words of its errno. */
export type SystemError = { readonly errno: number; readonly text: string };

/** What every socket of this package needs. All functions but `lastError` give -1 when they fail. */
export type SocketCalls = {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number;
  readonly close: (fd: number) => number;
  /** Why the last call failed; to be asked right after it. */
  readonly lastError: () => SystemError;
};

/** The functions of the libc that Node itself runs on. */
export type LibraryHandle = ReturnType<Koffi['load']>;

/** Opens the libc that Node itself runs on. */
export const loadLibc = (koffi: Koffi): LibraryHandle => koffi.load(null);

/** Declares the calls that every kind of socket needs. */
export function declareSocketCalls(koffi: Koffi, libc: LibraryHandle): SocketCalls {
  const strerror = libc.func('strerror', 'str', ['int']) as unknown as (errno: number) => string;
  return {
    socket: libc.func('socket', 'int', ['int', 'int', 'int']),
    send: libc.func('send', 'long', ['int', 'const void *', 'size_t', 'int']),
    close: libc.func('close', 'int', ['int']),
    lastError: () => {
      const errno = koffi.errno();
      return { errno, text: strerror(errno) };
    },
  };
}

/** What a socket needs to be told what it wants. */
export type FilterCalls = {
  readonly setsockopt: (
    ...args: [fd: number, level: number, name: number, value: FilterProgram, length: number]
  ) => number;
};

/** Declares it. */
export function declareFilterCalls(koffi: Koffi, libc: LibraryHandle): FilterCalls {
  const program = koffi.struct({ len: 'uint16_t', filter: 'const void *' });
  return { setsockopt: libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(program), 'uint32_t']) };
}

/** Where the time to live is set (ip(7)), and the hop limit (ipv6(7)). */
const ttlOption = { 4: { level: 0, name: 2 }, 6: { level: 41, name: 16 } } as const;

/** What is sent has this time to live (IPv6: hop limit) from now on; false where the kernel refuses it. */
export function setTtl(libc: LibraryHandle, fd: number, family: 4 | 6, ttl: number): boolean {
  const setsockopt = libc.func('setsockopt', 'int', ['int', 'int', 'int', 'const void *', 'uint32_t']);
  const { level, name } = ttlOption[family];
  const value = Buffer.alloc(4);
  value.writeInt32LE(ttl, 0);
  return setsockopt(fd, level, name, value, value.length) !== -1;
}

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** `struct sock_fprog` on a machine of 64 bits. */
const programBytes = 16;

/** From now on the program decides what reaches the socket. */
export const attachFilter = ({ setsockopt }: FilterCalls, fd: number, program: FilterProgram): boolean =>
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, programBytes) !== -1;
