// The one place that reads the machine's monotonic clock.
import type { Clock, Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';

/** Monotonic time since this process began. */
export const systemClock: Clock = { now: () => instant(performance.now()) };

/**
 * What the machine's own monotonic clock, the same for all processes of one boot, is ahead of this process's (ms). Of a few
 * readings the quickest counts: between the two clocks of the others this process may have had to wait.
 */
const ahead = Array.from({ length: 8 }, () => {
  const before = performance.now();
  const reading = Number(process.hrtime.bigint()) / 1e6;
  const after = performance.now();
  return { took: after - before, ahead: reading - (before + after) / 2 };
}).reduce((best, each) => (each.took < best.took ? each : best)).ahead;

/** A moment as other processes of this boot count it, in ms. */
export const toMachineTime = (at: Instant): number => at + ahead;

/** A moment that another process of this boot has counted, in ms. */
export const fromMachineTime = (reading: number): Instant => instant(reading - ahead);
