// In which of its ways lvs runs.
import { daemonise, daemonStartup, foregroundStartup, isDaemonChild } from '@piranha/runtime/startup';
import { logDeath, runByHand } from './hands/by-hand.ts';
import type { Options } from './hands/options.ts';
import { testStart } from './hands/test-start.ts';
import { runUnderPulse } from './hands/under-pulse.ts';

/** Runs lvs to its end and gives the exit status; goes into the background unless something says otherwise. */
export async function run(options: Options): Promise<number> {
  if (options.testStart) return testStart(options, foregroundStartup);
  const startup = isDaemonChild() ? daemonStartup() : foregroundStartup;
  if (startup === foregroundStartup && !options.pulse && !options.nodaemon && !options.nofork) {
    return daemonise((problem) => logDeath(problem, options));
  }
  // The folder of whoever started it may have to be unmounted one day.
  process.chdir('/');
  return options.pulse ? runUnderPulse(options) : runByHand(options, startup);
}
