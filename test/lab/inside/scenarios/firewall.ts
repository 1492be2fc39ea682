// The firewall rules of SECURITY.md on both routers: heartbeats, the sync daemon and clients pass, and a switch works.
import { readFileSync } from 'node:fs';
import { failed, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip, statusOf } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const settings = { ...usualSettings, more: 'syncdaemon = 1\nsyncd_iface = eth1\n' };

type Status = {
  readonly partner: { readonly said: string; readonly hearsUs: boolean | null };
  readonly pair: { readonly connections: number | null };
};

/** A block of the page, as the router's administrator would copy it. */
function rulesFor(router: Host, kind: 'nft' | 'iptables'): string {
  const page = readFileSync('SECURITY.md', 'utf8');
  const [, rules] = new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  if (rules === undefined) throw new Error(`SECURITY.md has no rules of ${kind}`);
  return router.name === 'r1' ? rules : rules.replaceAll('10.1.0.3', '10.1.0.2').replaceAll('10.2.0.3', '10.2.0.2');
}

const load = (router: Host, kind: 'nft' | 'iptables'): Promise<string> =>
  kind === 'nft'
    ? router.must(['nft', '-f', '-'], rulesFor(router, kind))
    : router.must(['iptables-restore'], rulesFor(router, kind));

const unload = (router: Host): Promise<string> => router.must(['nft', 'flush', 'ruleset']);

const heard = async (router: Host): Promise<boolean> => (await statusOf<Status>(router))?.partner.hearsUs === true;

/** The service goes to the other router under traffic, and both hear each other longer than deadtime. */
async function tryRules({ r1, r2, client }: Lab, kind: 'nft' | 'iptables') {
  for (const router of [r1, r2]) await load(router, kind);
  const checked = (await r1.run(['lvsctl', 'check', '--system'])).stdout.split('\n');
  const traffic = startTraffic(client, vip);
  await traffic.answeredAfter(0, 20_000);
  const began = nowMs();
  await pause(2000 * settings.deadtime);
  const [from, to] = hasVip(r1) ? [r1, r2] : [r2, r1];
  const said = await from.run(['lvsctl', 'switch']);
  await until('the other router to have the address', 20_000, () => hasVip(to) && !hasVip(from));
  await traffic.answeredAfter(nowMs(), 20_000);
  await until('both to hear each other', 20_000, async () => (await heard(r1)) && (await heard(r2)));
  // A standby learns of connections by the sync daemon alone.
  const known = await until('the standby to know connections', 30_000, async () => {
    const count = (await statusOf<Status>(from))?.pair.connections ?? 0;
    return count > 0 ? count : undefined;
  });
  const requests = traffic.since(began);
  await traffic.stop();
  const dropped = await client.run(['curl', '-sS', '--max-time', '2', `http://${vip}:81/`]);
  for (const router of [r1, r2]) await unload(router);
  return {
    ...{ switched: said.code, known, otherPort: dropped.code, failed: failed(requests).length },
    ...{ summary: summary(requests), complaints: checked.filter((line) => line.includes('firewall')) },
  };
}

export async function firewall() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 60_000);
    await until('both to hear each other', 30_000, async () => (await heard(r1)) && (await heard(r2)));
    const nft = await tryRules(lab, 'nft');
    const iptables = await tryRules(lab, 'iptables');
    return { nft, iptables, logs: { r1: await systemLog(r1), r2: await systemLog(r2) } };
  } finally {
    await lab.destroy();
  }
}
