// The machines of a storm: a pair that serves, and everything that acts need to get at it.
import type { PairSettings, Lab } from '../lab.ts';
import { lvsCf, makeLab } from '../lab.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Net } from '../network.ts';
import { setCables } from '../network.ts';
import { service } from '../router.ts';
import { makeMachines } from '../faults/stage.ts';
import { ours } from '../faults/suites.ts';

export const routerNames = ['r1', 'r2'] as const;
export const serverNames = ['s1', 's2'] as const;
export type RouterName = (typeof routerNames)[number];
export type ServerName = (typeof serverNames)[number];

export const configurationPath = '/etc/sysconfig/ha/lvs.cf';

/** A pair, and the hands of whoever stands before it. */
export type Site = {
  readonly settings: PairSettings;
  readonly client: Host;
  /** The machine of that name; another one after each boot. */
  readonly router: (name: RouterName) => Host;
  readonly service: (name: RouterName, verb: string) => Promise<number>;
  readonly setCables: (name: RouterName | ServerName, state: 'up' | 'down', ...nets: readonly Net[]) => Promise<void>;
  readonly powerOff: (name: RouterName) => Promise<void>;
  /** Switches a router on and starts the suite; nothing where it is on. */
  readonly powerOn: (name: RouterName) => Promise<void>;
  readonly stopServer: (name: ServerName) => Promise<void>;
  /** Nothing where it runs. */
  readonly startServer: (name: ServerName) => Promise<void>;
  /** Everything that was logged since the last call of `forgetLogs`, in lives of the router that are over, too. */
  readonly logOf: (name: RouterName) => Promise<readonly string[]>;
  readonly forgetLogs: () => Promise<void>;
  readonly destroy: () => Promise<void>;
};

/** Builds the pair and its servers; the suite does not run yet. */
export async function makeSite(settings: PairSettings): Promise<Site> {
  const machines = await makeMachines(await makeLab(settings), ours);
  const stage = machines.stage('r1');
  const off = new Set<RouterName>();
  const down = new Set<ServerName>();
  const formerLogs: Record<RouterName, readonly string[]> = { r1: [], r2: [] };
  const router = (name: RouterName): Host => machines.lab()[name];
  for (const name of routerNames) await ours.prepare(router(name));
  const logNow = (name: RouterName): Promise<readonly string[]> => systemLog(router(name)).catch(() => []);
  return {
    settings,
    client: machines.lab().client,
    router,
    service: async (name, verb) => (await service(router(name), verb)).code,
    setCables: (name, state, ...nets) => setCables(name, state, nets),
    powerOff: async (name) => {
      if (off.has(name)) return;
      formerLogs[name] = [...formerLogs[name], ...(await logNow(name))];
      off.add(name);
      await stage.powerOff(router(name));
    },
    powerOn: async (name) => {
      if (!off.delete(name)) return;
      await stage.boot(router(name));
    },
    stopServer: async (name) => {
      if (down.has(name)) return;
      down.add(name);
      await stage.stopServer(name);
    },
    startServer: async (name) => {
      if (down.delete(name)) await stage.startServer(name);
    },
    logOf: async (name) => [...formerLogs[name], ...(await logNow(name))],
    forgetLogs: async () => {
      for (const name of routerNames) {
        formerLogs[name] = [];
        await router(name).run(['truncate', '-s', '0', '/run/messages']);
      }
    },
    destroy: () => destroy(machines.lab()),
  };
}

const destroy = ({ destroy: end }: Lab): Promise<void> => end();

/** The file as it was at the beginning. */
export const writeOriginal = (site: Site, name: RouterName): Promise<void> =>
  site.router(name).write(configurationPath, lvsCf(site.settings));
