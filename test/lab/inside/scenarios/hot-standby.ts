// A ready standby at short timers: what it knows before it is needed, and what it has to do when it is.
import type { Traffic } from '../client.ts';
import { shares, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { traceStarts } from '../exec-trace.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip, ipvsTable, serversInTable, service, untilServing } from '../router.ts';
import type { Takeover } from '../takeover-watch.ts';
import { watchTakeover } from '../takeover-watch.ts';
import { startWebServers } from '../web-server.ts';

const settings = { ...usualSettings, keepalive: 0.1, deadtime: 0.3 };

/** One takeover shows whether anything is started for it; figures want more of them. */
const rounds = Number(process.env['PIRANHA_TAKEOVERS'] ?? '1');

export async function hotStandby() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2, client } = lab;
    const [, second] = await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 60_000);
    await untilServers(r2, 2);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 60_000);

    await second.stop();
    await untilServers(r1, 1);
    await untilServers(r2, 1);
    const deadServer = { active: await serversInTable(r1), standby: await serversInTable(r2) };
    const tableRepairedMs = await clearTable(r2);
    const standby = { table: await ipvsTable(r2), owners: [await hasVip(r1), await hasVip(r2)] };

    const begun = nowMs();
    const takeovers = await takeOver(lab, traffic, rounds);
    await traffic.stop();
    const requests = traffic.since(begun);
    return {
      ...{ deadServer, tableRepairedMs, standby, takeovers },
      shares: shares(requests),
      refused: requests.filter(({ outcome }) => outcome.type === 'refused').length,
      summary: summary(requests),
      logs: { r1: await systemLog(r1), r2: await systemLog(r2) },
    };
  } finally {
    await lab.destroy();
  }
}

/** How long it takes until the one living server is back. */
async function clearTable(router: Host): Promise<number> {
  await router.must(['ipvsadm', '-C']);
  const cleared = nowMs();
  await untilServers(router, 1);
  return Math.round(nowMs() - cleared);
}

/** Back and forth, each time from the router that has the address. */
async function takeOver(lab: Lab, traffic: Traffic, times: number): Promise<Takeover[]> {
  const { r1, r2 } = lab;
  const trace = await traceStarts([r1, r2]);
  try {
    const takeovers: Takeover[] = [];
    for (let round = 0; round < times; round += 1) {
      const [from, to] = (await hasVip(r1)) ? [r1, r2] : [r2, r1];
      takeovers.push(await watchTakeover(lab, { from, to, traffic, trace }));
      await healed(lab, from);
    }
    return takeovers;
  } finally {
    trace?.stop();
  }
}

async function healed({ r1, r2, setCables }: Lab, cut: Host): Promise<void> {
  await setCables(cut, 'up');
  await until('one owner after the heal', 30_000, async () => (await hasVip(r1)) !== (await hasVip(r2)));
  await untilServers(cut, 1);
  await pause(3000);
}

const untilServers = (router: Host, count: number): Promise<true> =>
  until(`${count} servers in the table of ${router.name}`, 60_000, async () =>
    Object.keys(await serversInTable(router)).length === count ? true : undefined,
  );
