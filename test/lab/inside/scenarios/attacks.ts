// A pair without a key, and somebody in its public network who speaks in the standby's name. The worst that is left to him is
// what a neighbour can do who sends exactly what the standby would; nothing of it is for good.
import { failed, startTraffic } from '../client.ts';
import { nowMs, pause, until } from '../command.ts';
import { envelopeOf, forge, record } from '../forgery.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab } from '../lab.ts';
import { makeLab, usualSettings, vip } from '../lab.ts';
import type { PairStatus } from '../look.ts';
import { hasVip, statusOf } from '../look.ts';
import { replay } from '../replay.ts';
import { serversInTable, service, untilServing } from '../router.ts';
import { udpFrame } from '../udp-frame.ts';
import { startWebServers } from '../web-server.ts';

type Status = PairStatus & {
  readonly troubles: readonly string[];
  readonly lvs: { readonly virtualServers: readonly { readonly servers: readonly { readonly order: unknown }[] }[] };
};

async function look(router: Host): Promise<Status> {
  const status = await statusOf<Status>(router);
  if (status === undefined) throw new Error(`pulse of ${router.name} does not answer`);
  return status;
}

const ordersOn = async (router: Host): Promise<readonly unknown[]> =>
  (await look(router)).lvs.virtualServers.flatMap(({ servers }) => servers.map(({ order }) => order)).filter(Boolean);

/** Where fields of a datagram of ours stand, in digits of its hexadecimal (docs/pair.md). */
const places = { word: [0, 8], flags: [20, 24], session: [40, 56], sequence: [72, 88], digest: [88, 104] } as const;

const withField = (datagram: string, field: keyof typeof places, value: string): string =>
  datagram.slice(0, places[field][0]) + value + datagram.slice(places[field][1]);

const fieldOf = (datagram: string, field: keyof typeof places): string => datagram.slice(...places[field]);

const isHeartbeat = (payload: string): boolean => payload.slice(8, 20) === '4c5653320100';

/** So many later than one that was recorded. */
const later = (datagram: string, by: bigint): string =>
  withField(datagram, 'sequence', (BigInt(`0x${fieldOf(datagram, 'sequence')}`) + by).toString(16).padStart(16, '0'));

/** Leaving: whoever believes it takes over at once, or thinks that nobody is there to hand over to. */
const leaving = (datagram: string): string => withField(later(datagram, 1000n), 'flags', '8006');

/** A note of the standby's session that forces a server down, with the highest stamp there can be. */
function forcingDown(heartbeat: string, echo: string): string {
  const order = { type: 'force', server: `tcp ${vip}:80/10.2.0.11:80`, stamp: 2 ** 48, agoMs: 0, to: 'down' };
  const content = Buffer.from(JSON.stringify({ connections: null, orders: [order] })).toString('hex');
  const length = (content.length / 2).toString(16).padStart(4, '0');
  return `bddabdad4c5653320102${length}${fieldOf(heartbeat, 'session')}${echo}ffffffffffffffff${content}`;
}

const owners = ({ r1, r2 }: Lab) => [hasVip(r1), hasVip(r2)];

const more = (after: Status, before: Status, why: string): number =>
  (after.partner.refused[why] ?? 0) - (before.partner.refused[why] ?? 0);

/** By a wrong way, each often enough to count. */
async function misplaced(lab: Lab, heartbeat: string) {
  const { r1, client } = lab;
  const asStandby = { from: '10.1.0.3', router: r1, to: '10.1.0.2' };
  const before = await look(r1);
  const ten = Array.from({ length: 10 }, (_, index) => leaving(later(heartbeat, BigInt(index))));
  await forge(client, { ...asStandby, fromPort: 40_000 }, ten);
  for (const ttl of [254, 64, 3]) await forge(client, { ...asStandby, ttl }, ten);
  await forge(client, { from: '10.2.0.3', router: r1, to: '10.2.0.2' }, ten);
  // From nobody of the pair.
  await forge(client, { ...asStandby, from: '10.1.0.77' }, ten);
  await pause(2000);
  const after = await look(r1);
  const counted = ['other-port', 'far', 'elsewhere', 'strangers'].map((why) => more(after, before, why));
  return { counted, owners: owners(lab), alarm: after.pair.alarm };
}

/** Orders that nobody gave, and a stamp that would outlive every order to come. */
async function madeUpOrder(lab: Lab, heartbeat: string) {
  const { r1, client } = lab;
  const [own = ''] = (await record(r1, '10.1.0.2', 2500)).filter(isHeartbeat);
  await forge(client, { from: '10.1.0.3', router: r1, to: '10.1.0.2' }, [
    forcingDown(heartbeat, fieldOf(own, 'session')),
  ]);
  await pause(2000);
  return { orders: await ordersOn(r1), servers: Object.keys(await serversInTable(r1)).sort() };
}

/** Another digest with each datagram, and each one later than the one before. */
async function manyFiles(lab: Lab, heartbeat: string) {
  const { r1, client } = lab;
  const from = (await systemLog(r1)).length;
  const flood = Array.from({ length: 2000 }, (_, index) =>
    withField(later(heartbeat, BigInt(2000 + index)), 'digest', index.toString(16).padStart(16, '0')),
  );
  await forge(client, { from: '10.1.0.3', router: r1, to: '10.1.0.2' }, flood);
  await pause(2000);
  const lines = (await systemLog(r1)).slice(from).filter((line) => line.includes('lvs.cf'));
  return { lines, owners: owners(lab) };
}

/** The highest sequence there is, in the standby's session: nothing that it sends afterwards is newer. */
async function lastSequence(lab: Lab) {
  const { r1, r2, client } = lab;
  const [fresh = ''] = (await record(r1, '10.1.0.3', 3500)).filter(isHeartbeat).slice(-1);
  await forge(client, { from: '10.1.0.3', router: r1, to: '10.1.0.2' }, [
    withField(fresh, 'sequence', 'ffffffffffffffff'),
  ]);
  const began = nowMs();
  await until('r1 to hear nothing of the standby', 30_000, async () => (await look(r1)).partner.said === 'nothing');
  await until('the standby to begin a new session, and r1 to hear it', 60_000, async () => {
    const [one, two] = [await look(r1), await look(r2)];
    return one.partner.said === 'stopped' && two.partner.hearsUs === true;
  });
  return { healedMs: nowMs() - began, owners: owners(lab) };
}

/** Far more than a pair ever says, from somebody who is not of it: datagrams as the standby's, and garbage. */
async function flood(lab: Lab, heartbeat: string) {
  const { r1, r2, client } = lab;
  const before = await look(r1);
  const frames = await Promise.all(
    [r1, r2].map(async (router) => {
      const to = router.name === 'r1' ? '10.1.0.2' : '10.1.0.3';
      const envelope = await envelopeOf(client, { from: '10.1.0.77', router, to });
      return [heartbeat, 'dadbadbd', 'ff'].map((hex) => udpFrame(envelope, Buffer.from(hex, 'hex')));
    }),
  );
  const sent = replay(client, 'eth0', frames.flat(), 50_000);
  await pause(5000);
  const { perSecond } = await sent.stop();
  const after = await look(r1);
  return { perSecond, owners: owners(lab), said: after.partner.said, counted: more(after, before, 'strangers') };
}

export async function attacks() {
  const lab = await makeLab(usualSettings);
  try {
    const { r1, r2, client } = lab;
    await startWebServers(lab);
    for (const router of [r1, r2]) await service(router, 'start');
    await untilServing(r1, 2, 60_000);
    await until('r1 to hear the standby', 30_000, async () => (await look(r1)).partner.said === 'stopped');
    const traffic = startTraffic(client, vip);
    await traffic.answeredAfter(0, 10_000);
    const began = nowMs();
    const [heartbeat = ''] = (await record(r1, '10.1.0.3', 3500)).filter(isHeartbeat).slice(-1);
    const seen = {
      troubles: (await look(r1)).troubles,
      misplaced: await misplaced(lab, heartbeat),
      madeUpOrder: await madeUpOrder(lab, heartbeat),
      manyFiles: await manyFiles(lab, heartbeat),
      lastSequence: await lastSequence(lab),
      flood: await flood(lab, heartbeat),
    };
    const lost = failed(traffic.since(began)).length;
    await traffic.stop();
    return { ...seen, lost, logs: { r1: await systemLog(r1), r2: await systemLog(r2) } };
  } catch (error) {
    const logs = await Promise.all([lab.r1, lab.r2].map(systemLog));
    throw new Error(`${String(error)}\n${logs.flat().join('\n')}`, { cause: error });
  } finally {
    await lab.destroy();
  }
}
