// The command `pulse`. What waits in the foreground for its daemon to be ready loads nothing of the daemon.
import '@piranha/runtime/no-debugger';
import { version } from '@piranha/runtime';
import { daemonise, isDaemonChild } from '@piranha/runtime/startup';
import type { Options } from './hands/options.ts';
import { readOptions } from './hands/options.ts';

const goesIntoBackground = ({ nodaemon, nofork, testStart }: Options): boolean =>
  !nodaemon && !nofork && !testStart && !isDaemonChild();

async function main(options: Options): Promise<void> {
  if (goesIntoBackground(options)) {
    process.exitCode = await daemonise(async (problem) => {
      const { logDeath } = await import('./run.ts');
      await logDeath(problem, options);
    });
    return;
  }
  const { run } = await import('./run.ts');
  await run(options);
}

process.title = 'pulse';
void main(readOptions(process.argv, version('pulse')));
