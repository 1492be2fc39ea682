// TCP connections by the system's own calls (ip(7), poll(2)): with Node's sockets the client takes most of an emulated processor.
import type { IpAddress } from '@piranha/domain';
import { familyOf, ipv4Bytes, ipv6Bytes } from '@piranha/domain';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const MSG_NOSIGNAL = 0x4000;
const EAGAIN = 11;
const EINPROGRESS = 115;

/** What is waited for; trouble always comes, too. */
export const POLLIN = 1;
export const POLLOUT = 4;

const libc = koffi.load(null);
const socketCall = libc.func('int socket(int family, int type, int protocol)');
const connectCall = libc.func('int connect(int fd, const void *address, uint32_t length)');
const sendCall = libc.func('long send(int fd, const void *bytes, size_t length, int flags)');
const recvCall = libc.func('long recv(int fd, void *into, size_t size, int flags)');
const pollCall = libc.func('int poll(void *list, ulong length, int ms)');
const closeCall = libc.func('int close(int fd)');

/** The name of why the last call failed, such as ECONNREFUSED. */
const failure = (): string => getSystemErrorName(-koffi.errno());

/** Begins a connection; the descriptor, or the name of the error. */
export function beginConnection(address: IpAddress, port: number): number | string {
  const isIpv4 = familyOf(address) === 4;
  const fd = socketCall(isIpv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0) as number;
  if (fd === -1) return failure();
  const place = Buffer.alloc(isIpv4 ? 16 : 28);
  place.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, 0);
  place.writeUInt16BE(port, 2);
  place.set(isIpv4 ? ipv4Bytes(address) : ipv6Bytes(address), isIpv4 ? 4 : 8);
  if (connectCall(fd, place, place.length) === 0 || koffi.errno() === EINPROGRESS) return fd;
  const problem = failure();
  closeCall(fd);
  return problem;
}

/** Sends a few bytes on a connection that has been made; the name of the error if it has not. */
export function send(fd: number, bytes: Buffer): string | undefined {
  return sendCall(fd, bytes, bytes.length, MSG_NOSIGNAL) === -1 ? failure() : undefined;
}

const received = Buffer.alloc(4096);

/** What has come: some text, the end of it, nothing yet, or the name of the error. */
export type Received = { readonly text: string } | 'end' | 'nothing' | { readonly problem: string };

export function receive(fd: number): Received {
  const length = recvCall(fd, received, received.length, 0) as number;
  if (length > 0) return { text: received.toString('latin1', 0, length) };
  if (length === 0) return 'end';
  return koffi.errno() === EAGAIN ? 'nothing' : { problem: failure() };
}

export const close = (fd: number): void => void closeCall(fd);

/** A descriptor and what is waited for on it. */
export type Awaited = { readonly fd: number; readonly events: number };

const pollBytes = 8;
let list = Buffer.alloc(0);

/** Waits at most so long (ms) until there is something on one of them; tells for each whether there is. */
export function poll(awaited: readonly Awaited[], ms: number): readonly boolean[] {
  if (list.length < awaited.length * pollBytes) list = Buffer.alloc(2 * awaited.length * pollBytes);
  awaited.forEach(({ fd, events }, index) => {
    list.writeInt32LE(fd, index * pollBytes);
    list.writeUInt32LE(events, index * pollBytes + 4);
  });
  const some = pollCall(list, awaited.length, ms) as number;
  return awaited.map((_each, index) => some > 0 && list.readUInt16LE(index * pollBytes + 6) !== 0);
}
