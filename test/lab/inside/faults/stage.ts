// Where faults happen: a pair that serves a client, and everything that can be done to it.
import type { Running } from '../command.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { rebootRouter } from '../lab.ts';
import type { Net } from '../network.ts';
import { setCables } from '../network.ts';
import { startWebServer } from '../web-server.ts';
import type { Span } from './overlap.ts';
import type { Suite } from './suites.ts';

/** What a deed may use. The owner is who had the address when the row began. */
export type Stage = {
  readonly suite: Suite;
  readonly client: Host;
  readonly owner: Host;
  readonly standby: Host;
  readonly pull: (host: Host, ...nets: readonly Net[]) => Promise<void>;
  readonly plug: (host: Host, ...nets: readonly Net[]) => Promise<void>;
  readonly powerOff: (router: Host) => Promise<void>;
  /** Switches a router on again, and starts the programs. */
  readonly boot: (router: Host) => Promise<void>;
  readonly stopServer: (name: ServerName) => Promise<void>;
  readonly startServer: (name: ServerName) => Promise<void>;
};

type ServerName = 's1' | 's2';
type RouterName = 'r1' | 'r2';

type Loss = { readonly at: number; readonly router: string; readonly has: false };

/** The machines of a pair, which change when one is switched off. */
export type Machines = {
  readonly lab: () => Lab;
  readonly stage: (owner: RouterName) => Stage;
  /** When a client could not reach a router; forgets what was before. */
  readonly takeUnreachable: () => readonly (Span & { readonly router: string })[];
  /** Addresses that were lost with the power, which no kernel reports; forgets them. */
  readonly takeLosses: () => readonly Loss[];
  /** From now on this is done with every router that is switched on, before anything runs on it. */
  readonly whenBooted: (act: (router: Host) => Promise<void>) => void;
};

/** Starts the web servers of a lab. */
export async function makeMachines(built: Lab, suite: Suite): Promise<Machines> {
  let lab = built;
  let unreachable: { router: string; from: number; to: number }[] = [];
  let losses: Loss[] = [];
  let greet: (router: Host) => Promise<void> = () => Promise.resolve();
  const servers = new Map<ServerName, Running>();
  const startServer = async (name: ServerName): Promise<void> => {
    servers.set(name, await startWebServer(lab[name]));
  };
  await Promise.all((['s1', 's2'] as const).map(startServer));
  const lost = (router: Host): void => {
    unreachable.push({ router: router.name, from: Date.now(), to: Infinity });
  };
  const found = (router: Host): void => {
    const now = Date.now();
    unreachable = unreachable.map((each) =>
      each.router === router.name && each.to === Infinity ? { ...each, to: now } : each,
    );
  };
  const actions: Omit<Stage, 'owner' | 'standby' | 'client' | 'suite'> = {
    pull: async (host, ...nets) => {
      await setCables(host.name, 'down', nets);
      if (nets.includes('pub')) lost(host);
    },
    plug: async (host, ...nets) => {
      if (nets.includes('pub')) found(host);
      await setCables(host.name, 'up', nets);
    },
    powerOff: async (router) => {
      await router.destroy();
      lost(router);
      losses.push({ at: Date.now(), router: router.name, has: false });
    },
    boot: async (router) => {
      const name = router.name as RouterName;
      found(router);
      lab = await rebootRouter(lab, name);
      await suite.prepare(lab[name]);
      await greet(lab[name]);
      await suite.start(lab[name]);
    },
    stopServer: async (name) => {
      await servers.get(name)?.stop('SIGKILL');
    },
    startServer,
  };
  return {
    lab: () => lab,
    stage: (owner) => ({
      ...actions,
      ...{ suite, client: lab.client, owner: lab[owner], standby: lab[owner === 'r1' ? 'r2' : 'r1'] },
    }),
    takeUnreachable: () => {
      const taken = unreachable;
      unreachable = unreachable.filter(({ to }) => to === Infinity);
      return taken;
    },
    takeLosses: () => {
      const taken = losses;
      losses = [];
      return taken;
    },
    whenBooted: (act) => {
      greet = act;
    },
  };
}
