// Direct routing, and a packet for the virtual address that comes to the standby, whose table is ready: how often it is on
// the wire. By address, by firewall mark, and where the routers are each other's real servers.
import { capture } from '../capture.ts';
import { pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServer, startWebServers } from '../web-server.ts';

const settings = { ...usualSettings, network: 'direct' } as const;

/** As in docs/real-servers.md, with this service's address. */
const marks = `table inet lvs {
  chain marks {
    type filter hook prerouting priority mangle
    ip daddr ${vip} tcp dport 80 meta mark set 80
  }
}
`;

export async function directLoop() {
  const lab = await makeLab(settings);
  try {
    const { r1, r2 } = lab;
    await startWebServers(lab);
    await start(lab, 2);
    const byAddress = await askStandby(lab);

    for (const router of [r1, r2]) {
      await router.must(['nft', '-f', '-'], marks);
      await router.write('/etc/sysconfig/ha/lvs.cf', lvsCf(settings).replace('port = 80', 'fwmark = 80\n  port = 80'));
      await service(router, 'reload');
    }
    const marked = async (router: Host) =>
      (await ipvsTable(router)).filter((line) => line.includes('-f 80')).length === 3;
    for (const router of [r1, r2]) await until('the table of the mark', 30_000, () => marked(router));
    const byMark = await askStandby(lab);
    // So set up, a router takes every marked packet for its own: its table gets it though it has no such address.
    await r2.must(['ip', 'rule', 'add', 'fwmark', '80', 'lookup', '80']);
    await r2.must(['ip', 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '80']);
    const byMarkTakenIn = await askStandby(lab);
    await r2.must(['ip', 'rule', 'delete', 'fwmark', '80']);

    for (const router of [r1, r2]) await service(router, 'stop');
    for (const router of [r1, r2]) await router.must(['nft', 'delete', 'table', 'inet', 'lvs']);
    return { byAddress, byMark, byMarkTakenIn, eachOther: await eachOther(lab) };
  } finally {
    await lab.destroy();
  }
}

async function start({ r1, r2 }: Lab, servers: number): Promise<void> {
  for (const router of [r1, r2]) await service(router, 'start');
  await untilServing(r1, servers, 60_000);
  await pause(4000);
}

/** Sends a request to the standby, as a client does whose ARP entry is wrong. */
async function askStandby({ client, r1, r2 }: Lab) {
  const [link] = JSON.parse(await r2.must(['ip', '-j', 'link', 'show', 'dev', 'eth0'])) as { address: string }[];
  await client.must(['ip', 'neigh', 'replace', vip, 'lladdr', link?.address ?? '', 'dev', 'eth0', 'nud', 'permanent']);
  const seen = await ask(client, [r1, r2], 3);
  await client.must(['ip', 'neigh', 'delete', vip, 'dev', 'eth0']);
  return { ...seen, standbyTable: (await ipvsTable(r2)).length, owners: [hasVip(r1), hasVip(r2)] };
}

const openings = `dst host ${vip} and tcp dst port 80 and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn`;

/** Asks several times; `most`: how often one opening packet, or its repetitions, went over a router's wire. */
async function ask(client: Host, routers: readonly Host[], times: number) {
  const wires = await Promise.all(routers.map((router) => capture(router, 'eth0', openings)));
  const codes: string[] = [];
  for (let count = 0; count < times; count += 1) {
    const answer = await client.run([
      'curl',
      '-s',
      '-m',
      '3',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      `http://${vip}/`,
    ]);
    codes.push(answer.stdout);
  }
  await pause(500);
  await Promise.all(wires.map((wire) => wire.stop()));
  return { codes, most: wires.map(({ frames }) => mostOfOne(frames)) };
}

/** The frames of each connection are counted by the client's port. */
function mostOfOne(frames: readonly { readonly hex: string }[]): number {
  const counts = new Map<string, number>();
  for (const { hex } of frames) counts.set(hex.slice(68, 72), (counts.get(hex.slice(68, 72)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** Both routers serve, too, as docs/real-servers.md has it for real servers. */
async function eachOther(lab: Lab) {
  const { client, r1, r2 } = lab;
  for (const router of [r1, r2]) {
    await router.must(['sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2']);
    await router.must(['ip', 'address', 'add', `${vip}/32`, 'dev', 'lo']);
    await startWebServer(router);
    const file = lvsCf(settings).replace('10.1.0.11', '10.1.0.2').replace('10.1.0.12', '10.1.0.3');
    await router.write('/etc/sysconfig/ha/lvs.cf', file);
  }
  await start(lab, 2);
  const served = { ...(await ask(client, [r1, r2], 6)), table: (await ipvsTable(r1)).length };
  const standbyTable = await ipvsTable(r2);
  // What a ready table on the standby would do: there is no lvs that would remove it.
  await service(r2, 'stop');
  await r2.must(['ipvsadm', '-R'], `-A -t ${vip}:80 -s rr\n-a -t ${vip}:80 -r 10.1.0.2:80 -g -w 1\n`);
  const looped = await ask(client, [r1, r2], 3);
  await r2.must(['ipvsadm', '-C']);
  await service(r2, 'start');
  await pause(6000);
  await service(r1, 'stop');
  await untilServing(r2, 2, 20_000);
  const afterTakeover = await ask(client, [r1, r2], 4);
  return { served, standbyTable, looped, afterTakeover };
}
