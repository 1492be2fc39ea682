// What a scenario does and waits for, told as it happens: one that says nothing for long hangs in what it said last.

/** Milliseconds on the clock that all processes of one kernel share. */
export const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

const began = nowMs();
let last = 'nothing yet';

/** Tells one step, on standard error, with the time since the start of the program. */
export function step(text: string): void {
  last = text;
  process.stderr.write(`${((nowMs() - began) / 1000).toFixed(1).padStart(8)} s  ${text}\n`);
}

/** The step that was told last. */
export const lastStep = (): string => last;

/** Shorter waits are told with what comes of them only where they fail (ms). */
const worthALine = 1000;

/** Tells a wait that took long when it is over, or at once where it failed. */
export function tellWait(what: string, tookMs: number, outcome: 'held' | 'failed'): void {
  if (outcome === 'failed') step(`${what}: not within ${Math.round(tookMs)} ms`);
  else if (tookMs >= worthALine) step(`${what}: after ${Math.round(tookMs)} ms`);
}
