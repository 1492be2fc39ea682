// Frames on a host's wire, captured by tcpdump.
import type { Host } from './host.ts';
import { until } from './command.ts';

/** One frame: when it was seen (ms of the wall clock) and all of its bytes in hex. */
type Frame = { readonly at: number; readonly hex: string };

/** A running capture. */
export type Capture = { readonly frames: readonly Frame[]; readonly stop: () => Promise<void> };

/** Captures what matches a tcpdump filter on a device of a host, until stopped. */
export async function capture(host: Host, device: string, filter: string): Promise<Capture> {
  const { frames, read } = readFrames();
  let listening = false;
  const onLine = (line: string): void => {
    if (line.includes('listening on')) listening = true;
    else read(line);
  };
  const tcpdump = host.start(
    ['tcpdump', '-i', device, '-n', '-tt', '-xx', '-U', '-l', '--immediate-mode', filter],
    onLine,
  );
  await until(`tcpdump on ${host.name}`, 10_000, () => listening);
  return {
    frames,
    stop: () => tcpdump.stop('SIGTERM'),
  };
}

/** Takes the lines of `tcpdump -tt -xx` one by one. A frame counts from its first line on, and not when the next one comes. */
export function readFrames(): { readonly frames: readonly Frame[]; readonly read: (line: string) => void } {
  const frames: { at: number; hex: string }[] = [];
  const read = (line: string): void => {
    const bytes = /^\s+0x[0-9a-f]+:\s+([0-9a-f ]+)$/.exec(line)?.[1];
    const last = frames.at(-1);
    if (bytes !== undefined && last !== undefined) last.hex += bytes.replaceAll(' ', '');
    else if (/^\d+\.\d+ /.test(line)) frames.push({ at: Number.parseFloat(line) * 1000, hex: '' });
  };
  return { frames, read };
}
