// Processes of the owner are killed or hang, one by one and together.
import { pause, until } from '../command.ts';
import type { Host } from '../host.ts';
import { nothing } from './row.ts';
import type { FaultRow } from './row.ts';
import type { Stage } from './stage.ts';
import type { Suite } from './suites.ts';

const signal = (host: Host, name: 'KILL' | 'STOP' | 'CONT', process: string): Promise<string> =>
  host.must(['pkill', `-${name}`, '-x', process]);

/** What decides who is active. */
export const signalDecider = async ({ suite, owner }: Stage, name: 'KILL' | 'STOP' | 'CONT'): Promise<string> =>
  owner.must(['kill', `-${name}`, (await suite.decider(owner)).trim()]);

const pidsOf = async (host: Host, process: string): Promise<string> =>
  (await host.run(['pgrep', '-x', process])).stdout.trim();

/** With what this suite has standing; the lab's own programs have other command lines. */
async function killAll({ names }: Suite, owner: Host): Promise<void> {
  await owner.must(['pkill', '-KILL', '-x', names.join('|')]);
  await owner.run(['pkill', '-KILL', '-f', '^ip -j -force']);
}

/** Kills an lvs and its successor. */
async function killTwice(host: Host, process: string): Promise<void> {
  const first = await pidsOf(host, process);
  await signal(host, 'KILL', process);
  await until(`another ${process}`, 15_000, async () => {
    const now = await pidsOf(host, process);
    return now !== '' && now !== first;
  });
  await pause(500);
  await signal(host, 'KILL', process);
}

const killed = (process: string, says: RegExp): FaultRow => ({
  name: `${process} killed`,
  deed: ({ owner }) => signal(owner, 'KILL', process),
  observeMs: 2500,
  undo: nothing,
  expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
  says,
  endsProcesses: true,
  keepalived: 'it has no such process',
});

/** From now on these processes open no file with this number or a higher one; `unlimited`: as many as they may. */
const limitFiles = (host: Host, most: number | 'unlimited'): Promise<string> =>
  host.must(['sh', '-c', limitEach, 'sh', `${most}`]);

const limitEach = `for pid in $(pgrep -x 'pulse|lvsd|nanny'); do
  most=$1
  [ "$most" != unlimited ] || most=$(sed -n 's/^Max open files *[0-9]* *\\([0-9]*\\).*/\\1/p' "/proc/$pid/limits")
  prlimit --pid "$pid" "--nofile=$most:"
done`;

/** In an order in which no lvs dies twice within a minute on one router unless it shall. */
export const processes: readonly FaultRow[] = [
  killed('lvsd', /lvs was killed by SIGKILL/),
  killed('nanny', /nanny for child .* died! it was killed by SIGKILL/),
  killed('send_arp', /send_arp .* it is started again/),
  {
    name: 'descriptors exhausted',
    deed: ({ owner }) => limitFiles(owner, 3),
    observeMs: 6000,
    undo: ({ owner }) => limitFiles(owner, 'unlimited'),
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /checks cannot be made: too many open files; no server is judged by that/,
    keepalived: 'its limit is not raised, and each check needs one',
  },
  {
    // lvs waits for three of their intervals, and may have asked just before.
    name: 'nannies hang',
    deed: ({ owner }) => signal(owner, 'STOP', 'nanny'),
    observeMs: 9000,
    undo: nothing,
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /nanny .* has given no sign of life/,
    endsProcesses: true,
    keepalived: 'it has no such process',
  },
  {
    name: 'the process that decides killed, and not started again',
    deed: (stage) => signalDecider(stage, 'KILL'),
    observeMs: 5000,
    undo: ({ suite, owner }) => suite.start(owner),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /partner dead: activating lvs/,
    endsProcesses: true,
    keepalived: true,
  },
  {
    name: 'lvs hangs',
    deed: ({ owner }) => signal(owner, 'STOP', 'lvsd'),
    observeMs: 8000,
    undo: nothing,
    expect: { owner: 'same', failedAtMost: 0, overlapAtMost: 0 },
    says: /lvs has given no sign of life/,
    endsProcesses: true,
    keepalived: 'it has no such process',
  },
  {
    name: 'the process that decides hangs',
    deed: (stage) => signalDecider(stage, 'STOP'),
    observeMs: 5000,
    undo: (stage) => signalDecider(stage, 'CONT'),
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /no sign of life of pulse: taking down the addresses/,
    endsProcesses: true,
    keepalived: true,
  },
  {
    name: 'lvs killed twice within a minute',
    deed: ({ owner }) => killTwice(owner, 'lvsd'),
    observeMs: 5000,
    undo: nothing,
    expect: { owner: 'other', outageAtMost: 4500, overlapAtMost: 0 },
    says: /lvs was killed by SIGKILL/,
    endsProcesses: true,
    keepalived: 'it has no such process',
  },
  {
    // Nobody takes the addresses down before the start: the one fault with two owners that nothing on a router can prevent.
    // How soon pulse is back decides whether it goes on, the primary takes over, or the other has done so.
    name: 'everything killed at once, and started again',
    deed: ({ suite, owner }) => killAll(suite, owner),
    observeMs: 0,
    undo: ({ suite, owner }) => suite.start(owner),
    expect: { owner: 'either', outageAtMost: 4500, overlapAtMost: 30_000 },
    says: /going on as the active router|(partner dead|(primary|backup) inactive): activating lvs/,
    endsProcesses: true,
    keepalived: true,
  },
];
