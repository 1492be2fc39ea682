// Cables, interfaces, and what somebody does to addresses and to the table by hand.
import { pause } from '../command.ts';
import type { Host } from '../host.ts';
import { vip } from '../lab.ts';
import type { Net } from '../network.ts';
import type { Act } from './act.ts';
import { costsAnyway, costsOwner, free, nothing, repairMs, takeoverMs } from './act.ts';
import { watchAlarm } from './strange-vip.ts';

const cable = (what: string, ...nets: readonly Net[]): Act => ({
  name: `${what} out`,
  hits: 'router',
  lasts: [300, 4500],
  cost: costsOwner(takeoverMs + 1500),
  breaks: nets,
  deed: async (site, { router }) => {
    await site.setCables(router, 'down', ...nets);
    return () => site.setCables(router, 'up', ...nets);
  },
});

const flap = (what: string, net: Net): Act => ({
  name: `${what} flaps`,
  hits: 'router',
  lasts: [0, 500],
  cost: costsOwner(8000),
  breaks: [net],
  deed: async (site, { router, random }) => {
    for (let times = random.whole(3, 8); times > 0; times -= 1) {
      await site.setCables(router, 'down', net);
      await pause(random.whole(20, 500));
      await site.setCables(router, 'up', net);
      await pause(random.whole(20, 500));
    }
    return nothing;
  },
});

/** As a network script does it: everything goes, and the machine's own address comes back. */
const networkRestart = (device: 'eth0' | 'eth1', network: string): Act => ({
  name: `network restart of ${device}`,
  hits: 'router',
  lasts: [0, 0],
  cost: costsOwner(takeoverMs + 1500),
  breaks: [device === 'eth0' ? 'pub' : 'prv'],
  deed: async (site, { router, random }) => {
    const host = site.router(router);
    await batch(host, `link set ${device} down\naddress flush dev ${device}`);
    await pause(random.whole(0, 1500));
    await batch(host, `address add ${network}.${router === 'r1' ? 2 : 3}/24 dev ${device}\nlink set ${device} up`);
    return nothing;
  },
});

const batch = (host: Host, lines: string) => host.run(['ip', '-force', '-batch', '-'], `${lines}\n`);

const byHand = (name: string, cost: Act['cost'], lines: string): Act => ({
  name,
  hits: 'router',
  lasts: [0, 0],
  cost,
  breaks: lines.startsWith(`address add ${vip}/`) ? ['address'] : [],
  deed: async (site, { router }) => {
    await batch(site.router(router), lines);
    return nothing;
  },
});

/** What stands beside pulse's work stands there until its own hands take it away. */
const strangeVip: Act = {
  name: 'virtual address added by hand, without a label',
  hits: 'router',
  lasts: [500, 3000],
  cost: costsAnyway(takeoverMs),
  breaks: ['address'],
  deed: async (site, { router }) => {
    const added = await batch(site.router(router), `address add ${vip}/32 dev eth0`);
    return added.code === 0 ? () => batch(site.router(router), `address delete ${vip}/32 dev eth0`) : nothing;
  },
  watch: watchAlarm,
};

const table = (name: string, cost: Act['cost'], ...words: readonly string[]): Act => ({
  name: `table by hand: ${name}`,
  hits: 'router',
  lasts: [0, 0],
  cost,
  deed: async (site, { router }) => {
    await site.router(router).run(['ipvsadm', ...words]);
    return nothing;
  },
});

const service = ['-t', `${vip}:80`] as const;

export const actsOnNetwork: readonly Act[] = [
  cable('public cable', 'pub'),
  cable('private cable', 'prv'),
  cable('both cables', 'pub', 'prv'),
  flap('public cable', 'pub'),
  flap('private cable', 'prv'),
  networkRestart('eth0', '10.1.0'),
  networkRestart('eth1', '10.2.0'),
  byHand('virtual address deleted', costsOwner(2500), `address delete ${vip}/24 dev eth0`),
  byHand('nat_router deleted', costsOwner(2500), 'address delete 10.2.0.1/24 dev eth1'),
  byHand(
    'virtual address added by hand, as pulse adds it',
    costsAnyway(takeoverMs),
    `address add ${vip}/24 broadcast 10.1.0.255 dev eth0 label eth0:1`,
  ),
  byHand(
    'nat_router added by hand, as pulse adds it',
    costsAnyway(takeoverMs),
    'address add 10.2.0.1/24 broadcast 10.2.0.255 dev eth1 label eth1:1',
  ),
  strangeVip,
  table('cleared', costsOwner(repairMs), '-C'),
  table('service deleted', costsOwner(repairMs), '-D', ...service),
  table('server deleted', free, '-d', ...service, '-r', '10.2.0.11:80'),
  table('weight changed', free, '-e', ...service, '-r', '10.2.0.12:80', '-m', '-w', '7'),
  table('a server that is none', costsOwner(repairMs), '-a', ...service, '-r', '10.2.0.99:80', '-m', '-w', '1'),
  table("somebody else's service", free, '-A', '-t', '10.9.9.9:99', '-s', 'rr'),
];
