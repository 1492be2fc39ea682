// A UDP socket of which the kernel can be told what is not wanted (udp(7), socket(7)). Node's own tell nobody their number.
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { failure, familyOf, ipv4Bytes, ipv6Bytes, success } from '@piranha/domain';
import type { DatagramRules } from './datagram-filter.ts';
import { datagramFilter } from './datagram-filter.ts';
import { loadKoffi } from './load-koffi.ts';
import type { SystemError } from './socket-calls.ts';
import {
  AF_INET,
  AF_INET6,
  attachFilter,
  declareFilterCalls,
  declareSocketCalls,
  loadLibc,
  setTtl,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
} from './socket-calls.ts';

/** A socket that is bound to its address and port. */
export type UdpSocket = {
  /** For `bind({ fd })` of `node:dgram`, which takes the socket over and closes it. */
  readonly fd: number;
  /**
   * From now on the kernel goes by these rules. The error is the system's reason, and then all goes on as before. Never to
   * be called once the socket is closed: the number may be another file's by then.
   */
  readonly judgeBy: (rules: DatagramRules) => Outcome<void, string>;
};

/** Why a socket cannot be had, in the system's words; `absent`: this machine has not got the address, as yet. */
export type NoUdpSocket = { readonly text: string; readonly absent: boolean };

/** Where a socket is bound, and with what time to live (IPv6: hop limit) it sends. */
export type UdpEnd = { readonly address: IpAddress; readonly port: Port; readonly ttl: number };

/** Opens a socket; nothing gets into it that breaks these rules, if the kernel can be told. */
export function openUdpSocket({ address, port, ttl }: UdpEnd, rules: DatagramRules): Outcome<UdpSocket, NoUdpSocket> {
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  const calls = { ...declareSocketCalls(koffi, libc), ...declareFilterCalls(koffi, libc) };
  const bind = libc.func('bind', 'int', ['int', 'const void *', 'uint32_t']);
  const family = familyOf(address);
  const fd = calls.socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const failed = ({ errno, text }: SystemError) => failure({ text, absent: errno === koffi.os.errno['EADDRNOTAVAIL'] });
  if (fd === -1) return failed(calls.lastError());
  const judgeBy = (fresh: DatagramRules): Outcome<void, string> =>
    attachFilter(calls, fd, datagramFilter(fresh)) ? success(undefined) : failure(calls.lastError().text);
  judgeBy(rules);
  const place = socketAddress(address, port);
  // Node does not know the family of a socket that it has not opened, and would set the option of IPv4 alone.
  if (!setTtl(libc, fd, family, ttl) || bind(fd, place, place.length) === -1) {
    const error = calls.lastError();
    calls.close(fd);
    return failed(error);
  }
  return success({ fd, judgeBy });
}

/** `struct sockaddr_in` or `struct sockaddr_in6` (ip(7), ipv6(7)). */
function socketAddress(address: IpAddress, port: Port): Uint8Array {
  const isIpv4 = familyOf(address) === 4;
  const bytes = Buffer.alloc(isIpv4 ? 16 : 28);
  bytes.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(isIpv4 ? ipv4Bytes(address) : ipv6Bytes(address), isIpv4 ? 4 : 8);
  return bytes;
}
