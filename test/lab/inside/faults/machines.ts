// Whole machines: power, suspend, clocks, full disks.
import { must } from '../command.ts';
import type { Host } from '../host.ts';
import type { FaultRow } from './row.ts';
import type { Stage } from './stage.ts';
import type { Suite } from './suites.ts';

/** A machine that is suspended answers nothing: in the lab its kernel goes on, so its cables are out meanwhile. */
async function suspend({ suite, pull }: Stage, host: Host): Promise<void> {
  await signalAll(suite, host, 'STOP');
  await pull(host, 'pub', 'prv');
}
async function resume({ suite, plug }: Stage, host: Host): Promise<void> {
  await plug(host, 'pub', 'prv');
  await signalAll(suite, host, 'CONT');
}

/** What is started for a moment ends by itself. */
const signalAll = ({ names }: Suite, host: Host, name: 'STOP' | 'CONT'): Promise<string> =>
  host.must(['pkill', `-${name}`, '-x', names.join('|')]);

/** Seconds since 1970, as `date` sets them; all hosts share the clock. */
const stepClock = async (bySeconds: number): Promise<void> => {
  await must(['date', '-s', `@${Math.round(Date.now() / 1000) + bySeconds}`]);
};

const hour = 3600;

const clockSteps = (name: string, by: number): FaultRow => ({
  name,
  deed: () => stepClock(by),
  observeMs: 4000,
  undo: () => stepClock(-by),
  expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
  says: 'nothing',
  guestOnly: true,
  keepalived: true,
});

/** Fills a file system that lies in memory; it is made small before. */
async function fill(host: Host, folder: string): Promise<void> {
  await host.must(['mount', '-o', 'remount,size=8m', folder]);
  await host.run(['dd', 'if=/dev/zero', `of=${folder}/filler`, 'bs=4k']);
}
async function empty(host: Host, folder: string): Promise<void> {
  await host.must(['rm', `${folder}/filler`]);
  await host.must(['mount', '-o', 'remount,size=50%', folder]);
}

/** The one that is active writes most. A part of it has to be started again meanwhile. */
const fullDisk = (what: string, folder: string, says: FaultRow['says']): FaultRow => ({
  name: `the disk for ${what} of the owner is full, and lvs is killed`,
  deed: async ({ owner }) => {
    await fill(owner, folder);
    await owner.must(['pkill', '-KILL', '-x', 'lvsd']);
  },
  observeMs: 5000,
  undo: ({ owner }) => empty(owner, folder),
  expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
  says,
  endsProcesses: true,
  keepalived: 'it keeps no state, and has no such process',
});

export const wholeMachines: readonly FaultRow[] = [
  // Between two deaths of lvs on one router lies a minute, or another life of it.
  fullDisk('state', '/run', /it cannot be kept who owns the service|could not be saved/),
  {
    name: 'power of the owner lost',
    switchesOff: true,
    deed: ({ powerOff, owner }) => powerOff(owner),
    observeMs: 5000,
    undo: ({ boot, owner }) => boot(owner),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /partner dead: activating lvs|no heartbeat of the (primary|backup) for/,
    keepalived: true,
  },
  // What it says before there is room again may be lost.
  fullDisk('logs', '/var/log', /lvs was killed by SIGKILL|nothing/),
  {
    name: 'power of the standby lost',
    switchesOff: true,
    deed: ({ powerOff, standby }) => powerOff(standby),
    observeMs: 5000,
    undo: ({ boot, standby }) => boot(standby),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /partner dead: activating lvs|no heartbeat of the (primary|backup) for/,
    keepalived: true,
  },
  {
    name: 'the owner suspended for 8 s',
    deed: (stage) => suspend(stage, stage.owner),
    observeMs: 8000,
    undo: (stage) => resume(stage, stage.owner),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 2000 },
    says: /partner dead: activating lvs|no heartbeat of the (primary|backup) for/,
    keepalived: true,
  },
  {
    name: 'the standby suspended for 8 s',
    deed: (stage) => suspend(stage, stage.standby),
    observeMs: 8000,
    undo: (stage) => resume(stage, stage.standby),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /partner dead: activating lvs|no heartbeat of the (primary|backup) for/,
    keepalived: true,
  },
  clockSteps('the clock steps an hour forth and back', hour),
  clockSteps('the clock steps an hour back and forth', -hour),
];
