// What administrators do with the init script, with lvs.cf and with lvsctl.
import { pause } from '../command.ts';
import { lvsCf } from '../lab.ts';
import type { Act, Cast } from './act.ts';
import { costsAnyway, costsOwner, free, handoverMs, nothing } from './act.ts';
import type { RouterName, Site } from './site.ts';
import { configurationPath, routerNames, writeOriginal } from './site.ts';

const verb = (name: string, again: string | undefined): Act => ({
  name: `service pulse ${name}`,
  hits: 'router',
  lasts: [0, 4000],
  cost: costsOwner(handoverMs),
  deed: async (site, { router }) => {
    await site.service(router, name);
    return again === undefined ? nothing : () => site.service(router, again);
  },
});

type Edit = (file: string) => string;

const write = (site: Site, router: RouterName, edit: Edit): Promise<void> =>
  site.router(router).write(configurationPath, edit(lvsCf(site.settings)));

/** Another file on one router or on both, and the first one again at the end. */
const reload = (what: string, hits: 'router' | 'pair', edit: (cast: Cast) => Edit): Act => ({
  name: `reload: ${what}`,
  hits,
  lasts: [500, 4000],
  cost: free,
  deed: async (site, cast) => {
    const hit = hits === 'pair' ? routerNames : [cast.router];
    for (const router of hit) {
      await write(site, router, edit(cast));
      await site.service(router, 'reload');
    }
    return async () => {
      for (const router of hit) {
        await writeOriginal(site, router);
        await site.service(router, 'reload');
      }
    };
  },
});

/** The other router waits as long before it takes over. */
const reloadDeadtime = (what: string, hits: 'router' | 'pair'): Act => ({
  ...reload(what, hits, otherDeadtime),
  slows: true,
});

const otherWeights =
  ({ random }: Cast): Edit =>
  (file) =>
    file.replaceAll(/weight = \d+/g, () => `weight = ${random.whole(1, 9)}`);

const otherDeadtime =
  ({ random }: Cast): Edit =>
  (file) =>
    file.replace(/^deadtime = .*$/m, `deadtime = ${random.pick([1.5, 3, 6, 12])}`);

const mistake =
  ({ random }: Cast): Edit =>
  (file) =>
    random.pick([
      file.replace('active = 1', 'active = perhaps'),
      file.replace(/\}\s*$/, ''),
      file.replace(/^primary = .*$/m, 'primary = 10.1.0.300'),
      '',
    ]);

const order = (what: string, cost: Act['cost'], given: readonly string[], back: readonly string[]): Act => ({
  name: `lvsctl ${what}`,
  hits: 'server',
  lasts: [500, 4000],
  cost,
  deed: async (site, { router, server }) => {
    await site.router(router).run(['lvsctl', ...given, 'web', server]);
    // pulse may just be starting: an administrator tries again.
    return async () => {
      for (let tries = 0; tries < 20; tries += 1) {
        if ((await site.router(router).run(['lvsctl', ...back, 'web', server])).code === 0) return;
        await pause(500);
      }
    };
  },
});

export const actsOnService: readonly Act[] = [
  verb('stop', 'start'),
  verb('restart', undefined),
  verb('condrestart', undefined),
  { ...verb('start', undefined), cost: free },
  reload('other weights', 'router', otherWeights),
  reload('other weights on both', 'pair', otherWeights),
  reloadDeadtime('another deadtime', 'router'),
  reloadDeadtime('another deadtime on both', 'pair'),
  reload('a bad file', 'router', mistake),
  order('drain', free, ['drain'], ['undrain']),
  // What is connected to the server at that moment has its connection cut.
  order('force down', costsAnyway(1000), ['force', 'down'], ['force', 'auto']),
  order('force up', free, ['force', 'up'], ['force', 'auto']),
  {
    name: 'lvsctl switch',
    hits: 'pair',
    lasts: [0, 2000],
    cost: costsAnyway(handoverMs),
    deed: async (site, { router }) => {
      await site.router(router).run(['lvsctl', 'switch']);
      return nothing;
    },
  },
];
