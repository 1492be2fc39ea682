// The kernel's news of links and addresses, from a standing `ip monitor`. What it prints is only a reason to look.
import type { Clock } from '@piranha/domain';
import { backoff, between, describeEnding, milliseconds, seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Child } from '@piranha/runtime';
import { startChild } from '@piranha/runtime';

/** Tells of news between `start` and `stop`. */
export type LinkNews = { readonly start: () => void; readonly stop: () => Promise<void> };

type Program = { readonly file: string; readonly args: readonly string[] };

/** It reads no input, so the death of pulse would not reach it: setpriv has the kernel end it then. */
const ipMonitor: Program = {
  file: 'setpriv',
  args: ['--pdeathsig', 'KILL', 'ip', '-o', 'monitor', 'link', 'address'],
};

const firstRestart = milliseconds(100);
const slowestRestart = seconds(30);
/** A monitor that lived this long is forgiven its earlier ends. */
const quietTime = seconds(60);

/** The program is started by `start`, and again, later each time, when it ends. */
export function linkNews(clock: Clock, log: Logger, onNews: () => void, program: Program = ipMonitor): LinkNews {
  let child: Child | undefined;
  let restart: NodeJS.Timeout | undefined;
  let failures = 0;

  const run = (): void => {
    restart = undefined;
    const startedAt = clock.now();
    let complaint = '';
    const running = startChild({
      ...program,
      onLine: onNews,
      onErrorLine: (line) => {
        complaint = line;
        // It complains when there was more news than it could read.
        onNews();
      },
      onEnd: (ending) => {
        if (child !== running) return;
        child = undefined;
        if (between(startedAt, clock.now()) >= quietTime) failures = 0;
        if (failures === 0) log.warning(`ip monitor ${describeEnding(ending)}; it is started again`, { complaint });
        restart = setTimeout(run, backoff(failures, firstRestart, slowestRestart));
        failures += 1;
      },
    });
    child = running;
  };

  return {
    start: () => {
      if (child === undefined && restart === undefined) run();
    },
    stop: async () => {
      clearTimeout(restart);
      restart = undefined;
      const leaving = child;
      child = undefined;
      await leaving?.stop(500);
    },
  };
}
