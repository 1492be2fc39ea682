import { expect, test } from '@jest/globals';
import { loadKoffi } from './load-koffi.ts';
import type { WantedByte } from './packet-filter.ts';
import { packetFilter } from './packet-filter.ts';
import { AF_UNIX, declareSocketCalls, loadLibc, MSG_DONTWAIT, SOCK_DGRAM } from './socket-calls.ts';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** What the kernel lets through of these frames: between two sockets that have no device. */
function through(
  wanted: readonly WantedByte[],
  frames: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const koffi = loadKoffi();
  const libc = loadLibc(koffi);
  const calls = declareSocketCalls(koffi, libc);
  const pair = libc.func('socketpair', 'int', ['int', 'int', 'int', 'void *']);
  const program = koffi.struct({ len: 'uint16_t', filter: 'const void *' });
  const setsockopt = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(program), 'uint32_t']);
  const recv = libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']);
  const ends = new Int32Array(2);
  expect(pair(AF_UNIX, SOCK_DGRAM, 0, ends)).toBe(0);
  const [near = -1, far = -1] = ends;
  expect(setsockopt(far, SOL_SOCKET, SO_ATTACH_FILTER, packetFilter(wanted), 16)).toBe(0);
  for (const frame of frames) calls.send(near, Uint8Array.from(frame), frame.length, MSG_DONTWAIT);
  const buffer = Buffer.alloc(64);
  const received: number[][] = [];
  for (let length = 0; length !== -1;) {
    length = recv(far, buffer, buffer.length, MSG_DONTWAIT) as number;
    if (length !== -1) received.push([...buffer.subarray(0, length)]);
  }
  calls.close(near);
  calls.close(far);
  return received;
}

const frames = [
  [1, 2, 3, 58, 5, 136],
  [1, 2, 3, 58, 5, 135],
  [1, 2, 3, 17, 5, 136],
  [1, 2, 3, 58],
];

test('only frames that have every wanted byte come through, whole', () => {
  const wanted = [
    { at: 3, byte: 58 },
    { at: 5, byte: 136 },
  ];
  expect(through(wanted, frames)).toEqual([frames[0]]);
});

test('with nothing wanted all come through', () => {
  expect(through([], frames)).toEqual(frames);
});
