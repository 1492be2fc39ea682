// Loaded by Node before a program of the suite, where Node was told to let it: collects all garbage every half minute, and
// leaves for the lab how much was left, in bytes.
import { rmSync, writeFileSync } from 'node:fs';
import { heapFileOf } from './soak/proc.ts';

const every = 30_000;

const { gc } = globalThis;
const file = heapFileOf(process.pid);

function noteHeap(): void {
  const { heapUsed, external } = process.memoryUsage();
  try {
    writeFileSync(file, String(heapUsed + external));
  } catch {
    // A fault of the lab may fill this disk, too: then this moment is not noted.
  }
}

if (gc !== undefined) {
  rmSync(file, { force: true }); // of a process that had the same number
  setInterval(() => {
    gc();
    noteHeap();
  }, every).unref();
}
