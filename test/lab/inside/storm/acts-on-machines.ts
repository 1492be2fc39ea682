// Whole machines: power, processors, disks, files, and the real servers.
import { pause } from '../command.ts';
import type { Act } from './act.ts';
import { checkMs, costsAnyway, costsOwner, free, nothing, takeoverMs } from './act.ts';
import { serverNames } from './site.ts';

const serverDies: Act = {
  name: 'server dies',
  hits: 'server',
  lasts: [300, 4500],
  cost: costsAnyway(checkMs),
  deed: async (site, { server }) => {
    await site.stopServer(server);
    return () => site.startServer(server);
  },
};

const serverUnplugged: Act = {
  name: 'cable of a server out',
  silencesServers: true,
  hits: 'server',
  lasts: [300, 4500],
  cost: costsAnyway(checkMs),
  deed: async (site, { server }) => {
    await site.setCables(server, 'down', 'prv');
    return () => site.setCables(server, 'up', 'prv');
  },
};

const allServersDie: Act = {
  name: 'all servers die',
  hits: 'pair',
  lasts: [300, 4000],
  cost: costsAnyway(2 * checkMs),
  stopsAll: true,
  deed: async (site) => {
    await Promise.all(serverNames.map(site.stopServer));
    return () => Promise.all(serverNames.map(site.startServer));
  },
};

const powerCut: Act = {
  name: 'power cut',
  hits: 'router',
  lasts: [500, 4000],
  cost: costsOwner(takeoverMs),
  deed: async (site, { router }) => {
    await site.powerOff(router);
    return () => site.powerOn(router);
  },
};

/** More that want a processor than there are, at the usual priority. */
const busy: Act = {
  name: 'busy machine',
  hits: 'router',
  lasts: [1000, 3000],
  cost: costsAnyway(1000),
  deed: (site, { router }) => {
    const burners = Array.from({ length: 6 }, () => site.router(router).start(['sh', '-c', 'while :; do :; done']));
    return Promise.resolve(() => Promise.all(burners.map((each) => each.stop('SIGKILL'))));
  },
};

const filesUnderRun = ['/run/pulse.pid', '/run/lvs.pid', '/run/piranha'] as const;

/** Some of them, or all. */
const filesDeleted: Act = {
  name: 'files under /run deleted',
  hits: 'router',
  lasts: [0, 0],
  cost: costsOwner(takeoverMs),
  deed: async (site, { router, random }) => {
    const some = filesUnderRun.filter(() => random.chance(0.6));
    await site.router(router).run(['rm', '-rf', ...(some.length === 0 ? filesUnderRun : some)]);
    return nothing;
  },
};

const diskFull = (folder: string): Act => ({
  name: `disk full: ${folder}`,
  hits: 'router',
  lasts: [1000, 4000],
  cost: free,
  deed: async (site, { router }) => {
    const host = site.router(router);
    await host.run(['mount', '-o', 'remount,size=8m', folder]);
    await host.run(['dd', 'if=/dev/zero', `of=${folder}/filler`, 'bs=4k']);
    return async () => {
      await host.run(['rm', '-f', `${folder}/filler`]);
      await host.run(['mount', '-o', 'remount,size=50%', folder]);
    };
  },
});

const syslogRestarted: Act = {
  name: 'syslog restarted',
  hits: 'router',
  lasts: [0, 2000],
  cost: free,
  deed: async (site, { router }) => {
    const host = site.router(router);
    await host.run(['sh', '-c', 'kill "$(cat /run/syslogd.pid)"']);
    return async () => {
      await pause(100);
      await host.run(['busybox', 'syslogd', '-O', '/run/messages']);
    };
  },
};

export const actsOnMachines: readonly Act[] = [
  serverDies,
  serverUnplugged,
  allServersDie,
  powerCut,
  busy,
  filesDeleted,
  diskFull('/run'),
  diskFull('/var/log'),
  syslogRestarted,
];
