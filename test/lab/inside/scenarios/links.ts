// A pair that watches its links: single cables are pulled and put back, and the virtual address goes where it should.
import { failed, longestGap, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { setCables } from '../network.ts';
import { watchOwners } from '../owners.ts';
import { hasVip } from '../look.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** What has to pass before a link that is back counts again, and more (ms). */
const beyondDeadtime = 6000;

/** Real servers are in the public network, so that the private one carries heartbeats and nothing else. */
export async function links() {
  const lab = await makeLab({ ...usualSettings, network: 'direct', more: 'monitor_links = 1\n' });
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    const owners = await watchOwners([r1, r2]);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 30_000);
    await standbyReady(r2);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    await pause(2000);

    const privateOfOwner = { at: Date.now(), clock: nowMs() };
    await setCables('r1', 'down', ['prv']);
    await until('r2 to own the address', 20_000, () => hasVip(r2));
    await traffic.answeredAfter(nowMs(), 10_000);
    await setCables('r1', 'up', ['prv']);
    await pause(beyondDeadtime);

    const privateOfBoth = { at: Date.now(), clock: nowMs() };
    for (const router of ['r1', 'r2']) await setCables(router, 'down', ['prv']);
    await pause(beyondDeadtime);
    await setCables('r1', 'up', ['prv']);
    // A switch that starts again gives one port its link before the other.
    await pause(1500);
    await setCables('r2', 'up', ['prv']);
    await pause(beyondDeadtime);

    const publicOfOwner = { at: Date.now(), clock: nowMs() };
    await setCables('r2', 'down', ['pub']);
    await until('r1 to own the address', 20_000, () => hasVip(r1));
    await traffic.answeredAfter(nowMs(), 10_000);
    await pause(2000);

    // Now the only router that could take over has just got its cable back.
    const exchanged = { at: Date.now(), clock: nowMs() };
    await setCables('r2', 'up', ['pub']);
    await setCables('r1', 'down', ['pub']);
    await until('r2 to own the address again', 30_000, () => hasVip(r2));
    await traffic.answeredAfter(nowMs(), 20_000);
    await setCables('r1', 'up', ['pub']);
    await pause(2 * beyondDeadtime);

    const last = (await traffic.answeredAfter(nowMs(), 5000)).outcome;
    await traffic.stop();
    await owners.stop();
    const requests = (from: number, to: number) => {
      const then = traffic.since(from).filter((each) => each.sentAt < to);
      return { outageMs: longestGap(then), failed: failed(then).length, summary: summary(then) };
    };
    return {
      moves: owners.moves(),
      pulled: {
        privateOfOwner: privateOfOwner.at,
        privateOfBoth: privateOfBoth.at,
        publicOfOwner: publicOfOwner.at,
        exchanged: exchanged.at,
      },
      requests: {
        privateOfOwner: requests(privateOfOwner.clock, privateOfBoth.clock),
        privateOfBoth: requests(privateOfBoth.clock, publicOfOwner.clock),
        publicOfOwner: requests(publicOfOwner.clock, exchanged.clock),
        exchanged: requests(exchanged.clock, nowMs()),
      },
      last,
      owners: [hasVip(r1), hasVip(r2)],
      logs: { r1: await systemLog(r1), r2: await systemLog(r2) },
    };
  } finally {
    await lab.destroy();
  }
}

const standbyReady = (router: Host): Promise<boolean> =>
  until('the standby to be ready', 20_000, async () => Object.keys(await serversInTable(router)).length === 2);
