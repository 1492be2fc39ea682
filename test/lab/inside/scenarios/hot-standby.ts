// A ready standby at short timers: what it knows before it is needed, and what it has to do when it is.
import type { Traffic } from '../client.ts';
import { shares, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { traceStarts } from '../exec-trace.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, serversInTable, service } from '../router.ts';
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
    await Promise.all([untilServers(r1, 2), untilServers(r2, 2)]);
    await until('one owner', 60_000, () => hasVip(r1) !== hasVip(r2));
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 60_000);

    await second.stop();
    await untilServers(r1, 1);
    await untilServers(r2, 1);
    const deadServer = [await serversInTable(r1), await serversInTable(r2)];
    const { standby: ready } = rolesOf(lab);
    const tableRepairedMs = await clearTable(ready);
    const standbyTable = await ipvsTable(ready);

    const begun = nowMs();
    const takeovers = await takeOver(lab, traffic, rounds);
    await traffic.stop();
    const requests = traffic.since(begun);
    return {
      ...{ deadServer, tableRepairedMs, standbyTable, takeovers },
      shares: shares(requests),
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

/** An emulated machine may be held up for longer than these timers allow: the roles are as they are now. */
function rolesOf({ r1, r2 }: Lab): { readonly owner: Host; readonly standby: Host } {
  return hasVip(r1) ? { owner: r1, standby: r2 } : { owner: r2, standby: r1 };
}

/** So many may be spoilt by a machine that was held up just before. */
const spareTries = 3;

/** Back and forth, each time from the router that has the address. */
async function takeOver(lab: Lab, traffic: Traffic, times: number): Promise<Takeover[]> {
  const { r1, r2 } = lab;
  const trace = await traceStarts([r1, r2]);
  try {
    const takeovers: Takeover[] = [];
    for (let tries = 0; takeovers.length < times && tries < times + spareTries; tries += 1) {
      const { owner: from, standby: to } = rolesOf(lab);
      const seen = await watchTakeover(lab, { from, to, traffic, trace });
      if (seen === undefined) continue;
      takeovers.push(seen);
      await healed(lab, from);
    }
    return takeovers;
  } finally {
    trace?.stop();
  }
}

async function healed({ r1, r2, setCables }: Lab, cut: Host): Promise<void> {
  await setCables(cut, 'up');
  await until('one owner after the heal', 30_000, () => hasVip(r1) !== hasVip(r2));
  await untilServers(cut, 1);
  await pause(3000);
}

const untilServers = (router: Host, count: number): Promise<true> =>
  until(`${count} servers in the table of ${router.name}`, 60_000, async () =>
    Object.keys(await serversInTable(router)).length === count ? true : undefined,
  );
