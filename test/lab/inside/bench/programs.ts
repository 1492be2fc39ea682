// The two programs that are compared: how each is configured, started, reloaded and stopped.
import type { Result } from '../command.ts';
import type { ManyService } from '../many-services.ts';
import { manyServicesLvsCf, serverPort, sharedVip } from '../many-services.ts';
import { recordingLine } from '../recording-ipvsadm.ts';
import type { Group } from './group.ts';

/** What a program is to do. */
export type Task = {
  readonly services: readonly ManyService[];
  /** Seconds between two checks of a server. */
  readonly interval: number;
};

/** One of the programs, in one of its ways. */
export type Program = {
  readonly configure: (group: Group, task: Task) => Promise<void>;
  /** Starts it as a daemon. */
  readonly start: (group: Group) => Promise<Result>;
  /** Sends SIGHUP to the first of its processes. */
  readonly reload: (group: Group) => Promise<void>;
  /** Sends SIGTERM to it. */
  readonly stop: (group: Group) => Promise<void>;
};

async function signal({ host }: Group, name: 'HUP' | 'TERM', pidFile: string): Promise<void> {
  const pid = await host.must(['cat', pidFile]);
  await host.must(['kill', `-${name}`, pid.trim()]);
}

/** This suite; `recording` with an ipvsadm that notes what it is given, `more` with these lines in its file. */
export function ours(recording: boolean, more = ''): Program {
  const pidFile = '/run/pulse.pid';
  return {
    configure: ({ host }, { services, interval }) =>
      host.write('/etc/sysconfig/ha/lvs.cf', manyServicesLvsCf(services, interval, recording ? recordingLine : more)),
    start: (group) => group.run(['service', 'pulse', 'start']),
    reload: (group) => signal(group, 'HUP', pidFile),
    stop: (group) => signal(group, 'TERM', pidFile),
  };
}

/**
 * `checked-first` takes no server into service before its first check, as this suite does. `one-try` takes it out at
 * the first failure, which is a connection that does not stand within an interval.
 */
type KeepalivedWay = 'usual' | 'checked-first' | 'one-try';

/** keepalived, in one of its ways. */
export function keepalived(way: KeepalivedWay): Program {
  const [file, pidFile] = ['/run/keepalived.conf', '/run/keepalived-main.pid'];
  return {
    configure: ({ host }, { services, interval }) => host.write(file, keepalivedConf(services, interval, way)),
    start: (group) => group.run(['keepalived', '-f', file, '-p', pidFile]),
    reload: (group) => signal(group, 'HUP', pidFile),
    stop: (group) => signal(group, 'TERM', pidFile),
  };
}

/** With `warmup 0` the first checks come at once, as this suite's do. */
const atStart: Readonly<Record<KeepalivedWay, string>> = {
  usual: '',
  'checked-first': '  warmup 0\n  alpha\n',
  'one-try': '  warmup 0\n',
};

/** The same services and checks. */
const keepalivedConf = (services: readonly ManyService[], interval: number, way: KeepalivedWay): string =>
  services
    .map(
      ({ port, servers }) => `virtual_server ${sharedVip} ${port} {
  delay_loop ${interval}
${atStart[way]}  lb_algo wlc
  lb_kind NAT
  protocol TCP
${servers.map((address) => realServer(address, way === 'one-try' ? { limit: interval, retry: 0 } : usualTries)).join('')}}
`,
    )
    .join('');

/** How long a connection may take (s), and how many more are tried before the server is out. */
type Tries = { readonly limit: number; readonly retry: number };
const usualTries: Tries = { limit: 5, retry: 1 };

const realServer = (address: string, { limit, retry }: Tries): string => `  real_server ${address} ${serverPort} {
    weight 1
    TCP_CHECK {
      connect_timeout ${limit}
      retry ${retry}
      delay_before_retry 1
    }
  }
`;
