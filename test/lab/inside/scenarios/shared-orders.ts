// Two routers that hold the same orders about servers: over a takeover, a restart, a lost /run, and forged notes.
import { shares, startTraffic } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { forge, record } from '../forgery.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip, statusOf as lookAtStatus } from '../look.ts';
import { ipvsTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const keyFile = '/etc/sysconfig/ha/heartbeat.key';

/** A second service, so that one server may be forced down and another drained. */
const second = `virtual alt {
  active = 1
  address = ${vip} eth0:1
  vip_nmask = 255.255.255.0
  port = 8080
  timeout = 1
  reentry = 2
  slow_start = off
  send = "GET / HTTP/1.0\\r\\n\\r\\n"
  expect = "HTTP/1.1 200"
  server s1 {
    address = 10.2.0.11
    port = 80
    active = 1
  }
  server s2 {
    address = 10.2.0.12
    port = 80
    active = 1
  }
}
`;

type Order = { readonly type: string; readonly to?: string; readonly from: string };
type Status = {
  readonly partner: {
    readonly said: string;
    readonly lacksOrders: readonly string[] | null;
    readonly refused: Record<string, number>;
  };
  readonly lvs: {
    readonly virtualServers: readonly {
      readonly name: string;
      readonly servers: readonly { readonly name: string; readonly order: Order | null }[];
    }[];
  } | null;
};

async function statusOf(router: Host): Promise<Status> {
  const status = await lookAtStatus<Status>(router);
  if (status === undefined) throw new Error(`pulse of ${router.name} does not answer`);
  return status;
}

/** `web/s2 force down here`, sorted. */
const ordersIn = ({ lvs }: Status): readonly string[] =>
  (lvs?.virtualServers ?? [])
    .flatMap(({ name, servers }) =>
      servers.flatMap(({ name: server, order }) =>
        order === null ? [] : [[`${name}/${server}`, order.type, order.to ?? '', order.from].filter(Boolean).join(' ')],
      ),
    )
    .sort();

const untilOrders = (router: Host, ...wanted: readonly string[]): Promise<readonly string[]> =>
  until(`${router.name} to hold ${wanted.join(', ') || 'no orders'}`, 60_000, async () => {
    const status = await statusOf(router).catch(() => undefined);
    if (status?.lvs === undefined || status.lvs === null) return undefined;
    const orders = ordersIn(status);
    return orders.join() === wanted.join() ? orders : undefined;
  });

/** The partner has got them all. */
const untilKnown = (router: Host): Promise<true> =>
  until(`the partner of ${router.name} to know its orders`, 60_000, async () =>
    (await statusOf(router)).partner.lacksOrders?.length === 0 ? true : undefined,
  );

const untilHears = (router: Host, said: string): Promise<true> =>
  until(`${router.name} to hear ${said}`, 60_000, async () =>
    (await statusOf(router).catch(() => undefined))?.partner.said === said ? true : undefined,
  );

/** Servers of both services, `80 10.2.0.11:80 1`. */
const tableOf = async (router: Host): Promise<readonly string[]> =>
  (await ipvsTable(router)).flatMap((line) => {
    const [, port, server, weight] = /^-a -t \S+:(\d+) -r (\S+) .*-w (\d+)/.exec(line) ?? [];
    return port === undefined ? [] : [`${port} ${server} ${weight}`];
  });

const untilTable = (router: Host, wanted: readonly string[]): Promise<readonly string[]> =>
  until(`the table of ${router.name} to be ${wanted.join(', ')}`, 60_000, async () => {
    const table = await tableOf(router);
    return table.join() === wanted.join() ? table : undefined;
  });

const lvsctl = (router: Host, ...words: readonly string[]): Promise<string> => router.must(['lvsctl', ...words]);

const underOrders = ['80 10.2.0.11:80 2', '8080 10.2.0.12:80 1'];
const whole = ['80 10.2.0.11:80 2', '80 10.2.0.12:80 1', '8080 10.2.0.11:80 1', '8080 10.2.0.12:80 1'];
const drainedHere = 'alt/s1 drain here';
const drainedThere = 'alt/s1 drain partner';
const downHere = 'web/s2 force down here';
const downThere = 'web/s2 force down partner';

async function startPair({ r1, r2 }: Lab): Promise<void> {
  for (const router of [r1, r2]) {
    await router.must(['install', '-m', '0600', '/dev/null', keyFile]);
    await router.write(keyFile, 'k'.repeat(32));
    await service(router, 'start');
  }
  await until('r1 to serve', 60_000, () => hasVip(r1));
  await untilTable(r1, whole);
  await untilHears(r1, 'stopped');
  await untilHears(r2, 'running');
}

/** The active router has orders, and loses its cables. */
async function takeOver(lab: Lab) {
  const { r1, r2, client } = lab;
  await lvsctl(r1, 'force', 'down', 'web', 's2');
  await lvsctl(r1, 'drain', 'alt', 's1');
  await untilTable(r1, underOrders);
  const known = {
    r1: await untilOrders(r1, drainedHere, downHere),
    r2: await untilOrders(r2, drainedThere, downThere),
  };
  await untilKnown(r1);
  await pause(3000);
  const standby = await tableOf(r2);
  const shown = (await lvsctl(r2, 'status')).split('\n').filter((line) => line.includes('by the partner'));
  const traffic = startTraffic(client, vip);
  await traffic.answeredAfter(0, 30_000);
  const began = nowMs();
  await lab.setCables(r1, 'down');
  await until('r2 to own the address', 60_000, () => hasVip(r2));
  const table = await untilTable(r2, underOrders);
  await traffic.answeredAfter(nowMs(), 30_000);
  await pause(1000);
  const served = shares(traffic.since(began));
  await traffic.stop();
  return { known, standby, shown, table, served };
}

/** What is released while the first is away it learns when it is back. */
async function release(lab: Lab) {
  const { r1, r2 } = lab;
  await lvsctl(r2, 'force', 'auto', 'web', 's2');
  await lvsctl(r2, 'undrain', 'alt', 's1');
  await untilTable(r2, whole);
  const before = ordersIn(await statusOf(r1));
  await lab.setCables(r1, 'up');
  await until('one owner', 60_000, () => !hasVip(r1) && hasVip(r2));
  const after = await untilOrders(r1);
  await untilKnown(r2);
  return { before, after };
}

const killAll = async (router: Host): Promise<void> => {
  await router.run(['pkill', '-KILL', '-x', 'pulse|lvsd|nanny|send_arp|ip']);
  await router.must(['rm', '-f', '/run/piranha/orders.json', '/run/piranha/orders.json.new']);
};

/** Everything is killed, and what was saved is lost: on the standby, then on the active router. */
async function forget({ r1, r2 }: Lab) {
  await killAll(r1);
  await lvsctl(r2, 'force', 'down', 'web', 's2');
  await lvsctl(r2, 'drain', 'alt', 's1', '--timeout', '600');
  const alone = (await statusOf(r2)).partner;
  await service(r1, 'start');
  const standby = await untilOrders(r1, drainedThere, downThere);
  await untilHears(r1, 'running');
  await untilKnown(r2);
  await killAll(r2);
  await until('r1 to own the address', 60_000, () => hasVip(r1));
  await service(r2, 'start');
  const active = await untilOrders(r2, drainedThere, downThere);
  const table = await untilTable(r1, underOrders);
  const left = (await lvsctl(r2, 'status')).split('\n').filter((line) => line.includes('drain'));
  return { alone: alone.lacksOrders, standby, active, table, left };
}

const isNote = (payload: string): boolean => payload.slice(8, 20) === '4c5653320102';

/** A note with the sender's true sessions and a later sequence, that releases all there is with the highest stamp. */
function madeUp(recorded: string): string {
  const orders = ['tcp 10.1.0.100:80/10.2.0.12:80', 'tcp 10.1.0.100:8080/10.2.0.11:80'].map((server) => ({
    ...{ type: 'release', server, stamp: 1_000_000, agoMs: 0 },
  }));
  const content = Buffer.from(JSON.stringify({ connections: 7, orders })).toString('hex');
  const length = (content.length / 2).toString(16).padStart(4, '0');
  return `${recorded.slice(0, 20)}${length}${recorded.slice(24, 56)}00000000ffffffff${content}`;
}

/** In the name of the standby, to the active router. */
async function forgeNotes({ r1, r2, client }: Lab) {
  const notes = (await record(r1, '10.1.0.3', 9000)).filter(isNote);
  const [first = ''] = notes;
  const forged = madeUp(first);
  const before = (await statusOf(r1)).partner.refused;
  const all = [forged, `${forged}${'00'.repeat(32)}`, `${first.slice(0, 40)}00`, ...notes];
  for (let round = 0; round < 5; round += 1) {
    await forge(client, { from: '10.1.0.3', router: r1, to: '10.1.0.2' }, all);
    await pause(300);
  }
  await pause(2000);
  const { refused } = (await statusOf(r1)).partner;
  return {
    ...{ recorded: notes.length, longest: Math.max(...notes.map((each) => each.length / 2)), before, refused },
    ...{ orders: ordersIn(await statusOf(r1)), table: await tableOf(r1), owners: [hasVip(r1), hasVip(r2)] },
  };
}

export async function sharedOrders(hotStandby: boolean) {
  const more = `heartbeat_key_file = ${keyFile}\nheartbeat_auth = require\nmax_nannies = 1\n${second}`;
  // Long timers and few processes: nothing here is about speed, and a slow guest must not lose a router by itself.
  const lab = await makeLab({ ...usualSettings, keepalive: 2, deadtime: 10, hotStandby, more });
  try {
    await startWebServers(lab);
    await startPair(lab);
    await untilServing(lab.r1, 2, 60_000);
    const taken = await takeOver(lab);
    const released = await release(lab);
    const lost = await forget(lab);
    const forged = await forgeNotes(lab);
    return { taken, released, lost, forged, logs: { r1: await systemLog(lab.r1), r2: await systemLog(lab.r2) } };
  } catch (error) {
    const logs = await Promise.all([lab.r1, lab.r2].map(systemLog));
    throw new Error(`${String(error)}\n${logs.flat().join('\n')}`, { cause: error });
  } finally {
    await lab.destroy();
  }
}
