// The pid files that init scripts read.
import { rmSync } from 'node:fs';
import type { KeptFile } from './kept-files.ts';
import { nameOf } from './process-identity.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Writes our pid and a line end; the answer puts it back. Throws where the file cannot be written. */
export function writePidFile(path: string): KeptFile {
  const restore = (): void => {
    writeStateFile(path, `${process.pid}\n`, 0o644);
  };
  restore();
  return { path, stands: () => isTaken(path), restore };
}

/** Whether it names us, or another living process of our name: an lvs by hand beside that of pulse, say. */
function isTaken(path: string): boolean {
  const text = readStateFile(path);
  if (text === undefined) return false;
  const pid = Number(text);
  return pid === process.pid || nameOf(pid) === nameOf(process.pid);
}

/** Removes it; silent where it is gone already, or is another's by now. */
export function removePidFile(path: string): void {
  try {
    if (Number(readStateFile(path)) === process.pid) rmSync(path, { force: true });
  } catch {
    // What somebody else has put there is not ours to remove.
  }
}
