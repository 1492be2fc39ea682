// Commands from a parent on standard input; its end means that the parent is gone.
import { readLines } from './read-lines.ts';

/** Reads command lines until the parent closes the pipe or dies. */
export function listenToParent(onLine: (line: string) => void, onGone: () => void): void {
  readLines(process.stdin, onLine);
  process.stdin.once('end', onGone);
  process.stdin.once('error', onGone);
}
