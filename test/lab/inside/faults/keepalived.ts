// keepalived on a pair of routers, to be compared with: VRRP in both networks, and the same virtual server with the same check.
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { vip } from '../lab.ts';
import type { Suite } from './suites.ts';

const [file, pidFile, vrrpPidFile] = ['/run/keepalived.conf', '/run/keepalived-main.pid', '/run/keepalived-vrrp.pid'];

/** A router that took over stays active, as with this suite; either falls back as soon as one of its links is down. */
const instance = (name: string, id: number, { priority, advert, address, device }: InstanceSettings): string =>
  `vrrp_instance ${name} {
  state BACKUP
  nopreempt
  interface ${device}
  virtual_router_id ${id}
  priority ${priority}
  advert_int ${advert}
  virtual_ipaddress {
    ${address}/24 dev ${device}
  }
}
`;

type InstanceSettings = {
  readonly priority: number;
  readonly advert: number;
  readonly address: string;
  readonly device: string;
};

const realServer = (address: string, weight: number): string => `  real_server ${address} 80 {
    weight ${weight}
    HTTP_GET {
      url {
        path /
        status_code 200
      }
      connect_timeout 1
      retry 0
    }
  }
`;

const configuration = (priority: number, advert: number): string => `global_defs {
  vrrp_version 3
}
vrrp_sync_group pair {
  group {
    public
    private
  }
}
${instance('public', 51, { priority, advert, address: vip, device: 'eth0' })}${instance('private', 52, {
  ...{ priority, advert },
  ...{ address: '10.2.0.1', device: 'eth1' },
})}virtual_server ${vip} 80 {
  delay_loop 2
  warmup 0
  alpha
  lb_algo wrr
  lb_kind NAT
  protocol TCP
${realServer('10.2.0.11', 2)}${realServer('10.2.0.12', 1)}}
`;

/** For as long both have stood as they do before the pair counts as well (ms). */
const settled = 4000;

const lives = async (router: Host): Promise<boolean> => (await router.run(['pgrep', '-x', 'keepalived'])).code === 0;

/** keepalived with this time between two advertisements (s). */
export const keepalived = (advert: number): Suite => ({
  prepare: (router) => router.write(file, configuration(router.name === 'r1' ? 150 : 100, advert)),
  start: async (router) => {
    if (!(await lives(router))) await router.must(['keepalived', '-f', file, '-p', pidFile, '-r', vrrpPidFile]);
  },
  stop: async (router) => {
    await router.must(['kill', '-TERM', (await router.must(['cat', pidFile])).trim()]);
    await until(`keepalived on ${router.name} to end`, 15_000, async () => !(await lives(router)));
  },
  reload: async (router) => {
    await router.must(['kill', '-HUP', (await router.must(['cat', pidFile])).trim()]);
  },
  names: ['keepalived'],
  decider: (router) => router.must(['cat', vrrpPidFile]),
  isWell: standsFor(settled),
});

/** What it does not tell, time has to show: both run, and nothing has moved for so long. */
function standsFor(ms: number): Suite['isWell'] {
  let since = { owner: '', at: 0, seen: 0 };
  return async (owner, standby) => {
    if (!(await lives(owner)) || !(await lives(standby))) return false;
    const now = nowMs();
    if (since.owner !== owner.name || now - since.seen > 3000) since = { owner: owner.name, at: now, seen: now };
    since.seen = now;
    await pause(200);
    return now - since.at >= ms;
  };
}
