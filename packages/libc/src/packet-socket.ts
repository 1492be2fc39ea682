// Whole Ethernet frames out of a device and into it (packet(7)); needs root or CAP_NET_RAW.
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Koffi } from './load-koffi.ts';
import { loadKoffi } from './load-koffi.ts';
import type { WantedByte } from './packet-filter.ts';
import { packetFilter } from './packet-filter.ts';
import type { FilterCalls, SocketCalls } from './socket-calls.ts';
import {
  AF_PACKET,
  attachFilter,
  declareFilterCalls,
  declareSocketCalls,
  loadLibc,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from './socket-calls.ts';

/** Frames to wait for: their type (the number in the Ethernet header), and more bytes that they have. */
export type WantedFrames = { readonly etherType: number; readonly bytes: readonly WantedByte[] };

/** Frames that came into a device from outside. The kernel keeps some until they are taken; it holds no thread. */
export type FrameListener = {
  /** The next frame, or undefined where none is left. Never waits. */
  readonly receive: () => Uint8Array | undefined;
  readonly close: () => void;
};

/** Sends frames as they are, Ethernet header included. Receives only through what `listen` opens. */
export type PacketSocket = {
  /** Hands one frame to a device, without waiting; the error is the system's reason. */
  readonly send: (device: string, frame: Uint8Array) => Outcome<void, string>;
  /** Begins to collect frames; the error is the system's reason. */
  readonly listen: (device: string, wanted: WantedFrames) => Outcome<FrameListener, string>;
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
  return success({ send, listen: (device, wanted) => listen(calls, device, wanted), close });
}

/** No longer frame is of interest; what is behind it is cut off. */
const longestFrame = 2048;

function listen(
  calls: PacketCalls,
  device: string,
  { etherType, bytes }: WantedFrames,
): Outcome<FrameListener, string> {
  const index = calls.if_nametoindex(device);
  if (index === 0) return failure(calls.lastError().text);
  // Without a protocol nothing comes in before the filter stands; `bind` names the protocol and the device.
  const opened = calls.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (opened === -1) return failure(calls.lastError().text);
  const from = { ...linkAddress(new Uint8Array(), index), sll_protocol: etherType };
  const ready = attachFilter(calls, opened, packetFilter(bytes)) && calls.bind(opened, from, linkAddressBytes) !== -1;
  if (!ready) {
    const { text } = calls.lastError();
    calls.close(opened);
    return failure(text);
  }
  return success(frameListener(calls, opened));
}

function frameListener(calls: PacketCalls, opened: number): FrameListener {
  const buffer = new Uint8Array(longestFrame);
  let fd: number | undefined = opened;
  return {
    receive: () => {
      const length = fd === undefined ? -1 : calls.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
      return length === -1 ? undefined : buffer.slice(0, length);
    },
    close: () => {
      if (fd !== undefined) calls.close(fd);
      fd = undefined;
    },
  };
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

type PacketCalls = SocketCalls &
  FilterCalls & {
    readonly if_nametoindex: (device: string) => number;
    readonly sendto: (
      ...args: [fd: number, bytes: Uint8Array, length: number, flags: number, to: LinkAddress, toLength: number]
    ) => number;
    readonly bind: (fd: number, from: LinkAddress, length: number) => number;
    readonly recv: (fd: number, into: Uint8Array, size: number, flags: number) => number;
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
    ...declareFilterCalls(koffi, libc),
    bind: libc.func('bind', 'int', ['int', koffi.pointer(address), 'uint32_t']),
    recv: libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']),
    if_nametoindex: libc.func('if_nametoindex', 'uint32_t', ['str']),
    sendto: libc.func('sendto', 'long', ['int', 'const void *', 'size_t', 'int', koffi.pointer(address), 'uint32_t']),
  };
}
