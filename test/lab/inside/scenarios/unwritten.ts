// The file of raised addresses cannot be written, and a virtual address has no label by which it is known again.
import { nowMs, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { lvsCf, makeLab, usualSettings } from '../lab.ts';
import { hasVip, statusOf } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

type Status = { readonly state: string };

export async function unwritten() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1 } = lab;
    await startWebServers(lab);
    await r1.write('/etc/sysconfig/ha/lvs.cf', lvsCf(usualSettings).replace(' eth0:1', ' eth0'));
    await r1.must(['mkdir', '-p', '/run/piranha/addresses.json']);
    await service(r1, 'start');
    await untilServing(r1, 2, 40_000);
    const fenced = await hang(r1);
    await untilServing(r1, 2, 40_000);
    const stopped = await restartAndStop(r1);
    return { fenced, stopped, complaints: (await systemLog(r1)).filter((line) => line.includes('could not be noted')) };
  } finally {
    await lab.destroy();
  }
}

/** pulse is stopped by a signal until lvs has taken the address down, and goes on. */
async function hang(router: Host) {
  const pulse = (await router.must(['pgrep', '-x', 'pulse'])).trim();
  const began = nowMs();
  await router.must(['kill', '-STOP', pulse]);
  await until('lvs to take the address down', 20_000, () => !hasVip(router));
  const goneAfterMs = nowMs() - began;
  await router.must(['kill', '-CONT', pulse]);
  return { goneAfterMs };
}

/** Another pulse goes on with the same lvs, and is told to stop. */
async function restartAndStop(router: Host) {
  const lvs = (await router.must(['pgrep', '-x', 'lvsd'])).trim();
  await router.must(['pkill', '-KILL', '-x', 'pulse']);
  const { code } = await service(router, 'start');
  await until('the next pulse to be active', 20_000, async () => {
    const status = await statusOf<Status>(router);
    return status?.state === 'active' && hasVip(router);
  });
  const sameLvs = (await router.must(['pgrep', '-x', 'lvsd'])).trim() === lvs;
  await service(router, 'stop');
  return { code, sameLvs, vip: hasVip(router) };
}
