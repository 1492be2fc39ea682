// A pair gets a key, one router after the other, under traffic; then somebody forges and replays heartbeats.
import { failed, startTraffic, summary } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { forge, record } from '../forgery.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { lvsCf, makeLab, usualSettings, vip } from '../lab.ts';
import { hasVip } from '../look.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { startWebServers } from '../web-server.ts';

const file = '/etc/sysconfig/ha/lvs.cf';
const keyFile = '/etc/sysconfig/ha/heartbeat.key';

type Auth = 'off' | 'accept' | 'require';
const textFor = (auth: Auth): string =>
  lvsCf({ ...usualSettings, more: `heartbeat_key_file = ${keyFile}\nheartbeat_auth = ${auth}\n` });

type Status = {
  readonly partner: { readonly authenticated: boolean | null; readonly refused: Record<string, number> };
};
const statusOf = async (router: Host): Promise<Status> =>
  JSON.parse(await router.must(['lvsctl', 'status', '--json'])) as Status;

export async function keys() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 30_000);
    await until('r2 to stand by', 30_000, async () => Object.keys(await serversInTable(r2)).length === 2);
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    const began = nowMs();
    const unreadable = await migrate(lab);
    const migrated = {
      unreadable,
      owners: [hasVip(r1), hasVip(r2)],
      failed: failed(traffic.since(began)).length,
      summary: summary(traffic.since(began)),
      authenticated: [(await statusOf(r1)).partner.authenticated, (await statusOf(r2)).partner.authenticated],
    };
    const attacked = nowMs();
    const attack = await forgeAll(lab);
    const forged = {
      ...attack,
      owners: [hasVip(r1), hasVip(r2)],
      failed: failed(traffic.since(attacked)).length,
      refused: (await statusOf(r1)).partner.refused,
    };
    await traffic.stop();
    return { migrated, forged, logs: { r1: await systemLog(r1), r2: await systemLog(r2) } };
  } finally {
    await lab.destroy();
  }
}

/** off, then accept on one and the other, then require on one and the other. */
async function migrate({ r1, r2 }: Lab): Promise<string[]> {
  const openKey = async (router: Host): Promise<string> => {
    await router.must(['install', '-m', '0644', '/dev/null', keyFile]);
    await router.write(keyFile, 'k'.repeat(32));
    await router.write(file, textFor('require'));
    await service(router, 'reload');
    return until('a key for everybody to be refused', 10_000, async () =>
      (await systemLog(router)).find((line) => line.includes('heartbeat_key_file')),
    );
  };
  const refused = [await openKey(r1), await openKey(r2)];
  for (const router of [r1, r2]) await router.must(['chmod', '600', keyFile]);
  for (const auth of ['accept', 'require'] as const) {
    for (const router of [r1, r2]) {
      await router.write(file, textFor(auth));
      await service(router, 'reload');
      // Longer than deadtime: who is not heard any more is taken for dead by then.
      await pause(5000);
    }
  }
  return refused;
}

/** In the name of the standby, to the active router: bare words, made-up trailers, and recordings. */
async function forgeAll({ r1, r2, client }: Lab) {
  const payloads = await record(r1, '10.1.0.3', 4000);
  const asStandby = { from: '10.1.0.3', router: r1, to: '10.1.0.2' };
  // Active, another session, the highest term; unsigned, and with a signature that is none.
  const madeUp =
    'dadbadbd4c5653320100000102000002ffffffff01020304050607080000000000000000000000000000ffff0123456789abcdef';
  const bare = ['dadbadbd', 'bddabdad', 'dadaadde'];
  const all = [...bare, madeUp, madeUp + '00'.repeat(32), ...payloads];
  for (let round = 0; round < 5; round += 1) {
    await forge(client, asStandby, all);
    await pause(500);
  }
  // Recordings of a former life of the standby.
  await service(r2, 'restart');
  await until('r2 to stand by', 30_000, async () => Object.keys(await serversInTable(r2)).length === 2);
  // The new life has to prove itself first; until then they are only old.
  await until('recordings of a former life to be refused as such', 30_000, async () => {
    await forge(client, asStandby, payloads);
    return ((await statusOf(r1)).partner.refused['retired-session'] ?? 0) >= payloads.length;
  });
  await pause(5000);
  return { recorded: payloads.length, lengths: [...new Set(payloads.map((each) => each.length / 2))] };
}
