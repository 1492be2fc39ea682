// Batches for ipvsadm. One `ipvsadm -R` is always started and waiting: a server that has failed is then out of the
// table without the time that a process takes to start.
import type { Outcome } from '@piranha/domain';
import { seconds } from '@piranha/domain';
import type { CommandFailure, CommandOutput, ReadyCommand } from '@piranha/runtime';
import { runCommand, startReadyCommand } from '@piranha/runtime';

/** One run takes some 10 ms; after this long it hangs and is killed. */
export const batchLimit = seconds(5);

const restore = ['-R'];

/** Runs one batch: what `ipvsadm` wrote, or why it failed. */
export type RunBatch = (ipvsadm: string, lines: string) => Promise<Outcome<CommandOutput, CommandFailure>>;

/** Runs batches. */
export type Batches = {
  readonly run: RunBatch;
  /** Has one waiting for the next batch. */
  readonly prepare: (ipvsadm: string) => void;
  readonly close: () => Promise<void>;
};

/** Starts each batch's ipvsadm when the batch comes. */
export const runBatch: RunBatch = (ipvsadm, input) =>
  runCommand({ file: ipvsadm, args: restore, input, limit: batchLimit });

/** Starts with none waiting. */
export function openBatches(): Batches {
  let ready: ReadyCommand | undefined;
  let closed = false;
  const isReady = (ipvsadm: string): boolean => ready?.file === ipvsadm && ready.waits();
  return {
    run: (ipvsadm, lines) => {
      const waiting = isReady(ipvsadm) ? ready : undefined;
      return waiting === undefined ? runBatch(ipvsadm, lines) : waiting.run(lines, batchLimit);
    },
    prepare: (ipvsadm) => {
      if (closed || isReady(ipvsadm)) return;
      if (ready?.waits() === true) void ready.drop();
      ready = startReadyCommand(ipvsadm, restore);
    },
    close: async () => {
      closed = true;
      if (ready?.waits() === true) await ready.drop();
    },
  };
}
