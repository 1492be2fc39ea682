// The owner loses its own addresses on both networks for longer than deadtime: no heartbeat of it goes out, and the other takes over.
import { nowMs, pause, until } from '../command.ts';
import { systemLog } from '../host.ts';
import { makeLab, usualSettings } from '../lab.ts';
import { hasVip, statusOf } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** In ms. */
const lookEvery = 20;

export async function mute() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 60_000);
    const hears = async (): Promise<boolean> =>
      (await statusOf<{ partner: { hearsUs: boolean | null } }>(r1))?.partner.hearsUs === true;
    await until('the owner to be heard', 30_000, hears);
    await r1.must(['ip', '-batch', '-'], 'address flush dev eth0 scope global\naddress flush dev eth1 scope global\n');
    const began = nowMs();
    let bothMs = 0;
    let last = began;
    for (let now = began; now - began < 12_000; now = nowMs()) {
      if (hasVip(r1) && hasVip(r2)) bothMs += now - last;
      last = now;
      await pause(lookEvery);
    }
    const away = [hasVip(r1), hasVip(r2)];
    const alarm = (await statusOf<{ pair: { alarm: string | null } }>(r1))?.pair.alarm ?? null;
    await r1.must(['ip', '-batch', '-'], 'address add 10.1.0.2/24 dev eth0\naddress add 10.2.0.2/24 dev eth1\n');
    await until('the former owner to be heard again', 30_000, hears);
    await pause(3000 * usualSettings.deadtime);
    const back = [hasVip(r1), hasVip(r2)];
    return {
      bothMs: Math.round(bothMs),
      away,
      alarm,
      back,
      logs: { r1: await systemLog(r1), r2: await systemLog(r2) },
    };
  } finally {
    await lab.destroy();
  }
}
