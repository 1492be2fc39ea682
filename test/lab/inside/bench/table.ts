// The kernel's table of many services, kept by this suite and by keepalived: start, reload, memory.
import { nowMs, pause } from '../command.ts';
import { countServers, makeManyServicesLab, manyServices, withOneServerMore } from '../many-services.ts';
import type { ManyService } from '../many-services.ts';
import { forgetRuns, placeRecordingIpvsadm, recordedRuns } from '../recording-ipvsadm.ts';
import type { Group } from './group.ts';
import { makeGroup } from './group.ts';
import { limit, shutDown, startUp, untilTableHas } from './life.ts';
import type { Program } from './programs.ts';
import { keepalived, ours } from './programs.ts';
import type { Row } from './rows.ts';
import { row } from './rows.ts';

/** What is measured, how often, and of whom. */
export type TableOptions = {
  readonly services: number;
  readonly servers: number;
  readonly times: number;
  readonly oursOnly: boolean;
};

/** What the comparison does not say by itself. */
export const tableNotes = [
  'Both check every server by connecting to it, every 10 s. piranha-lvs takes a server into service when it has passed',
  'its first check; keepalived does so at once, and in the row "checked first" (alpha, warmup 0) as piranha-lvs does.',
  'Idle: all processes together have used less than a tenth of one processor for 0.8 s; reloads here check every 600 s.',
  'Memory is PSS over all processes of a program: what they share counts once.',
];

/** Two processors are busy with the start for a while after the last entry is in (ms). */
const settling = 12_000;

type Life = { readonly start: number; readonly reload: number; readonly memory: number; readonly processes: number };

/** Measures everything. */
export async function measureTable({ services, servers, times, oursOnly }: TableOptions): Promise<readonly Row[]> {
  const lab = await makeManyServicesLab('ours', 'other');
  try {
    const groups = await Promise.all(lab.routers.map(makeGroup));
    const [own, other] = groups as [Group, Group];
    const fleet = manyServices(services, servers);
    const others = oursOnly ? 0 : times;
    const ourLives = await repeat(times, () => live(own, ours(false), fleet));
    const otherLives = await repeat(others, () => live(other, keepalived('usual'), fleet));
    const checkedFirst = await repeat(others, () => liveShortly(other, keepalived('checked-first'), fleet));
    await placeRecordingIpvsadm(own.host);
    const ourReloads = await reloadUnchanged(own, ours(true), fleet, times);
    const lines = (await recordedRuns(own.host)).flat().length;
    const both = (name: string, unit: string, pick: (life: Life) => number): Row =>
      row(name, unit, ourLives.map(pick), otherLives.map(pick));
    const start = `start until ${countServers(fleet)} servers are in the table`;
    return [
      both(start, 'ms', (life) => life.start),
      row(
        `${start}, checked first`,
        'ms',
        ourLives.map((life) => life.start),
        checkedFirst,
      ),
      both('reload with one server more until it is in', 'ms', (life) => life.reload),
      row('reload of an unchanged file: lines for ipvsadm', 'lines', [lines], []),
      row('reload of an unchanged file until idle', 'ms', ourReloads, []),
      both('memory', 'MB', (life) => life.memory),
      both('processes', '', (life) => life.processes),
    ];
  } finally {
    await lab.destroy();
  }
}

async function repeat<T>(times: number, measure: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let count = 0; count < times; count++) {
    const result = await measure();
    process.stderr.write(`${JSON.stringify(result)}\n`);
    results.push(result);
  }
  return results;
}

const checkEvery = 10;

/** A program's life from start to stop, with a reload. */
async function live(group: Group, program: Program, services: readonly ManyService[]): Promise<Life> {
  const start = await startUp(group, program, { services, interval: checkEvery });
  await pause(settling);
  const [memory, processes] = [group.memory(), group.processes()];
  const more = withOneServerMore(services);
  await program.configure(group, { services: more, interval: checkEvery });
  const began = nowMs();
  await program.reload(group);
  await untilTableHas(group, more);
  const reload = nowMs() - began;
  await shutDown(group, program);
  return { start, reload, memory, processes };
}

/** Only its start. */
async function liveShortly(group: Group, program: Program, services: readonly ManyService[]): Promise<number> {
  const start = await startUp(group, program, { services, interval: checkEvery });
  await shutDown(group, program);
  return start;
}

/** So long between two checks (s) that none comes while a reload is watched. */
const seldom = 600;

/** How long each reload keeps the program busy (ms). */
async function reloadUnchanged(
  group: Group,
  program: Program,
  services: readonly ManyService[],
  times: number,
): Promise<readonly number[]> {
  await startUp(group, program, { services, interval: seldom });
  await group.untilIdle(limit);
  await forgetRuns(group.host);
  const reloads = await repeat(times, async () => {
    await group.untilIdle(limit);
    const began = nowMs();
    await program.reload(group);
    return (await group.untilIdle(limit)) - began;
  });
  return reloads;
}
