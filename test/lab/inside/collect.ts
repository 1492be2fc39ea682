// Loaded by Node before a program of the suite, where Node was told to let it: collects all garbage every half minute, and
// leaves for the lab how much was left of its data, in bytes.
import { rmSync, writeFileSync } from 'node:fs';
import { getHeapCodeStatistics } from 'node:v8';
import { heapFileOf } from './soak/proc.ts';

const every = 30_000;

const { gc } = globalThis;
const file = heapFileOf(process.pid);

/** Without compiled code: V8 still compiles after an hour what is called seldom, and a program has only so many functions. */
function livingBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  const { code_and_metadata_size: code } = getHeapCodeStatistics();
  return heapUsed + external - code;
}

function noteHeap(): void {
  try {
    writeFileSync(file, String(livingBytes()));
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
