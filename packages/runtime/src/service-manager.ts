// What a daemon tells systemd (sd_notify(3)): that it is ready, that it stops, and that its loop still turns.
import { unixDatagram } from '@piranha/libc';

/** The way to the service manager; without one everything here does nothing. */
export type ServiceManager = {
  readonly ready: () => void;
  /** One line for `systemctl status`; empty for nothing. */
  readonly status: (text: string) => void;
  readonly stopping: () => void;
  /** Gives signs of life from now on, as long as the last `inTime` says that the daemon does what it has to. */
  readonly watch: (inTime: () => boolean) => void;
  readonly close: () => void;
};

type Environment = Record<string, string | undefined>;

const variables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];
/** Half of what systemd allows would do; so one may be lost. */
const signsInLimit = 4;

/** Takes its address out of the environment: it is not for our children. Throws where it cannot be used. */
export function serviceManager(environment: Environment = process.env): ServiceManager {
  const [path = '', microseconds = '', forPid = ''] = variables.map((name) => environment[name]);
  for (const name of variables) Reflect.deleteProperty(environment, name);
  if (path === '') return nobody;
  const channel = unixDatagram(path);
  let timer: NodeJS.Timeout | undefined;
  let isWell: () => boolean;

  const tell = (...lines: readonly string[]): void => {
    const bytes = Buffer.from(lines.join('\n'));
    // One that was restarted listens at the same place.
    if (channel.send(bytes) === 'gone' && channel.connect().ok) channel.send(bytes);
  };

  const limitMs = watchdogLimit(microseconds, forPid);
  return {
    ready: () => {
      tell('READY=1', `MAINPID=${process.pid}`);
    },
    status: (text) => {
      tell(`STATUS=${text}`);
    },
    stopping: () => {
      tell('STOPPING=1');
    },
    watch: (inTime) => {
      isWell = inTime;
      if (limitMs === undefined || timer !== undefined) return;
      timer = setInterval(() => {
        if (isWell()) tell('WATCHDOG=1');
      }, limitMs / signsInLimit);
    },
    close: () => {
      clearInterval(timer);
      channel.close();
    },
  };
}

const nobody: ServiceManager = {
  ready: () => undefined,
  status: () => undefined,
  stopping: () => undefined,
  watch: () => undefined,
  close: () => undefined,
};

/** Undefined where no sign of life is expected, or not of this process. */
function watchdogLimit(microseconds: string, forPid: string): number | undefined {
  const limitMs = Number(microseconds) / 1000;
  const ours = forPid === '' || Number(forPid) === process.pid;
  return ours && Number.isFinite(limitMs) && limitMs > 0 ? limitMs : undefined;
}
