// Parts of a router are killed, alone and together, while a client asks all the time; pulse is started again.
import { failed, startTraffic, summary } from '../client.ts';
import type { Traffic } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hideServers, showServers } from '../network.ts';
import { watchOwners } from '../owners.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** In the emulated guest a pulse takes up to 13 s to start: what the one before wrote down counts 26 s. */
const settings = { ...usualSettings, keepalive: 1, deadtime: 30 };

const parts = ['pulse', 'lvsd', 'nanny', 'send_arp', 'ip'] as const;
type Part = (typeof parts)[number];

/** What is killed at the same moment; lvsd, nanny and send_arp alone are the scenario `killed`'s. */
const strokes: readonly (readonly Part[])[] = [
  ['pulse'],
  ['ip'],
  ['pulse', 'send_arp', 'ip'],
  ['pulse', 'nanny'],
  ['lvsd', 'nanny'],
  ['pulse', 'lvsd'],
  parts,
];

/** The standing `ip`, not those of the lab. */
const searchFor = (part: Part): readonly string[] => (part === 'ip' ? ['-f', '^ip -j -force'] : ['-x', part]);

async function pidsOf(host: Host, part: Part): Promise<string[]> {
  const found = await host.run(['pgrep', ...searchFor(part)]);
  return found.stdout.split('\n').filter((line) => line !== '');
}

type Pids = Record<Part, string[]>;

async function allPids(host: Host): Promise<Pids> {
  const found = await Promise.all(parts.map(async (part) => [part, await pidsOf(host, part)] as const));
  return Object.fromEntries(found) as Pids;
}

type Standing = { readonly state: string; readonly pair: { readonly term: number }; readonly lvs: unknown };

async function standing(router: Host): Promise<Standing | undefined> {
  const { code, stdout } = await router.run(['lvsctl', 'status', '--json']);
  return code === 0 ? (JSON.parse(stdout) as Standing) : undefined;
}

/** As many of each as before, none of those that were killed, and lvs answers. */
async function wholeAgain(router: Host, before: Pids, killed: readonly string[]): Promise<Standing | undefined> {
  const now = await allPids(router);
  const whole = parts.every(
    (part) => now[part].length === before[part].length && now[part].every((pid) => !killed.includes(pid)),
  );
  const found = whole ? await standing(router) : undefined;
  return found?.lvs === null || found?.lvs === undefined ? undefined : found;
}

/** Kills, starts pulse again if it was hit, and waits until all is as it was. */
async function strike(router: Host, hit: readonly Part[], traffic: Traffic) {
  const before = await allPids(router);
  const term = (await standing(router))?.pair.term;
  const table = await ipvsTable(router);
  const since = nowMs();
  const killed = hit.flatMap((part) => before[part]);
  // Some end by themselves when those that started them are gone.
  await router.run(['kill', '-KILL', ...killed]);
  await until(`the end of ${hit.join(', ')} on ${router.name}`, 10_000, async () =>
    Object.values(await allPids(router)).every((pids) => pids.every((pid) => !killed.includes(pid))),
  );
  const ofPulse = hit.includes('pulse')
    ? { status: (await service(router, 'status')).code, start: (await service(router, 'start')).code }
    : undefined;
  const after = await until(`all of ${router.name} after the death of ${hit.join(', ')}`, 30_000, () =>
    wholeAgain(router, before, killed),
  );
  await pause(1000);
  const requests = traffic.since(since);
  const kept = (await pidsOf(router, 'lvsd')).join() === before.lvsd.join();
  return {
    ...{ hit, killed: killed.length, ofPulse, lvsKept: kept, state: after.state },
    ...{ sameTerm: after.pair.term === term, sameTable: (await ipvsTable(router)).join() === table.join() },
    ...{ owner: hasVip(router), failed: failed(requests).length, requests: requests.length },
    ...{ outcome: summary(requests), tookMs: Math.round(nowMs() - since) },
  };
}

/** No server answers the active router any more: whether the standby's new pulse knows that it has servers. */
async function loseServers(owner: Host, standby: Host) {
  await hideServers(owner);
  await until(`${standby.name} to serve`, 30_000, () => hasVip(standby) && !hasVip(owner));
  await showServers(owner);
  return { states: [await standing(owner), await standing(standby)].map((each) => each?.state) };
}

/** Every stroke on the active router, and the first on the standby. */
export async function restarts() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    const owners = await watchOwners([r1, r2]);
    const started = [(await service(r1, 'start')).code, (await service(r2, 'start')).code];
    await untilServing(r1, 2, 40_000);
    await until('r2 to stand by', 20_000, async () => (await standing(r2))?.lvs !== null);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    // Each nanny, send_arp and ip has begun.
    await pause(3000);
    const second = await r1.run(['pulse', '-n']);
    const active: Awaited<ReturnType<typeof strike>>[] = [];
    for (const hit of strokes) active.push(await strike(r1, hit, traffic));
    const standby = await strike(r2, ['pulse'], traffic);
    const movesBefore = owners.moves();
    const bereft = await loseServers(r1, r2);
    await traffic.stop();
    await owners.stop();
    const stopped = [(await service(r1, 'stop')).code, (await service(r2, 'stop')).code];
    const left = [await allPids(r1), await allPids(r2)].map((pids) => Object.values(pids).flat().length);
    const log = [...(await systemLog(r1)), ...(await systemLog(r2))];
    return { started, second, active, standby, moves: movesBefore, bereft, stopped, left, log };
  } finally {
    await lab.destroy();
  }
}
