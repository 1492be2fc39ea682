// A child that is kept running, so that nothing waits for a process to start when it is needed.
import { backoff, milliseconds, seconds } from '@piranha/domain';
import type { Child, ChildOptions } from './child.ts';
import { startChild } from './child.ts';

/** The child of the moment. */
export type StandingChild = Pick<Child, 'signal'> & {
  /** Writes one or more lines; starts a child first where there is none. */
  readonly send: (lines: string) => void;
  /** SIGTERM, and SIGKILL if it lives longer than `graceMs`. None is started after that. */
  readonly close: (graceMs: number) => Promise<void>;
};

/** After its end it is started again: at once, and later each time it ends without a word. */
const firstPause = milliseconds(100);
const longestPause = seconds(30);

/** Starts it at once; `onEnd` hears of every ending, the one that was asked for, too. */
export function keepRunning(options: ChildOptions): StandingChild {
  let failures = 0;
  let restart: NodeJS.Timeout | undefined;
  let closing = false;
  let child: Child | undefined = start();

  function start(): Child {
    return startChild({
      ...options,
      onLine: (line) => {
        failures = 0;
        options.onLine(line);
      },
      onEnd: (ending) => {
        child = undefined;
        if (!closing) {
          restart = setTimeout(begin, backoff(failures, firstPause, longestPause));
          failures += 1;
        }
        options.onEnd(ending);
      },
    });
  }

  function begin(): void {
    clearTimeout(restart);
    if (!closing) child ??= start();
  }

  return {
    send: (lines) => {
      begin();
      child?.send(lines);
    },
    signal: (name) => child?.signal(name),
    close: async (graceMs) => {
      closing = true;
      clearTimeout(restart);
      await child?.stop(graceMs);
    },
  };
}
