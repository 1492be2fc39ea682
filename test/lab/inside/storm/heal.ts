// What an administrator does at the end of a round: everything plugged in, switched on and running again.
import { processesOf } from './processes.ts';
import type { RouterName, Site } from './site.ts';
import { routerNames, serverNames, writeOriginal } from './site.ts';

export async function heal(site: Site): Promise<void> {
  for (const server of serverNames) {
    await site.startServer(server);
    await site.setCables(server, 'up', 'prv');
  }
  await Promise.all(routerNames.map((router) => healRouter(site, router)));
}

async function healRouter(site: Site, name: RouterName): Promise<void> {
  await site.powerOn(name);
  await site.setCables(name, 'up', 'pub', 'prv');
  const router = site.router(name);
  const pids = processesOf(router).flatMap(({ pid, program }) => (program === undefined ? [] : [String(pid)]));
  if (pids.length > 0) await router.run(['kill', '-CONT', ...pids]);
  await router.run(['ipvsadm', '-D', '-t', '10.9.9.9:99']);
  await router.run(['rm', '-f', '/run/filler', '/var/log/filler']);
  await writeOriginal(site, name);
  if ((await site.service(name, 'status')) === 0) await site.service(name, 'reload');
  else await site.service(name, 'start');
}
