// Parts of a router hang or die for good: who has the address, and when; what is left.
import { failed, startTraffic } from '../client.ts';
import { arpClaims } from '../arp-claims.ts';
import { capture } from '../capture.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { processesOf, systemLog } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { watchOwners } from '../owners.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** After the last heartbeat the kernel keeps an address for 4 s, lvs for 5.4 s; the partner takes over 6 s after it. */
const settings = { ...usualSettings, keepalive: 1, deadtime: 6 };

const pidOf = async (host: Host, name: string): Promise<string> =>
  (await host.run(['pgrep', '-x', name])).stdout.trim();

const state = async (router: Host): Promise<string> => {
  const { stdout } = await router.run(['lvsctl', 'status', '--json']);
  return stdout === '' ? 'unknown' : (JSON.parse(stdout) as { state: string }).state;
};

const untilEmpty = (router: Host): Promise<unknown> =>
  until(`no service on ${router.name}`, 15_000, async () => (await ipvsTable(router)).length === 0);

/** One owner falls silent by a deed; the other has to take over, and not before the first has let go. */
async function passOn(from: Host, to: Host, deed: () => Promise<unknown>, mayTidy = true) {
  const owners = await watchOwners([from, to]);
  // The address stands on one of them already, which a watch does not see.
  const since = Date.now();
  await deed();
  await Promise.all([mayTidy && untilEmpty(from), until(`${to.name} to take over`, 20_000, () => hasVip(to))]);
  await untilServing(to, 2, 15_000);
  // What the kernel reports comes later than what a look at it shows.
  await until('the report of both', 15_000, () => {
    const told = (router: Host, has: boolean) =>
      owners.reports().some((each) => each.router === router.name && each.has === has);
    return told(from, false) && told(to, true);
  });
  await owners.stop();
  const macs = { from: await macOf(from), to: await macOf(to) };
  return { from: from.name, to: to.name, since, until: Date.now(), macs, reports: owners.reports() };
}

const macOf = async (router: Host): Promise<string> =>
  (await router.must(['cat', '/sys/class/net/eth0/address'])).trim();

/** Nothing of the suite but what `keep` names. */
async function killAllBut(router: Host, keep?: string): Promise<void> {
  const names = ['pulse', 'lvsd', 'nanny', 'send_arp'].filter((name) => name !== keep);
  await router.must(['pkill', '-KILL', '-x', names.join('|')]);
  // The standing ones, not those of the lab. They may have ended with their parents.
  await router.run(['pkill', '-KILL', '-f', '^ip -j -force']);
}

/** lvs that hangs; pulse that hangs; all but lvs killed; all killed; a stop with pulse gone. */
export async function forsaken() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 40_000);
    await until('r2 to stand by', 20_000, async () => (await state(r2)) === 'inactive');
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    await pause(2000);

    const old = await pidOf(r1, 'lvsd');
    const begun = nowMs();
    await r1.must(['kill', '-STOP', old]);
    const fresh = await until('another lvs', 20_000, async () => {
      const now = await pidOf(r1, 'lvsd');
      return now !== old && now !== '' ? now : undefined;
    });
    const replacedMs = nowMs() - begun;
    await pause(3000);
    const hungLvs = {
      ...{ replacedMs, replaced: fresh !== old, owner: hasVip(r1), state: await state(r1) },
      ...{ failed: failed(traffic.since(begun)).length, entries: (await ipvsTable(r1)).length },
    };

    const arps = await capture(client, 'eth0', 'arp');
    const pulsePid = await pidOf(r1, 'pulse');
    const hungPulse = await passOn(r1, r2, () => r1.must(['kill', '-STOP', pulsePid]));
    await r1.must(['kill', '-CONT', pulsePid]);
    await pause(3000);
    const awake = { states: [await state(r1), await state(r2)], owner: [hasVip(r1), hasVip(r2)] };

    const killedForGood = await passOn(r2, r1, () => killAllBut(r2, 'lvsd'));
    await until('nothing of the suite on r2', 15_000, async () => (await processesOf(r2)).length === 0);
    const dead = (await service(r2, 'status')).code;

    await service(r2, 'start');
    await until('r2 to stand by', 40_000, async () => (await state(r2)) === 'inactive');
    const allKilled = await passOn(r1, r2, () => killAllBut(r1), false);
    const orphans = await processesOf(r1);
    await arps.stop();

    const answered = (await traffic.answeredAfter(nowMs(), 10_000)).outcome.type;
    await traffic.stop();
    await r2.must(['pkill', '-KILL', '-x', 'pulse']);
    const begunStop = nowMs();
    const stop = await service(r2, 'stop');
    const stopped = {
      ...{ code: stop.code, text: stop.stdout, tookMs: nowMs() - begunStop, owner: hasVip(r2) },
      ...{ table: await ipvsTable(r2), processes: await processesOf(r2), status: (await service(r2, 'status')).code },
    };
    const log = [...(await systemLog(r1)), ...(await systemLog(r2))];
    return {
      ...{ hungLvs, hungPulse, awake, killedForGood, dead, allKilled, orphans, answered, stopped },
      ...{ claims: arpClaims(arps.frames), log },
    };
  } finally {
    await lab.destroy();
  }
}
