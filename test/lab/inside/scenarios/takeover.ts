// The active router's cables are pulled; later they are put back; later the owner is stopped. With frames.
import { capture } from '../capture.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { nowMs, pause, until } from '../command.ts';
import { longestGap, startTraffic, summary } from '../client.ts';
import type { PairSettings } from '../lab.ts';
import { makeLab, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { addressesOn, ipvsTable, serversInTable, service, untilServing } from '../router.ts';
import type { Request } from '../probe.ts';
import { startWebServers } from '../web-server.ts';

/** Everything that is seen from the table, the addresses, the wire and the client. */
export async function takeover(settings: PairSettings) {
  const lab = await makeLab(settings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    const publicWire = await capture(r2, 'eth0', 'udp port 539');
    const privateWire = await capture(r2, 'eth1', 'udp port 539');
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 30_000);
    await pause(3000);
    if (settings.hotStandby) await untilReady(r2);
    await Promise.all([publicWire.stop(), privateWire.stop()]);
    const before = {
      table: await ipvsTable(r1),
      standbyTable: await ipvsTable(r2),
      addresses: { eth0: await addressesOn(r1, 'eth0'), eth1: await addressesOn(r1, 'eth1') },
      owners: [hasVip(r1), hasVip(r2)],
    };
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    await pause(1000);
    const arp = await capture(client, 'eth0', 'arp');
    const unexcused = await refusalsBy(r2);
    const cut = nowMs();
    await lab.setCables(r1, 'down');
    const first = await traffic.answeredAfter(nowMs(), (settings.deadtime + 20) * 1000);
    const ownerMac = (
      JSON.parse(await r2.must(['ip', '-j', 'link', 'show', 'dev', 'eth0'])) as { address: string }[]
    )[0]?.address;
    const afterCut = {
      outageMs: first.doneAt - cut,
      refused: await unexcused(traffic.since(cut)),
      summary: summary(traffic.since(cut)),
      owners: [hasVip(r1), hasVip(r2)],
      table: await ipvsTable(r2),
      natRouter: (await addressesOn(r2, 'eth1')).some((each) => each.local === '10.2.0.1'),
    };
    await pause(6000);
    await arp.stop();
    const healed = nowMs();
    await lab.setCables(r1, 'up');
    await until('one owner after the heal', 20_000, () => hasVip(r1) !== hasVip(r2));
    await pause(3000);
    const afterHeal = { owners: [hasVip(r1), hasVip(r2)], summary: summary(traffic.since(healed)) };
    const lastAnswered = (await traffic.answeredAfter(nowMs(), 5000)).outcome;
    const [owner, other] = afterHeal.owners[0] === true ? [r1, r2] : [r2, r1];
    if (settings.hotStandby) await untilReady(other);
    const unexcusedAfterStop = await refusalsBy(other);
    const stopped = nowMs();
    const stop = service(owner, 'stop');
    await until('the other router to own the address', 20_000, () => hasVip(other));
    const next = await traffic.answeredAfter(nowMs(), 20_000);
    const afterStop = {
      code: (await stop).code,
      outageMs: longestGap(traffic.since(stopped - 500)),
      untilAnsweredMs: next.doneAt - stopped,
      refused: await unexcusedAfterStop(traffic.since(stopped)),
      summary: summary(traffic.since(stopped)),
      table: await ipvsTable(owner),
      addresses: await addressesOn(owner, 'eth0'),
    };
    await traffic.stop();
    const logs = { r1: await systemLog(r1), r2: await systemLog(r2) };
    return {
      ...{ logs, before, afterCut, afterHeal, lastAnswered, afterStop, ownerMac },
      heartbeats: { public: publicWire.frames, private: privateWire.frames },
      arp: arp.frames,
    };
  } finally {
    await lab.destroy();
  }
}

/**
 * Counts refused requests around the next takeover by this router. None counts if it says then that it raised the
 * addresses before all servers were judged: in an emulated guest two nannies may take longer than it waits to start.
 */
async function refusalsBy(router: Host): Promise<(requests: readonly Request[]) => Promise<number>> {
  const waitsInVain = async (): Promise<number> =>
    (await systemLog(router)).filter((line) => line.includes('the addresses wait no longer')).length;
  const before = await waitsInVain();
  return async (requests) =>
    (await waitsInVain()) > before ? 0 : requests.filter(({ outcome }) => outcome.type === 'refused').length;
}

/** A hot standby has judged its servers, and its table stands. */
const untilReady = (router: Host): Promise<true> =>
  until(`${router.name} to be ready`, 20_000, async () =>
    Object.keys(await serversInTable(router)).length === 2 ? true : undefined,
  );
