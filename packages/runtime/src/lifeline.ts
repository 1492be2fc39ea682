// Commands from a parent on standard input; its end means that the parent is gone.
import type { Readable } from 'node:stream';
import { readLines } from './read-lines.ts';

/** Reads command lines until the parent closes the pipe or dies. */
export function listenToParent(
  onLine: (line: string) => void,
  onGone: () => void,
  input: Readable = process.stdin,
): void {
  readLines(input, onLine);
  input.once('end', onGone);
  input.once('error', onGone);
}
