// The send_arp that is kept running, so that no announcement waits for a process to start.
import { backoff, baseDevice, milliseconds, seconds } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { Interface } from '@piranha/protocol';
import { encodeLine } from '@piranha/protocol';
import type { Child, FloatingAddress } from '@piranha/runtime';
import { describeEnding, startChild } from '@piranha/runtime';

/** Says on the network where our addresses are. */
export type Announcer = {
  readonly announce: (addresses: readonly FloatingAddress[], interfaces: readonly Interface[]) => void;
  readonly close: () => Promise<void>;
};

/** Starts send_arp, and again, later each time, when it ends. */
export function startAnnouncer(program: string, log: Logger): Announcer {
  let failures = 0;
  let restart: NodeJS.Timeout | undefined;
  let child: Child | undefined = start();
  let closing = false;

  function start(): Child {
    return startChild({
      file: program,
      args: ['--commands'],
      onLine: () => undefined,
      onErrorLine: (line) => {
        log.warning(line);
      },
      onEnd: (ending) => {
        child = undefined;
        if (closing) return;
        log.error(`send_arp ${describeEnding(ending)}; it is started again`);
        const wait = backoff(failures, milliseconds(100), seconds(30));
        failures += 1;
        restart = setTimeout(() => {
          child = start();
        }, wait);
      },
    });
  }

  const announce: Announcer['announce'] = (addresses, interfaces) => {
    for (const { address, device } of addresses) {
      const base = baseDevice(device);
      const mac = interfaces.find((each) => each.name === base)?.mac;
      if (mac !== undefined) child?.send(encodeLine({ type: 'announce', device: base, address, mac }));
    }
  };

  const close = async (): Promise<void> => {
    closing = true;
    clearTimeout(restart);
    await child?.stop(500);
  };
  return { announce, close };
}
