// Whole Ethernet frames out of a device (packet(7)); needs root or CAP_NET_RAW.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Koffi } from './load-koffi.ts';
import { loadKoffi } from './load-koffi.ts';
import type { SocketCalls } from './socket-calls.ts';
import {
  AF_PACKET,
  declareSocketCalls,
  loadLibc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from './socket-calls.ts';

/** Sends frames as they are, Ethernet header included. Receives nothing. */
export type PacketSocket = {
  /** Hands one frame to a device, without waiting; the error is the system's reason. */
  readonly send: (device: string, frame: Uint8Array) => Outcome<void, string>;
  readonly close: () => void;
};

/** Opens a packet socket; the error is the system's reason. */
export function openPacketSocket(): Outcome<PacketSocket, string> {
  const calls = declareCalls(loadKoffi());
  // Protocol 0: the kernel copies no received frame to this socket.
  const opened = calls.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (opened === -1) return failure(calls.lastError().text);
  let fd: number | undefined = opened;

  const send = (device: string, frame: Uint8Array): Outcome<void, string> => {
    if (fd === undefined) return failure('the socket is closed');
    const index = calls.if_nametoindex(device);
    if (index === 0) return failure(calls.lastError().text);
    const to = linkAddress(frame, index);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const sent = calls.sendto(fd, frame, frame.length, flags, to, linkAddressBytes);
    return sent === -1 ? failure(calls.lastError().text) : success(undefined);
  };
  const close = (): void => {
    if (fd !== undefined) calls.close(fd);
    fd = undefined;
  };
  return success({ send, close });
}

/** What `struct sockaddr_ll` is filled with. */
type LinkAddress = {
  readonly sll_family: number;
  readonly sll_protocol: number;
  readonly sll_ifindex: number;
  readonly sll_hatype: number;
  readonly sll_pkttype: number;
  readonly sll_halen: number;
  readonly sll_addr: Uint8Array;
};

const linkAddressBytes = 20;
const hardwareAddressBytes = 6;
const etherTypeAt = 12;

/** Where a frame goes: the device by its number; type and destination as they stand in the frame's own header. */
function linkAddress(frame: Uint8Array, index: number): LinkAddress {
  const destination = new Uint8Array(8);
  destination.set(frame.subarray(0, hardwareAddressBytes));
  return {
    sll_family: AF_PACKET,
    sll_protocol: ((frame[etherTypeAt] ?? 0) << 8) | (frame[etherTypeAt + 1] ?? 0),
    sll_ifindex: index,
    sll_hatype: 0,
    sll_pkttype: 0,
    sll_halen: hardwareAddressBytes,
    sll_addr: destination,
  };
}

type PacketCalls = SocketCalls & {
  readonly if_nametoindex: (device: string) => number;
  readonly sendto: (
    ...args: [fd: number, bytes: Uint8Array, length: number, flags: number, to: LinkAddress, toLength: number]
  ) => number;
};

function declareCalls(koffi: Koffi): PacketCalls {
  const libc = loadLibc(koffi);
  const address = koffi.struct({
    sll_family: 'uint16_t',
    sll_protocol: 'uint16_be_t',
    sll_ifindex: 'int32_t',
    sll_hatype: 'uint16_t',
    sll_pkttype: 'uint8_t',
    sll_halen: 'uint8_t',
    sll_addr: koffi.array('uint8_t', 8, 'Typed'),
  });
  return {
    ...declareSocketCalls(koffi, libc),
    if_nametoindex: libc.func('if_nametoindex', 'uint32_t', ['str']),
    sendto: libc.func('sendto', 'long', ['int', 'const void *', 'size_t', 'int', koffi.pointer(address), 'uint32_t']),
  };
}
