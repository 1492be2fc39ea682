// Lines from a stream of bytes, bounded.
import type { Readable } from 'node:stream';
import { noLine, splitLines } from '@piranha/protocol';

/** Calls `onLine` for every complete line; a line over the bound is left out and reported to `onDropped`. */
export function readLines(stream: Readable, onLine: (line: string) => void, onDropped?: (count: number) => void): void {
  let rest = noLine;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const split = splitLines(rest, chunk);
    rest = split.rest;
    for (const line of split.lines) onLine(line);
    if (split.dropped > 0) onDropped?.(split.dropped);
  });
  // A pipe breaks when the other end dies; that end is reported elsewhere.
  stream.on('error', () => undefined);
}
