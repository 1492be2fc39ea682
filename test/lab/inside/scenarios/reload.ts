// A long download through the virtual address, and everything an administrator may change meanwhile.
import { pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import { capture } from '../capture.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { startDownload } from '../download.ts';
import { hasVip, statusOf } from '../look.ts';
import { addressesOn, ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

/** Whatever a step of the scenario changes in the file. */
type File = {
  readonly global: string;
  /** Blocks in the order of the file. */
  readonly blocks: readonly string[];
};

const head = `primary = 10.1.0.2
primary_private = 10.2.0.2
backup = 10.1.0.3
backup_private = 10.2.0.3
backup_active = 1
keepalive = 1
deadtime = 4
hot_standby = 1
nat_router = 10.2.0.1 eth1:1
nat_nmask = 255.255.255.0
`;

const server = (last: number, more = ''): string => `  server s${last} {
    active = 1
    address = 10.2.0.1${last}
    ${more}
  }
`;

const virtual = (name: string, servers: string, more: string): string => `virtual ${name} {
  active = 1
  address = ${vip} eth0:1
  vip_nmask = 255.255.255.0
  reentry = 2
  slow_start = off
  ${more}
${servers}}
`;

const check = 'timeout = 1\nsend = "GET / HTTP/1.0\\r\\n\\r\\n"\nexpect = "HTTP/1.1 200"';
const web = (servers: string, more = 'scheduler = wrr'): string =>
  virtual('web', servers, `port = 80\n${check}\n${more}`);
const mail = virtual('mail', server(2), 'port = 81\ntimeout = 1\nscheduler = rr');
const second = mail.replace('virtual mail', 'virtual second').replace(`${vip} eth0:1`, '10.1.0.101 eth0:2');

const first: File = { global: head, blocks: [web(server(1))] };
const both: File = { ...first, blocks: [web(server(1) + server(2))] };
const three: File = { ...both, blocks: [...both.blocks, mail, second] };
const edited: File = {
  ...first,
  blocks: [
    virtual(
      'web',
      server(1, 'weight = 5') + server(2, 'weight = 3'),
      'port = 80\ntimeout = 2\nexpect = *\nsend = "GET /a HTTP/1.0\\r\\n\\r\\n"\nscheduler = wlc\npersistent = 300',
    ),
    mail,
    second,
  ],
};
/** The same in another order and under other names. */
const renamed: File = {
  ...edited,
  blocks: edited.blocks.toReversed().map((block) => block.replace(/^virtual /, 'virtual renamed-')),
};
const broken = 'virtual broken {\n  active = 1\n  address = 10.1.0.109 eth0:9\n  port = often\n  color = red\n}\n';
const invalid: File = { ...edited, blocks: [...edited.blocks, broken] };

const write = (routers: readonly Host[], { global, blocks }: File) =>
  Promise.all(routers.map((router) => router.write('/etc/sysconfig/ha/lvs.cf', global + blocks.join(''))));

const errorsIn = async (router: Host): Promise<string[]> =>
  (await systemLog(router)).filter((line) => line.includes(' error: '));

/** The init script would not tell pulse of such a file: somebody signals it himself. */
async function signalWith({ r1, r2 }: Lab, file: File): Promise<void> {
  const routers = [r1, r2];
  await write(routers, file);
  for (const router of routers) await router.must(['sh', '-c', 'read pid </run/pulse.pid; kill -HUP $pid']);
  await until('the complaints', 30_000, async () => (await errorsIn(r1)).length > 1);
}

/** Another file on both routers. They read it at once: with another heartbeat port neither hears the other in between. */
async function reload({ r1, r2 }: Lab, { global, blocks }: File): Promise<void> {
  const routers = [r1, r2];
  await write(routers, { global, blocks });
  const done = await Promise.all(routers.map((router) => service(router, 'reload')));
  for (const { code, stdout, stderr } of done)
    if (code !== 0) throw new Error(`reload: status ${code}: ${stdout}${stderr}`);
}

/** What the scenario needs of the status. */
type Status = {
  readonly digest: string;
  readonly lvs: {
    readonly digest: string;
    readonly virtualServers: readonly {
      readonly servers: readonly { readonly health: string; readonly weight: number | null }[];
    }[];
  } | null;
};

/** lvs has the file of pulse, every server was judged, and the kernel has those that are up and no other. */
async function isSettled(router: Host): Promise<boolean> {
  const status = await statusOf<Status>(router);
  if (status?.lvs?.digest !== status?.digest) return false;
  const servers = status?.lvs?.virtualServers.flatMap((each) => each.servers) ?? [];
  return servers.length > 0 && servers.every(({ health, weight }) => health === (weight === null ? 'down' : 'up'));
}

/** Waits until the active router has read its file `count` times, and has done all that followed from it. */
async function reloaded(r1: Host, count: number): Promise<string[]> {
  await until(`reload ${count}`, 20_000, async () => {
    const readings = (await systemLog(r1)).filter((line) => line.includes('rereading configuration file'));
    return readings.length >= count;
  });
  await until('every server to be judged', 30_000, () => isSettled(r1));
  let before = '';
  // A weight that changed may still be on its way.
  const settled = await until('a table that stands still', 20_000, async () => {
    const now = (await ipvsTable(r1)).join('\n');
    if (now === before) return now;
    before = now;
    await pause(700);
    return undefined;
  });
  return settled.split('\n');
}

/** Packets that the download's server was given, as the kernel counts them for its entry. */
async function packets(r1: Host): Promise<number> {
  const listed = await r1.must(['ipvsadm', '-L', '-n', '--stats', '--exact', '-t', `${vip}:80`]);
  return Number(/-> 10\.2\.0\.11:80 +\d+ +(\d+)/.exec(listed)?.[1] ?? 0);
}

type Step = { readonly table: string[]; readonly goesOn: boolean; readonly packets: number };

/** The steps of the scenario; each tells what the table was then and whether the download went on. */
export async function reloads() {
  const lab = await makeLab(usualSettings);
  const { r1, r2 } = lab;
  try {
    await startWebServers(lab);
    for (const router of [r1, r2]) {
      await router.write('/etc/sysconfig/ha/lvs.cf', first.global + first.blocks.join(''));
      await service(router, 'start');
    }
    await untilServing(r1, 1, 30_000);
    const download = await startDownload(lab);
    const steps: Record<string, Step> = {};
    let readings = 0;
    const see = async (name: string, act: () => Promise<void>, more = 1): Promise<void> => {
      await act();
      readings += more;
      const table = more === 0 ? await ipvsTable(r1) : await reloaded(r1, readings);
      steps[name] = { table, goesOn: await download.goesOn(), packets: await packets(r1) };
    };
    await see('first', () => Promise.resolve(), 0);
    await see('a server more', () => reload(lab, both));
    const arp = await capture(lab.client, 'eth0', 'arp and src 10.1.0.101');
    await see('two services and an address more', () => reload(lab, three));
    const labels = (await addressesOn(r1, 'eth0')).map(({ local, label }) => `${local} ${label}`);
    await arp.stop();
    await see('everything edited', () => reload(lab, edited));
    await see('renamed and reordered', () => reload(lab, renamed));
    await see('an invalid file', () => signalWith(lab, invalid));
    const complaints = await errorsIn(r1);
    await see('back', () => reload(lab, both));
    const labelsAfter = (await addressesOn(r1, 'eth0')).map(({ local, label }) => `${local} ${label}`);
    const storm = await stormOfSignals(r1);
    steps['a storm'] = { table: storm, goesOn: await download.goesOn(), packets: await packets(r1) };
    const heartbeats = await otherHeartbeats(lab);
    const cleared = await clearTable(lab);
    steps['cleared'] = { table: cleared.table, goesOn: await download.goesOn(), packets: 0 };
    const ended = await download.stop();
    const owners = [hasVip(r1), hasVip(r2)];
    const announced = arp.frames.length;
    return { steps, labels, labelsAfter, announced, complaints, heartbeats, repairedInMs: cleared.ms, ended, owners };
  } finally {
    await lab.destroy();
  }
}

/** A hundred files, a hundred signals, as fast as a shell can. */
async function stormOfSignals(r1: Host): Promise<string[]> {
  const file = first.global + web(server(1, 'weight = WEIGHT') + server(2)).replace('WEIGHT', '\'"$i"\'');
  const loop = `while [ $i -le 100 ]; do printf '%s' '${file}' >/etc/sysconfig/ha/lvs.cf; kill -HUP $pid; i=$((i + 1)); done`;
  const script = `read pid </run/pulse.pid; i=1; ${loop}`;
  await r1.must(['sh', '-c', script]);
  await until('the last file', 30_000, async () => (await ipvsTable(r1)).some((line) => line.endsWith('-w 100')));
  return reloaded(r1, 1);
}

/** Another port and pace of the heartbeat on both routers, by reload. */
async function otherHeartbeats(lab: Lab) {
  const { r1, r2, client } = lab;
  const wire = await capture(client, 'eth0', 'udp port 5390');
  const changed = { ...both, global: head.replace('keepalive = 1', 'keepalive = 0.5') + 'heartbeat_port = 5390\n' };
  const onR2 = await capture(r2, 'eth0', 'udp port 5390 and src 10.1.0.2');
  await reload(lab, changed);
  // Longer than deadtime: whoever did not hear the other would have taken over.
  await pause(6000);
  await onR2.stop();
  await wire.stop();
  return { heard: onR2.frames.length, owners: [hasVip(r1), hasVip(r2)] };
}

/**
 * Somebody clears the table, while the server of the download sends nothing: with the last service the kernel lets go of
 * all packets, and the router itself resets a client that sends one then.
 */
async function clearTable({ r1, s1 }: Lab): Promise<{ table: string[]; ms: number }> {
  const before = (await ipvsTable(r1)).join('\n');
  await s1.must(['nft', 'add table ip silence']);
  await s1.must(['nft', 'add chain ip silence out { type filter hook output priority 0; }']);
  await s1.must(['nft', 'add rule ip silence out ip daddr 10.1.0.10 drop']);
  // The client has confirmed all that was on its way.
  await pause(1000);
  const at = performance.now();
  await r1.must(['ipvsadm', '-C']);
  await until('the table repaired', 15_000, async () => (await ipvsTable(r1)).join('\n') === before);
  const ms = performance.now() - at;
  await s1.must(['nft', 'delete table ip silence']);
  return { table: before.split('\n'), ms };
}
