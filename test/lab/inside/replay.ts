// Frames onto a host's wire, so many a second, again and again: by tcpreplay, which keeps the pace where a script does not.
import { writeFileSync } from 'node:fs';
import type { Host } from './host.ts';

/** Frames under way; `stop` tells how many went out and how fast. */
export type Replay = { readonly stop: () => Promise<{ readonly sent: number; readonly perSecond: number }> };

/** It sends so many together: to wake a hundred times a second (at 5,000) costs less than to wake for each. */
const together = 50;

/** Sends the frames on a device of a host, in their order, from the first again after the last. */
export function replay(host: Host, device: string, frames: readonly Uint8Array[], perSecond: number): Replay {
  const file = `/tmp/replay-${device}.pcap`;
  writeFileSync(`/proc/${host.pid}/root${file}`, captureFile(frames));
  let [sent, seconds] = [0, Infinity];
  // It sleeps between its packets; of itself it would wait awake.
  const words = ['--quiet', '--preload-pcap', '--no-flow-stats', '--loop=0', '--timer=nano', `--pps-multi=${together}`];
  // The sender is another machine: what runs on this one does not slow it down.
  const running = host.start(
    ['chrt', '--rr', '1', 'tcpreplay', ...words, `--pps=${perSecond}`, `--intf1=${device}`, file],
    (line) => {
      const counted = /^Actual: (\d+) packets \(\d+ bytes\) sent in ([\d.]+) seconds/.exec(line);
      if (counted !== null) [sent, seconds] = [Number(counted[1]), Number(counted[2])];
    },
  );
  return {
    stop: async () => {
      await running.stop('SIGINT');
      return { sent, perSecond: Math.round(sent / seconds) };
    },
  };
}

/** Sends each of the frames once, in their order. */
export async function sendOnce(host: Host, device: string, frames: readonly Uint8Array[]): Promise<void> {
  const file = `/tmp/once-${device}.pcap`;
  writeFileSync(`/proc/${host.pid}/root${file}`, captureFile(frames));
  await host.must(['tcpreplay', '--quiet', '--pps=500', `--intf1=${device}`, file]);
}

/** The bytes of a file of captured frames (pcap-savefile(5)): little-endian, Ethernet, all at the same time. */
function captureFile(frames: readonly Uint8Array[]): Buffer {
  const longest = 65_535;
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(longest, 16);
  head.writeUInt32LE(1, 20);
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}
