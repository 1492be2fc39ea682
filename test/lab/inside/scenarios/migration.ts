// A pair of the version before signatures were usual goes over to this one, one router after the other, and one of them back.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { failed, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { forge } from '../forgery.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import type { PairStatus } from '../look.ts';
import { hasVip, statusOf } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** scripts/lib/earlier-version has built it. */
const earlier = resolve('build/earlier/29f02c4/root');

/** What an installation puts there, and the init script of the same version. */
const places = ['/usr/lib/piranha', '/etc/init.d/pulse'];

async function useEarlier(router: Host): Promise<void> {
  for (const place of places) await router.must(['mount', '--bind', `${earlier}${place}`, place]);
}

async function useThis(router: Host): Promise<void> {
  for (const place of places) await router.must(['umount', place]);
}

const untilPaired = (...routers: readonly Host[]): Promise<boolean> =>
  until('both to hear each other', 30_000, async () => {
    const all = await Promise.all(routers.map((router) => statusOf<PairStatus>(router)));
    return all.every((status) => status?.partner.hearsUs === true && status.partner.said !== 'nothing');
  });

/** The standby becomes another version, with a stop and a start. */
async function exchange(standby: Host, use: (router: Host) => Promise<void>): Promise<void> {
  await service(standby, 'stop');
  await use(standby);
  const started = await service(standby, 'start');
  if (started.code !== 0) throw new Error(`${standby.name} does not start: ${started.stdout}${started.stderr}`);
}

async function switchTo(from: Host, to: Host): Promise<void> {
  await from.must(['lvsctl', 'switch']);
  await until(`${to.name} to own the address`, 20_000, () => hasVip(to) && !hasVip(from));
}

/** Longer than deadtime: who is not heard any more is taken for dead by then. */
const settle = (): Promise<void> => pause(3000 * usualSettings.deadtime);

export async function migration() {
  if (!existsSync(earlier)) throw new Error(`${earlier} is not there: scripts/lib/earlier-version 29f02c4`);
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) {
      await useEarlier(router);
      await service(router, 'start');
    }
    await untilServing(r1, 2, 60_000);
    await untilPaired(r1, r2);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    const began = nowMs();
    const owners = (): readonly boolean[] => [hasVip(r1), hasVip(r2)];

    await exchange(r2, useThis);
    await untilPaired(r1, r2);
    await settle();
    const half = {
      owners: owners(),
      versions: await versionsOf(r1, r2),
      alarm: (await statusOf<PairStatus>(r2))?.pair.alarm,
    };
    await switchTo(r1, r2);
    await settle();
    await exchange(r1, useThis);
    await untilPaired(r1, r2);
    await settle();
    const whole = { owners: owners(), versions: await versionsOf(r1, r2) };
    // Now that both send with the full time to live nothing else counts.
    await forge(client, { from: '10.1.0.2', router: r2, to: '10.1.0.3', ttl: 64 }, ['bddabdad', 'bddabdad']);
    await pause(1000);
    const refused = (await statusOf<PairStatus>(r2))?.partner.refused['far'] ?? 0;
    // Back, for a reason that nobody hopes for: a reload forgets what was learnt.
    await service(r1, 'stop');
    await useEarlier(r1);
    await service(r2, 'reload');
    await service(r1, 'start');
    await untilPaired(r1, r2);
    await settle();
    const back = { owners: owners(), versions: await versionsOf(r1, r2) };
    const requests = traffic.since(began);
    await traffic.stop();
    const seen = { half, whole, refused, back, failed: failed(requests).length, summary: summary(requests) };
    return { ...seen, logs: { r1: await systemLog(r1), r2: await systemLog(r2) } };
  } catch (error) {
    const logs = await Promise.all([lab.r1, lab.r2].map(systemLog));
    throw new Error(`${String(error)}\n${logs.flat().join('\n')}`, { cause: error });
  } finally {
    await lab.destroy();
  }
}

/** How many different versions are installed. */
async function versionsOf(...routers: readonly Host[]): Promise<number> {
  const sums = await Promise.all(routers.map((router) => router.must(['sha256sum', '/usr/lib/piranha/pulse.cjs'])));
  return new Set(sums).size;
}
