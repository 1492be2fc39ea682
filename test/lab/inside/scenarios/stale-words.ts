// What routers say and announce on the wire when what they know is old: after switching to and fro, after a sleep beside an
// original; and a virtual address whose interface loses its cable.
import { arpClaims } from '../arp-claims.ts';
import { capture } from '../capture.ts';
import { nowMs, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings } from '../lab.ts';
import { hasVip } from '../look.ts';
import { startOriginal } from '../original-router.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { addVipDevice, hasDeviceAddress, removeVipDevice, setVipCable } from '../vip-device.ts';
import { startWebServers } from '../web-server.ts';

const settings = { ...usualSettings, more: 'monitor_links = 1\n' };
const deadtimeMs = 3000;
/** Questions who has an address are open for a second. */
const openQuestions = 1500;

export async function staleWords() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 30_000);
    await standsBy(r2);
    const cable = await pullVipCable(lab);
    const toAndFro = await switchToAndFro(lab);
    const original = await sleepBesideOriginal(lab);
    return { cable, toAndFro, original, logs: { r1: await systemLog(r1), r2: await systemLog(r2) } };
  } finally {
    await lab.destroy();
  }
}

const standsBy = (router: Host): Promise<boolean> =>
  until(`${router.name} to stand by`, 30_000, async () => Object.keys(await serversInTable(router)).length >= 2);

/** Of the interface of one of two virtual addresses: first on the owner, then on both. */
async function pullVipCable({ r1, r2 }: Lab) {
  await addVipDevice([r1, r2], r1, settings);
  const began = nowMs();
  await setVipCable(r1, 'down');
  await until('r2 to have both addresses', 20_000, async () => hasVip(r2) && (await hasDeviceAddress(r2)));
  const movedAfterMs = nowMs() - began;
  const status = await r1.must(['lvsctl', 'status']);
  await setVipCable(r2, 'down');
  await until('r2 to tell of its link', 20_000, async () =>
    (await systemLog(r2)).some((line) => line.includes('the link of eth5 is down')),
  );
  await passes(2 * deadtimeMs);
  const owners = [hasVip(r1), hasVip(r2)];
  await removeVipDevice([r1, r2], settings);
  return { movedAfterMs, status, owners };
}

/** The service goes to the other router and comes back as soon as that one has it. */
async function switchToAndFro({ r1, r2 }: Lab) {
  const [from, to] = hasVip(r1) ? [r1, r2] : [r2, r1];
  await switched(from, to);
  const began = nowMs();
  await switched(to, from);
  const backAfterMs = nowMs() - began;
  await passes(openQuestions);
  const lines = [...(await systemLog(r1)), ...(await systemLog(r2))].filter((line) => line.includes('is in use on'));
  return { backAfterMs, lines };
}

/** An order that comes while the change before it is under way is refused: once more, then. */
const switched = (from: Host, to: Host): Promise<boolean> =>
  until(`${to.name} to own the address`, 20_000, async () => {
    if (!hasVip(to)) await from.run(['lvsctl', 'switch', '--force']);
    return hasVip(to);
  });

/** pulse of the active primary is stopped by a signal until the original has taken over, and goes on. */
async function sleepBesideOriginal({ r1, r2, client }: Lab) {
  await service(r2, 'stop');
  await until('r1 to own the address', 20_000, () => hasVip(r1));
  const said: string[] = [];
  const original = startOriginal(r2, deadtimeMs, ['10.1.0.3', '10.2.0.3'], (line) => {
    if (line.endsWith('active')) said.push(line);
  });
  // It has heard one of ours there, which had to be near: a reload forgets that.
  await service(r1, 'reload');
  await until('r1 to know the original', 20_000, async () =>
    (await systemLog(r1)).some((line) => line.includes('is an original router')),
  );
  const pulse = (await r1.must(['pgrep', '-x', 'pulse'])).trim();
  await r1.must(['kill', '-STOP', pulse]);
  await until('the original to take over', 20_000, () => said.includes('active') && hasVip(r2));
  await passes(2000);
  const arp = await capture(client, 'eth0', 'arp');
  const words = await capture(r2, 'eth0', 'udp port 539 and src 10.1.0.2');
  await r1.must(['kill', '-CONT', pulse]);
  await until('r1 to say that it is inactive', 20_000, () => words.frames.length > 0);
  await passes(2 * deadtimeMs);
  const mac = (await r1.must(['cat', '/sys/class/net/eth0/address'])).trim();
  const result = {
    claims: arpClaims(arp.frames).filter((claim) => claim.mac === mac),
    words: [...new Set(words.frames.map(({ hex }) => hex.slice(84, 92)))],
    said,
    owners: [hasVip(r1), hasVip(r2)],
  };
  await Promise.all([arp.stop(), words.stop(), original.stop('SIGTERM')]);
  return result;
}

/** Time in which nothing may happen. */
const passes = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
