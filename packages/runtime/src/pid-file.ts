// The pid files that init scripts read.
import { rmSync } from 'node:fs';
import type { KeptFile } from './kept-files.ts';
import { nameOf } from './process-identity.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Writes our pid and a line end; the answer puts it back. Throws where the file can not be written. */
export function writePidFile(path: string): KeptFile {
  const restore = (): void => {
    writeStateFile(path, `${process.pid}\n`, 0o644);
  };
  restore();
  return { path, stands: () => isTaken(path), restore };
}

/** Whether it names us, or another living process of our name: an lvs by hand beside that of pulse, say. */
function isTaken(path: string): boolean {
  const pid = readPid(path);
  return pid !== undefined && (pid === process.pid || nameOf(pid) === nameOf(process.pid));
}

function readPid(path: string): number | undefined {
  try {
    const text = readStateFile(path);
    return text === undefined ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

/** Removes it; silent where it is gone already, or is another's by now. */
export function removePidFile(path: string): void {
  if (readPid(path) === process.pid) rmSync(path, { force: true });
}
