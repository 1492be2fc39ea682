// An administrator switches the service to the other router and back, and one direction of the wires is cut.
import type { Traffic } from '../client.ts';
import { failed, longestGap, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { watchOwners } from '../owners.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

export async function switchOver() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    await service(r1, 'start');
    await untilServing(r1, 2, 30_000);
    const early = await r1.run(['lvsctl', 'switch']);
    await service(r2, 'start');
    await standbyReady(r2);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    await pause(2000);
    const owners = await watchOwners([r1, r2]);
    const there = await switchFrom(traffic, r1, r1, r2);
    await standbyReady(r1);
    // Ordered on the router that shall have it.
    const back = await switchFrom(traffic, r1, r2, r1);
    await standbyReady(r2);
    await owners.stop();
    const oneWay = await cutOneWay(lab, traffic);
    await traffic.stop();
    const logs = { r1: await systemLog(r1), r2: await systemLog(r2) };
    return { early, there, back, moves: owners.moves(), oneWay, logs };
  } finally {
    await lab.destroy();
  }
}

const standbyReady = (router: Host): Promise<true> =>
  until(`${router.name} to stand by`, 30_000, async () =>
    Object.keys(await serversInTable(router)).length === 2 ? true : undefined,
  );

async function switchFrom(traffic: Traffic, ordered: Host, from: Host, to: Host) {
  await pause(3000);
  const began = nowMs();
  const said = await ordered.run(['lvsctl', 'switch']);
  await until(`${to.name} to own the address`, 20_000, () => hasVip(to));
  await pause(5000);
  const requests = traffic.since(began);
  return {
    said,
    outageMs: longestGap(requests),
    broken: count(requests, 'broken'),
    lost: failed(requests).length - count(requests, 'broken'),
    summary: summary(requests),
    owners: { from: hasVip(from), to: hasVip(to) },
    status: await to.must(['lvsctl', 'status']),
  };
}

const count = (requests: ReturnType<Traffic['since']>, type: string): number =>
  requests.filter(({ outcome }) => outcome.type === type).length;

/** r2 hears nothing of r1 any more, r1 hears r2: r2 takes over, and r1, which cannot make itself heard, has to let go. */
async function cutOneWay({ r1, r2 }: Lab, traffic: Traffic) {
  await r2.must(['nft', 'add table ip cut']);
  await r2.must(['nft', 'add chain ip cut in { type filter hook input priority 0; }']);
  const began = nowMs();
  await r2.must(['nft', 'add rule ip cut in ip saddr { 10.1.0.2, 10.2.0.2 } udp dport 539 drop']);
  await until('r2 to own the address', 20_000, () => hasVip(r2));
  const taken = nowMs();
  await until('r1 to let go', 20_000, () => !hasVip(r1));
  const bothMs = nowMs() - taken;
  await pause(4000);
  const whileCut = { owners: [hasVip(r1), hasVip(r2)], status: await r1.must(['lvsctl', 'status']) };
  await r2.must(['nft', 'delete table ip cut']);
  await pause(5000);
  const last = (await traffic.answeredAfter(nowMs(), 5000)).outcome;
  const owners = [hasVip(r1), hasVip(r2)];
  return { bothMs, whileCut, owners, last, summary: summary(traffic.since(began)) };
}
