// Frames on a host's wire, captured by tcpdump.
import type { Host } from './host.ts';
import { until } from './command.ts';

/** One frame: when it was seen (ms of the wall clock) and all of its bytes in hex. */
type Frame = { readonly at: number; readonly hex: string };

/** A running capture. */
export type Capture = { readonly frames: readonly Frame[]; readonly stop: () => Promise<void> };

/** Captures what matches a tcpdump filter on a device of a host, until stopped. */
export async function capture(host: Host, device: string, filter: string): Promise<Capture> {
  const frames: { at: number; hex: string }[] = [];
  let listening = false;
  // A frame counts from its first line on: waiting for the next one would date it into the next row of the fault table.
  const onLine = (line: string): void => {
    const bytes = /^\s+0x[0-9a-f]+:\s+([0-9a-f ]+)$/.exec(line)?.[1];
    const last = frames.at(-1);
    if (line.includes('listening on')) listening = true;
    else if (bytes === undefined) {
      if (/^\d+\.\d+ /.test(line)) frames.push({ at: Number.parseFloat(line) * 1000, hex: '' });
    } else if (last !== undefined) last.hex += bytes.replaceAll(' ', '');
  };
  const tcpdump = host.start(
    ['tcpdump', '-i', device, '-n', '-tt', '-xx', '-U', '-l', '--immediate-mode', filter],
    onLine,
  );
  await until(`tcpdump on ${host.name}`, 10_000, () => Promise.resolve(listening));
  return {
    frames,
    stop: () => tcpdump.stop('SIGTERM'),
  };
}
