// The pid files that init scripts read.
import { rmSync, writeFileSync } from 'node:fs';

/** Writes our pid and a line end. Throws where the file can not be written. */
export function writePidFile(path: string): void {
  writeFileSync(path, `${process.pid}\n`, { mode: 0o644 });
}

/** Removes it; silent where it is gone already. */
export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}
