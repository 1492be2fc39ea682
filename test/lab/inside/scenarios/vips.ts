// Floating addresses of both families on the wire: what neighbours know, what is asked before and announced after.
import { capture } from '../capture.ts';
import type { Traffic } from '../client.ts';
import { startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { makeHost, systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { plugIn, unplug } from '../network.ts';
import { hasVip } from '../look.ts';
import { service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const vip6 = '2001:db8:1::64';
const inside6 = '2001:db8:2::1';

/** The same service for IPv6, and the way out of its servers. */
const ipv6Blocks = `virtual inside6 {
  active = 1
  address = ${inside6} eth1
  vip_nmask = 64
  port = 9
}
virtual web6 {
  active = 1
  address = ${vip6} eth0
  vip_nmask = 64
  port = 80
  scheduler = rr
  timeout = 1
  reentry = 2
  server s1 {
    active = 1
    address = 2001:db8:2::11
  }
  server s2 {
    active = 1
    address = 2001:db8:2::12
  }
}
`;
/** The neighbours are to be right within two seconds after a heal, which begins with a heartbeat; emulation takes a part of them. */
const settings = { ...usualSettings, keepalive: 0.5, more: ipv6Blocks };

/** Every host has both families. */
async function addIpv6({ client, r1, r2, s1, s2 }: Lab): Promise<void> {
  const add = (host: Host, device: string, address: string) =>
    host.must(['ip', 'address', 'add', `${address}/64`, 'dev', device, 'nodad']);
  await add(client, 'eth0', '2001:db8:1::a');
  for (const [router, byte] of [
    [r1, 2],
    [r2, 3],
  ] as const) {
    await add(router, 'eth0', `2001:db8:1::${byte}`);
    await add(router, 'eth1', `2001:db8:2::${byte}`);
    await router.must(['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1']);
  }
  for (const [server, byte] of [
    [s1, 11],
    [s2, 12],
  ] as const) {
    await add(server, 'eth1', `2001:db8:2::${byte}`);
    await server.must(['ip', '-6', 'route', 'add', 'default', 'via', inside6]);
  }
}

const macOf = async (host: Host, device: string): Promise<string> => {
  const shown = JSON.parse(await host.must(['ip', '-j', 'link', 'show', 'dev', device])) as { address: string }[];
  return shown[0]?.address ?? '';
};

/** Where a host believes an address to be. */
async function neighbour(host: Host, address: string): Promise<string | undefined> {
  const listed = JSON.parse((await host.must(['ip', '-j', 'neigh', 'show', address])) || '[]') as { lladdr?: string }[];
  return listed[0]?.lladdr;
}

const neighbours = async (host: Host) => ({ ipv4: await neighbour(host, vip), ipv6: await neighbour(host, vip6) });

const hasAddress = async (host: Host, address: string): Promise<boolean> =>
  (await host.must(['ip', '-o', 'address', 'show'])).includes(` ${address}/`);

/** The cables of the owner are pulled; requests, and what is on the wires meanwhile. */
async function cut({ r1, r2, client, s1, setCables }: Lab, traffic: Traffic) {
  const macs = { r1: await macOf(r1, 'eth0'), r2: await macOf(r2, 'eth0'), r2Inside: await macOf(r2, 'eth1') };
  const before = await neighbours(client);
  const wire = await capture(client, 'eth0', 'arp or (icmp6 and (ip6[40] == 135 or ip6[40] == 136))');
  const insideWire = await capture(s1, 'eth1', 'arp');
  const began = nowMs();
  await setCables(r1, 'down');
  const first = await traffic.answeredAfter(began + 500, 30_000);
  const after = await neighbours(client);
  await pause(6000);
  await Promise.all([wire.stop(), insideWire.stop()]);
  return {
    macs,
    neighbours: { before, after },
    outageMs: first.doneAt - began,
    summary: summary(traffic.since(began)),
    frames: wire.frames,
    insideFrames: insideWire.frames,
  };
}

/** Three announcements are this many frames: one form for IPv6, two for IPv4. */
const guard = `table arp guard {
  counter dropped { }
  chain in {
    type filter hook input priority 0
    arp saddr ip ${vip} limit rate 1/day burst 6 packets counter name dropped drop
  }
}
table ip6 guard {
  counter dropped { }
  chain in {
    type filter hook input priority 0
    ip6 saddr ${vip6} icmpv6 type nd-neighbor-advert limit rate 1/day burst 3 packets counter name dropped drop
  }
}
`;

async function droppedBy(client: Host, family: 'arp' | 'ip6'): Promise<number> {
  const listed = await client.must(['nft', 'list', 'counter', family, 'guard', 'dropped']);
  return Number(/packets (\d+)/.exec(listed)?.[1]);
}

/** The cut heals; the neighbours have learnt the wrong owner meanwhile, and miss what is announced first. */
async function heal({ r1, r2, client, setCables }: Lab, wrong: string, right: string) {
  await client.must(['nft', '-f', '-'], guard);
  const learn = ([vip, vip6] as const).map(
    (address) => `neigh replace ${address} lladdr ${wrong} dev eth0 nud reachable`,
  );
  await client.must(['ip', '-batch', '-'], learn.join('\n'));
  const before = await neighbours(client);
  const began = nowMs();
  await setCables(r1, 'up');
  const rightAfter = async (address: string): Promise<number> => {
    await until(`${address} to be at its owner`, 15_000, async () => (await neighbour(client, address)) === right);
    return nowMs() - began;
  };
  const [ipv4, ipv6] = await Promise.all([rightAfter(vip), rightAfter(vip6)]);
  await pause(3000);
  const dropped = { ipv4: await droppedBy(client, 'arp'), ipv6: await droppedBy(client, 'ip6') };
  await client.must(['nft', 'flush', 'ruleset']);
  return {
    before,
    rightAfterMs: { ipv4, ipv6 },
    dropped,
    later: await neighbours(client),
    owners: [hasVip(r1), hasVip(r2)],
  };
}

/** Somebody takes the addresses of the owner down. */
async function deleted(owner: Host, client: Host) {
  const wire = await capture(client, 'eth0', `(arp and arp[14:4] == 0x0a010064) or (icmp6 and ip6[40] == 136)`);
  const began = nowMs();
  await owner.must(['ip', '-batch', '-'], `address delete ${vip}/24 dev eth0\naddress delete ${vip6}/64 dev eth0\n`);
  await until('both addresses to be back', 10_000, async () => hasVip(owner) && (await hasAddress(owner, vip6)));
  const backAfterMs = nowMs() - began;
  await pause(2000);
  await wire.stop();
  return {
    backAfterMs,
    frames: wire.frames.length,
    log: (await systemLog(owner)).filter((line) => line.includes('put back')),
  };
}

/** A third station has the addresses, too, when the other router takes over. */
async function taken({ r1, r2, client }: Lab, squatter: Host) {
  for (const word of [`${vip}/24`, `${vip6}/64`]) {
    await squatter.must(['ip', 'address', 'add', word, 'dev', 'eth0', ...(word.includes(':') ? ['nodad'] : [])]);
  }
  const wire = await capture(client, 'eth0', 'arp[14:4] == 0 and arp[24:4] == 0x0a010064');
  const began = nowMs();
  const stop = service(r2, 'stop');
  await until('r1 to own the address', 20_000, () => hasVip(r1));
  const tookMs = nowMs() - began;
  await stop;
  await pause(3000);
  await wire.stop();
  const log = await systemLog(r1);
  await squatter.must(['ip', 'address', 'flush', 'dev', 'eth0']);
  return {
    tookMs,
    probes: wire.frames,
    mac: await macOf(squatter, 'eth0'),
    warnings: log.filter((line) => line.includes('another station')),
  };
}

const remembered = '/run/piranha/addresses.json';

/** All of the suite dies at once, and starts again with a file that has fewer addresses. */
async function leftOver(router: Host) {
  const noted = await router.must(['cat', remembered]);
  const mode = (await router.must(['stat', '-c', '%a', remembered])).trim();
  await router.must(['pkill', '-KILL', '-x', 'pulse|lvsd|nanny|send_arp|ip']);
  await pause(500);
  const up = async () => ({
    ipv4: hasVip(router),
    ipv6: await hasAddress(router, vip6),
    inside6: await hasAddress(router, inside6),
  });
  const afterCrash = await up();
  await router.write('/etc/sysconfig/ha/lvs.cf', lvsCf(usualSettings));
  await service(router, 'start');
  await until('the former addresses to be down', 30_000, async () => !(await hasAddress(router, vip6)));
  const afterStart = await up();
  await until('the address that is still in the file', 40_000, () => hasVip(router));
  const served = { ...(await up()), noted: await router.must(['cat', remembered]) };
  const log = (await systemLog(router)).filter((line) => line.includes('earlier life'));
  await service(router, 'stop');
  const afterStop = { ...(await up()), file: (await router.run(['cat', remembered])).code === 0 };
  return { noted, mode, afterCrash, afterStart, served, log, afterStop };
}

export async function vips() {
  const lab = await makeLab(settings);
  const squatter = await makeHost('x');
  try {
    const { r1, r2, client } = lab;
    await plugIn(squatter, [{ net: 'pub', address: '10.1.0.50' }]);
    await addIpv6(lab);
    await startWebServers(lab);
    await service(r1, 'start');
    await untilServing(r1, 4, 60_000);
    await service(r2, 'start');
    const traffic = startTraffic(client, vip6);
    await traffic.answeredAfter(0, 40_000);
    await client.must(['ping', '-c', '1', vip]);
    await pause(4000);
    const whole = await cut(lab, traffic);
    await traffic.stop();
    const healed = await heal(lab, whole.macs.r1, whole.macs.r2);
    const putBack = await deleted(r2, client);
    await pause(3000);
    const asked = await taken(lab, squatter);
    const left = await leftOver(r1);
    return { cut: whole, heal: healed, deleted: putBack, taken: asked, leftOver: left };
  } finally {
    await squatter.destroy();
    await unplug('x');
    await lab.destroy();
  }
}
