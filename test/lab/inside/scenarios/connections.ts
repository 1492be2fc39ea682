// Two paced downloads, by NAT and by direct routing, and idle connections beside them, while the service moves from router
// to router: cable pulled, failback, switch, clean stop, and at last to a router that was booted meanwhile.
import { nowMs, pause, until } from '../command.ts';
import type { HeldAnswers } from '../held.ts';
import type { Host } from '../host.ts';
import { makeHost, systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { heldProgram, lvsCf, makeLab, rebootRouter, usualSettings, vip } from '../lab.ts';
import { plugIn, unplug } from '../network.ts';
import { startPacedDownloads } from '../paced-downloads.ts';
import { hasVip } from '../look.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { startWebServer, startWebServers } from '../web-server.ts';

const directVip = '10.1.0.101';
const addresses = [vip, directVip];

const sync = (id: number): string => `syncdaemon = 1\nsyncd_iface = eth1\nsyncd_id = ${id}\n`;
const more = (synchronised: string): string => `failback = auto
failback_delay = 4
${synchronised}
virtual direct {
  active = 1
  address = ${directVip} eth0:2
  vip_nmask = 255.255.255.0
  network = direct
  timeout = 1
  reentry = 2
  slow_start = off
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP/1.1 200"
  server d1 {
    address = 10.1.0.21
    active = 1
  }
}
`;
const settings = { ...usualSettings, more: more(sync(7)) };
const servers = 3;

/** A real server for direct routing. */
async function makeDirectServer(): Promise<Host> {
  const d1 = await makeHost('d1');
  await plugIn(d1, [{ net: 'pub', address: '10.1.0.21' }]);
  await d1.must(['sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2']);
  await d1.must(['ip', 'address', 'add', `${directVip}/32`, 'dev', 'lo']);
  await startWebServer(d1);
  return d1;
}

/** The client's idle connections: each name is one to each address. */
async function holdConnections(client: Host) {
  let ready = false;
  client.start([process.execPath, '--jitless', heldProgram, '9000', ...addresses], (line) => {
    if (line === 'ready') ready = true;
  });
  await until('the client that holds connections', 15_000, () => ready);
  return async (name: string): Promise<readonly string[]> => {
    const answers = JSON.parse(await client.must(['curl', '-sS', `http://127.0.0.1:9000/${name}`])) as HeldAnswers;
    return addresses.map((address) => answers[address] ?? 'not asked');
  };
}

const daemonsOn = async (router: Host): Promise<readonly string[]> =>
  (await router.must(['ipvsadm', '-L', '--daemon']))
    .split('\n')
    .flatMap((line) => /^\w+ sync daemon \(mcast=\w+, syncid=\d+/.exec(line) ?? [])
    .sort();

const standbyReady = (router: Host): Promise<boolean> =>
  until(`${router.name} to stand by`, 30_000, async () => Object.keys(await serversInTable(router)).length === servers);

const ownersOf = ({ r1, r2 }: Lab): readonly string[] => [r1, r2].filter(hasVip).map(({ name }) => name);

type Downloads = Awaited<ReturnType<typeof startPacedDownloads>>;

/** Does something that moves the service; what the downloads did before and after. */
async function move(lab: Lab, downloads: Downloads, to: 'r1' | 'r2', act: () => Promise<unknown>) {
  const before = { owners: ownersOf(lab), bytes: await downloads.bytes() };
  await act();
  await until(`${to} to own the address`, 60_000, () => hasVip(lab[to]));
  const taken = await downloads.bytes();
  const bytes = await downloads.goOn(20_000);
  return { before, taken, after: { owners: ownersOf(lab), bytes } };
}

export async function connections() {
  let lab = await makeLab(settings);
  const d1 = await makeDirectServer();
  try {
    const { r1, client } = lab;
    await startWebServers(lab);
    for (const router of [lab.r1, lab.r2]) await service(router, 'start');
    await untilServing(r1, servers, 30_000);
    await standbyReady(lab.r2);
    const daemons = await Promise.all([daemonsOn(r1), daemonsOn(lab.r2)]);
    const sysctls = await r1.must(['sysctl', 'net.ipv4.vs.sync_threshold', 'net.ipv4.vs.sync_refresh_period']);

    const ask = await holdConnections(client);
    const downloads = await startPacedDownloads(client, addresses, 140);
    const idle: Record<string, readonly string[]> = { first: await ask('idle'), silent: await ask('silent') };
    const idleFrom = nowMs();
    await pause(8000);
    const cut = await move(lab, downloads, 'r2', () => lab.setCables(r1, 'down'));
    await pause(2000);
    const failback = await move(lab, downloads, 'r1', async () => {
      await lab.setCables(r1, 'up');
      // It has not heard yet that there is another owner.
      await until('r1 to let go', 20_000, () => !hasVip(r1));
    });
    await standbyReady(lab.r2);
    await pause(3000);
    const switched = await move(lab, downloads, 'r2', () => r1.must(['lvsctl', 'switch']));
    const idleMs = nowMs() - idleFrom;
    idle['afterSwitch'] = await ask('idle');
    await standbyReady(r1);
    await pause(2000);
    const stopped = await move(lab, downloads, 'r1', () => service(lab.r2, 'stop'));
    await until('r2 without sync daemons', 10_000, async () => (await daemonsOn(lab.r2)).length === 0);
    const logOfR2 = await systemLog(lab.r2);

    lab = await rebootRouter(lab, 'r2');
    await service(lab.r2, 'start');
    await standbyReady(lab.r2);
    await ask('idle');
    // One refresh, and what the kernel lets pass before it sends.
    await pause(14_000);
    const known = await lab.r2.must(['ipvsadm', '-L', '-n', '-c']);
    await lab.setCables(r1, 'down');
    await until('r2 to own the address', 60_000, () => hasVip(lab.r2));
    idle['afterLate'] = await ask('idle');
    idle['silentAfterLate'] = await ask('silent');
    const end = await downloads.finish(160_000);
    const reloaded = await reloadSync(lab.r2);
    const logs = { r1: await systemLog(r1), r2: [...logOfR2, ...(await systemLog(lab.r2))] };
    return {
      ...{ daemons, sysctls, idle, moves: { cut, failback, switched, stopped } },
      ...{ idleMs, known, end, reloaded, logs },
    };
  } finally {
    await d1.destroy();
    await unplug('d1');
    await lab.destroy();
  }
}

/** Another id, then no synchronisation at all. */
async function reloadSync(router: Host) {
  const reload = async (synchronised: string, done: (daemons: readonly string[]) => boolean) => {
    await router.write('/etc/sysconfig/ha/lvs.cf', lvsCf({ ...settings, more: more(synchronised) }));
    await service(router, 'reload');
    return until('the sync daemons of the new file', 10_000, async () => {
      const daemons = await daemonsOn(router);
      return done(daemons) ? daemons : undefined;
    });
  };
  const otherId = await reload(
    sync(9),
    (daemons) => daemons.length === 2 && daemons.every((each) => each.endsWith('9')),
  );
  const off = await reload('', (daemons) => daemons.length === 0);
  return { otherId, off };
}
