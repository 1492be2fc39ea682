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

/** This suite; `recording` with an ipvsadm that notes what it is given. */
export function ours(recording: boolean): Program {
  const pidFile = '/run/pulse.pid';
  return {
    configure: ({ host }, { services, interval }) =>
      host.write(
        '/etc/sysconfig/ha/lvs.cf',
        manyServicesLvsCf(services, interval, recording ? recordingLine : undefined),
      ),
    start: (group) => group.run(['service', 'pulse', 'start']),
    reload: (group) => signal(group, 'HUP', pidFile),
    stop: (group) => signal(group, 'TERM', pidFile),
  };
}

/** keepalived; `checkedFirst` takes no server into service before its first check, as this suite does. */
export function keepalived(checkedFirst: boolean): Program {
  const [file, pidFile] = ['/run/keepalived.conf', '/run/keepalived-main.pid'];
  return {
    configure: ({ host }, { services, interval }) => host.write(file, keepalivedConf(services, interval, checkedFirst)),
    start: (group) => group.run(['keepalived', '-f', file, '-p', pidFile]),
    reload: (group) => signal(group, 'HUP', pidFile),
    stop: (group) => signal(group, 'TERM', pidFile),
  };
}

/** The same services and checks. With `warmup 0` the first checks come at once, as this suite's do. */
const keepalivedConf = (services: readonly ManyService[], interval: number, checkedFirst: boolean): string =>
  services
    .map(
      ({ port, servers }) => `virtual_server ${sharedVip} ${port} {
  delay_loop ${interval}
${checkedFirst ? '  warmup 0\n  alpha\n' : ''}  lb_algo wlc
  lb_kind NAT
  protocol TCP
${servers.map(realServer).join('')}}
`,
    )
    .join('');

const realServer = (address: string): string => `  real_server ${address} ${serverPort} {
    weight 1
    TCP_CHECK {
      connect_timeout 5
      retry 1
      delay_before_retry 1
    }
  }
`;
