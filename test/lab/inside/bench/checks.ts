// Many checks of a second each, by this suite and by keepalived: how soon a dead server is out of the table and a
// living one back in, and what the checks cost.
import { nowMs, pause } from '../command.ts';
import { countServers, makeManyServicesLab, spreadOver } from '../many-services.ts';
import type { ManyService } from '../many-services.ts';
import type { Group } from './group.ts';
import { makeGroup } from './group.ts';
import { countEntries, shutDown, startUp } from './life.ts';
import type { Program } from './programs.ts';
import { keepalived, ours } from './programs.ts';
import type { Row } from './rows.ts';
import { mean, row } from './rows.ts';
import { watchFirstServer } from './table-watch.ts';
import type { Death, Victim } from './victim-host.ts';
import { makeVictim } from './victim-host.ts';

/** How many checks, how often, and of whom. */
export type ChecksOptions = {
  readonly sizes: readonly number[];
  readonly times: number;
  readonly oursOnly: boolean;
};

/** What the comparison does not say by itself. */
export const checksNotes = [
  'Each check connects to one real server every second, and has a second; one failure takes the server out, one success',
  'brings it back (lvs.cf: timeout 1, reentry 1, fall 1; keepalived: delay_loop 1, connect_timeout 1, retry 0, warmup 0).',
  'The server dies at ten moments, 0.0 to 0.9 s after a check that it has itself seen; means. Refused: its listener is',
  'closed. Silent: its packets are dropped. Out and back are counted from the moment it dies and answers again.',
  'A moment is known to within 4 ms and one look at the table, which reads no more of it than its first services.',
  'A dash: not measured, or this machine is too slow for it: nine in ten servers were not in the table after 2 minutes.',
  'CPU is that of all processes of a program while every server is well; memory is their PSS.',
];

/** So many servers at most have a service together. */
const serversEach = 10;

/** From so many checks on we are measured with few nannies, too. */
const many = 1000;
const fewNannies = 4;

const interval = 1;
const phases = Array.from({ length: 10 }, (_, index) => index * interval * 100);

/** What was measured of one program; means. */
type Figures = {
  readonly removal: Readonly<Record<Death, number>>;
  readonly back: Readonly<Record<Death, number>>;
  /** Seconds a minute. */
  readonly cpu: number;
  /** Servers that are well and out of the table: where a machine is too slow for its checks. */
  readonly missing: number;
  readonly memory: number;
  readonly processes: number;
};

/** Measures everything. */
export async function measureChecks({ sizes, times, oursOnly }: ChecksOptions): Promise<readonly Row[]> {
  const lab = await makeManyServicesLab('ours', 'other');
  const victim = await makeVictim();
  try {
    const [own, other] = (await Promise.all(lab.routers.map(makeGroup))) as [Group, Group];
    const rows: Row[] = [];
    for (const size of sizes) {
      const services = spreadOver(serversEach, size);
      const measure = (group: Group, program: Program) => measureProgram({ group, program, services, victim, times });
      const they = oursOnly ? undefined : await measure(other, keepalived('one-try'));
      rows.push(...rowsOf(`${size} checks`, await measure(own, ours(false)), they));
      if (size < many) continue;
      const few = await measure(own, ours(false, `max_nannies = ${fewNannies}\n`));
      rows.push(...rowsOf(`${size} checks, ${fewNannies} nannies`, few, they));
    }
    return rows;
  } finally {
    await victim.destroy();
    await lab.destroy();
  }
}

const rowsOf = (title: string, us: Figures | undefined, they: Figures | undefined): readonly Row[] => {
  const line = (name: string, unit: string, pick: (figures: Figures) => number): Row =>
    row(`${title}: ${name}`, unit, [us].filter(isKnown).map(pick), [they].filter(isKnown).map(pick));
  return [
    line('out, refused', 'ms', (figures) => figures.removal.refuse),
    line('out, silent', 'ms', (figures) => figures.removal.silence),
    line('back after refusing', 'ms', (figures) => figures.back.refuse),
    line('back after silence', 'ms', (figures) => figures.back.silence),
    line('well servers out of the table', '', (figures) => figures.missing),
    line('CPU', 's/min', (figures) => figures.cpu),
    line('memory', 'MB', (figures) => figures.memory),
    line('processes', '', (figures) => figures.processes),
  ];
};

const isKnown = (figures: Figures | undefined): figures is Figures => figures !== undefined;

type Measurement = {
  readonly group: Group;
  readonly program: Program;
  readonly services: readonly ManyService[];
  readonly victim: Victim;
  readonly times: number;
};

/** A machine that is too slow for its checks never has all servers in the table. */
const mostServers = 0.9;
const longestStart = 120_000;

/** Two processors are busy with the start for a while after the last entry is in (ms). */
const settling = 8000;
const cpuWindow = 15_000;

/** A program's life from start to stop; undefined of one that this machine is too slow for. */
async function measureProgram(measurement: Measurement): Promise<Figures | undefined> {
  const { group, program, services } = measurement;
  const task = { services, interval };
  const startMs = await startUp(group, program, task, { part: mostServers, within: longestStart }).catch(
    (error: unknown) => {
      tellProgress(group, services, { problem: String(error) });
    },
  );
  const figures = startMs === undefined ? undefined : await figuresOf(measurement, startMs);
  await shutDown(group, program);
  return figures;
}

async function figuresOf({ group, services, victim, times }: Measurement, startMs: number): Promise<Figures> {
  await pause(settling);
  const { cpu, missing } = await observe(group, countServers(services));
  const [memory, processes] = [group.memory(), group.processes()];
  const watch = watchFirstServer(group.host);
  await victim.takeAddress(group.host, watch.address);
  const cycle = async (death: Death, phase: number): Promise<Cycle> => {
    await watch.until('in');
    const died = await victim.die(death, phase);
    const out = await watch.until('out');
    // The next check comes a second after the one that failed: ten moments, equally spaced, between the two.
    const answered = await victim.answer(shortest + phase);
    return { removal: out - died, back: (await watch.until('in')) - answered };
  };
  const refused = await cycles(times, (phase) => cycle('refuse', phase));
  const silent = await cycles(times, (phase) => cycle('silence', phase));
  const figures = {
    removal: { refuse: mean(refused.map(removalOf)), silence: mean(silent.map(removalOf)) },
    back: { refuse: mean(refused.map(backOf)), silence: mean(silent.map(backOf)) },
    ...{ cpu, missing, memory, processes },
  };
  tellProgress(group, services, { startMs, figures, refused, silent, lookMs: watch.cost() });
  watch.close();
  await victim.giveBack(group.host, watch.address);
  return figures;
}

/** One death and recovery; both in ms. */
type Cycle = { readonly removal: number; readonly back: number };
const removalOf = ({ removal }: Cycle): number => removal;
const backOf = ({ back }: Cycle): number => back;

/** Before it answers again, nft has to be started (ms). */
const shortest = 200;

async function cycles(times: number, cycle: (phase: number) => Promise<Cycle>): Promise<readonly Cycle[]> {
  const results: Cycle[] = [];
  for (let count = 0; count < times; count++) {
    for (const phase of phases) results.push(await cycle(phase));
  }
  return results;
}

/** What it uses while every server is well, and how many of these it has taken out all the same. */
async function observe(group: Group, servers: number): Promise<Pick<Figures, 'cpu' | 'missing'>> {
  const [before, began] = [group.processorTime(), nowMs()];
  const missing: number[] = [];
  while (nowMs() - began < cpuWindow) {
    await pause(1000);
    missing.push(servers - countEntries(group.host).servers);
  }
  return { cpu: ((group.processorTime() - before) / (nowMs() - began)) * 60, missing: mean(missing) };
}

function tellProgress({ host }: Group, services: readonly ManyService[], told: object): void {
  process.stderr.write(`${JSON.stringify({ program: host.name, checks: countServers(services), ...told })}\n`);
}
