// A pair that is started once and then meets one fault after the other, while a client asks it every 20 ms.
import { capture } from '../capture.ts';
import type { Capture } from '../capture.ts';
import type { Traffic } from '../client.ts';
import { failed, longestGap, startTraffic, summary } from '../client.ts';
import { nowMs, pause } from '../command.ts';
import type { Host } from '../host.ts';
import { systemLog } from '../host.ts';
import type { Lab, PairSettings } from '../lab.ts';
import { makeLab, vip } from '../lab.ts';
import type { OwnerWatch } from '../owners.ts';
import { onlyChanges, watchOwners } from '../owners.ts';
import type { Stall, StallWatch } from '../stalls.ts';
import { longestStall, watchStalls } from '../stalls.ts';
import { isAnnouncement } from '../takeover-watch.ts';
import { overlapMs, wireOverlapMs } from './overlap.ts';
import type { FaultRow, RowSeen } from './row.ts';
import type { Machines, Stage } from './stage.ts';
import { makeMachines } from './stage.ts';
import type { Suite } from './suites.ts';
import { ownerOf, untilWell } from './suites.ts';

/** A pair that serves. */
export type PairUnderFault = {
  readonly lab: () => Lab;
  readonly traffic: Traffic;
  /** All that the kernels have told of the virtual address (ms of the wall clock). */
  readonly moves: () => ReturnType<OwnerWatch['moves']>;
  /** When the machine below had no time for the lab. */
  readonly stalls: () => readonly Stall[];
  /** Does it, waits, undoes it, and waits until the pair is well again. */
  readonly meet: (row: FaultRow) => Promise<RowSeen>;
  /** Stops and starts the suite on both routers: after a fault that it does not recover from. */
  readonly restart: () => Promise<void>;
  readonly destroy: () => Promise<void>;
};

/** In an emulated guest a router may take that long from power-on (ms). */
const longestHeal = 120_000;

/** Builds the lab, starts the suite on both routers, and waits until a client is answered. */
export async function makePairUnderFault(settings: PairSettings, suite: Suite): Promise<PairUnderFault> {
  const lab = await makeLab(settings);
  const machines = await makeMachines(lab, suite);
  try {
    return await startPair(machines, suite);
  } catch (error) {
    await machines.lab().destroy();
    throw error;
  }
}

async function startPair(machines: Machines, suite: Suite): Promise<PairUnderFault> {
  const { r1, r2, client } = machines.lab();
  for (const router of [r1, r2]) {
    await suite.prepare(router);
    await suite.start(router);
  }
  const first = await untilWell(suite, machines.lab(), longestHeal);
  const traffic = startTraffic(client, vip);
  await traffic.answeredAfter(0, 20_000);
  const watches = [await watchOwners([r1, r2])];
  machines.whenBooted(async (router) => {
    watches.push(await watchOwners([router]));
  });
  const wire = await capture(client, 'eth0', 'arp');
  const stalls = watchStalls();
  return {
    ...{ lab: machines.lab, traffic },
    moves: () =>
      onlyChanges(
        watches.flatMap((watch) => watch.reports()),
        [first],
      ),
    stalls: stalls.stalls,
    meet: (row) => meet({ machines, suite, traffic, wire, watches, stalls }, row),
    restart: async () => {
      const routers = [machines.lab().r1, machines.lab().r2];
      for (const router of routers) await suite.stop(router);
      for (const router of routers) await suite.start(router);
      await untilWell(suite, machines.lab(), longestHeal);
    },
    destroy: async () => {
      await Promise.all([traffic, wire, stalls, ...watches].map((each) => each.stop()));
      await machines.lab().destroy();
    },
  };
}

type Scene = {
  readonly machines: Machines;
  readonly suite: Suite;
  readonly traffic: Traffic;
  readonly wire: Capture;
  readonly watches: readonly OwnerWatch[];
  readonly stalls: StallWatch;
};

async function meet({ machines, suite, traffic, wire, watches, stalls }: Scene, row: FaultRow): Promise<RowSeen> {
  const routers = (): readonly Host[] => [machines.lab().r1, machines.lab().r2];
  const owner = await untilWell(suite, machines.lab(), longestHeal);
  await Promise.all(routers().map((router) => router.run(['truncate', '-s', '0', '/run/messages'])));
  const stage = machines.stage(owner);
  const macs = { old: await macOf(stage.owner), fresh: await macOf(stage.standby) };
  machines.takeUnreachable();
  // Counted, not timed: a row may set the clock, by which frames are dated.
  const framesBefore = wire.frames.length;
  const [began, from] = [nowMs(), Date.now()];

  const problems = await throughFault(row, stage);
  await untilWell(suite, machines.lab(), longestHeal).catch((error: unknown) => problems.push(String(error)));
  const [ended, to] = [nowMs(), Date.now()];
  await traffic
    .answeredAfter(ended, 10_000)
    .then(traffic.allBefore)
    .catch((error: unknown) => problems.push(String(error)));
  const requests = traffic.since(began - 200).filter(({ sentAt }) => sentAt < ended);
  const owns = ownerOf(machines.lab());
  const log = (await Promise.all(routers().map(logOf))).flat();
  const moves = [...watches.flatMap((watch) => watch.reports()), ...machines.takeLosses()]
    .filter(({ at }) => at >= from)
    .sort((one, other) => one.at - other.at);
  return {
    name: row.name,
    owner: owns === owner ? 'same' : owns === 'none' || owns === 'both' ? owns : 'other',
    outageMs: Math.round(longestGap(requests)),
    requests: requests.length,
    failed: failed(requests).length,
    outcomes: summary(requests),
    overlapMs: overlapMs({
      first: [owner],
      moves,
      unreachable: machines.takeUnreachable(),
      span: { from, to },
    }),
    wireOverlapMs: owns === owner ? 0 : wireOverlapMs(wire.frames.slice(framesBefore).filter(isAnnouncement), macs),
    stoodMs: longestStall(stalls.between(began, began + (moves.at(-1)?.at ?? from) - from)),
    line: log.find((line) => tells(row, line)) ?? null,
    tookMs: Math.round(nowMs() - began),
    problem: problems.length === 0 ? null : problems.join('; '),
    moves: moves.map(({ at, router, has }) => `${at - from} ms: ${router} ${has ? 'has it' : 'has it no more'}`),
    log,
  };
}

/** What goes wrong with the row itself is told, and undone all the same. */
async function throughFault(row: FaultRow, stage: Stage): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      problems.push(`${what}: ${String(error)}`);
    }
  };
  await attempt('deed', () => row.deed(stage));
  await pause(row.observeMs);
  await attempt('undo', () => row.undo(stage));
  return problems;
}

const macOf = async (router: Host): Promise<string> =>
  (JSON.parse(await router.must(['ip', '-j', 'link', 'show', 'dev', 'eth0'])) as { address: string }[])[0]?.address ??
  '';

/** What should have said nothing is told by whatever it did say. */
const tells = ({ says }: FaultRow, line: string): boolean =>
  says === 'nothing' ? /daemon\.(notice|warn|err|crit|alert)/.test(line) : says.test(line);

/** Of a host that is switched off there is none. */
const logOf = (router: Host): Promise<string[]> => systemLog(router).catch(() => []);
