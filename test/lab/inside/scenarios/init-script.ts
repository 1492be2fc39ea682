// From the installation on: the init script on both routers, with its exit codes, and files that are wrong.
import { nowMs, pause, until } from '../command.ts';
import { startTraffic, failed } from '../client.ts';
import type { Host } from '../host.ts';
import { processesOf } from '../host.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const configuration = '/etc/sysconfig/ha/lvs.cf';

/** Three mistakes in three blocks: at the top, in a virtual server, in a real server. */
const threeMistakes = (good: string): string =>
  good
    .replace('keepalive = 1\n', 'keepalive = often\n')
    .replace('scheduler = wrr', 'schedular = wrr')
    .replace('weight = 1\n', 'weight = -1\n');

const exitCode = async (router: Host, verb: string): Promise<number> => (await service(router, verb)).code;

/** What an administrator sees who installs, starts, asks, reloads and stops. */
export async function initScript() {
  const lab = await makeLab(usualSettings);
  try {
    await startWebServers(lab);
    const { r1, r2 } = lab;
    const good = await r1.must(['cat', configuration]);
    const stopped = {
      status: await exitCode(r1, 'status'),
      reload: await exitCode(r1, 'reload'),
      stop: await exitCode(r1, 'stop'),
    };
    const unknownVerb = await exitCode(r1, 'dance');

    await r1.write(configuration, threeMistakes(good));
    const refused = await service(r1, 'start');
    const afterRefusal = { processes: await processesOf(r1), vip: hasVip(r1) };
    await r1.must(['mv', configuration, `${configuration}.away`]);
    const missing = await exitCode(r1, 'start');

    await r1.write(configuration, good);
    const start = [await exitCode(r1, 'start'), await exitCode(r2, 'start')];
    await untilServing(r1, 2, 30_000);
    const startedTwice = await exitCode(r1, 'start');
    const running = [await exitCode(r1, 'status'), await exitCode(r2, 'status')];
    const table = await ipvsTable(r1);

    const traffic = startTraffic(lab.client, vip);
    await traffic.answeredAfter(0, 10_000);
    const since = nowMs();
    for (const router of [r1, r2]) await router.write(configuration, threeMistakes(good));
    const reloadOfBadFile = [await exitCode(r1, 'reload'), await exitCode(r2, 'reload')];
    await pause(3000);
    const untouched = {
      table: await ipvsTable(r1),
      owner: [hasVip(r1), hasVip(r2)],
      failed: failed(traffic.since(since)).length,
      requests: traffic.since(since).length,
    };
    for (const router of [r1, r2]) await router.write(configuration, lvsCf({ ...usualSettings, weights: [5, 1] }));
    const reloadOfGoodFile = [await exitCode(r1, 'reload'), await exitCode(r2, 'reload')];
    await until('the new weight', 10_000, async () => (await ipvsTable(r1)).some((line) => line.endsWith('-w 5')));
    const failedInReload = failed(traffic.since(since)).length;
    await traffic.stop();

    const restart = await exitCode(r2, 'restart');
    const stop = [await exitCode(r1, 'stop'), await exitCode(r2, 'stop')];
    const afterStop = await Promise.all(
      [r1, r2].map(async (router) => ({
        processes: await processesOf(router),
        table: await ipvsTable(router),
        vip: hasVip(router),
        status: await exitCode(router, 'status'),
        pidFile: (await router.run(['test', '-e', '/run/pulse.pid'])).code === 0,
      })),
    );
    return {
      ...{ stopped, unknownVerb, refused, afterRefusal, missing, start, startedTwice, running, table },
      ...{ reloadOfBadFile, untouched, reloadOfGoodFile, failedInReload, restart, stop, afterStop },
    };
  } finally {
    await lab.destroy();
  }
}
