// How a storm plans its rounds, and how it judges what it has seen.
import { describe, expect, test } from '@jest/globals';
import type { StatusAnswer } from '@piranha/protocol';
import type { Request } from './lab/inside/probe.ts';
import type { RouterFacts } from './lab/inside/storm/facts.ts';
import { problemsOf } from './lab/inside/storm/judge.ts';
import { watchLeaks } from './lab/inside/storm/leaks.ts';
import type { Done } from './lab/inside/storm/losses.ts';
import { unexplained } from './lab/inside/storm/losses.ts';
import { allActs, planOf, settingsOf, wordsOf } from './lab/inside/storm/plan.ts';
import type { ProcessSeen } from './lab/inside/storm/processes.ts';
import { stillThere } from './lab/inside/storm/processes.ts';
import type { Shown, Sight } from './lab/inside/storm/strange-vip.ts';
import { isDue, missing } from './lab/inside/storm/strange-vip.ts';
import { twoOwnersMs, unexplainedOwners } from './lab/inside/storm/two-owners.ts';

const seeds = Array.from({ length: 400 }, (_none, seed) => seed);

describe('the plan of a round', () => {
  test('is the same for the same seed', () => {
    const words = (seed: number) => planOf(seed).map(wordsOf);
    expect(seeds.map(words)).toEqual(seeds.map(words));
    expect(words(1)).not.toEqual(words(2));
  });

  test('has one to three acts, in the order of their times', () => {
    const counts = seeds.map((seed) => planOf(seed).length);
    expect(new Set(counts)).toEqual(new Set([1, 2, 3]));
    for (const seed of seeds) {
      const times = planOf(seed).map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    }
  });

  test('has every act in some round, each by its own name', () => {
    const names = allActs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(seeds.flatMap((seed) => planOf(seed).map(({ act }) => act.name)))).toEqual(new Set(names));
  });
});

const process = (pid: number, program: string | undefined, more: Partial<ProcessSeen> = {}): ProcessSeen => ({
  ...{ pid, life: `${pid} 1`, program, words: program ?? '', zombie: false },
  ...{ parent: 1, memory: 30_000, descriptors: 20 },
  ...more,
});

const suite = ['pulse', 'lvsd', 'nanny', 'nanny', 'send_arp', 'ip', 'ip'].map((name, index) =>
  process(100 + index, name),
);
const labsOwn = [process(1, undefined, { parent: 0, words: 'sh' }), process(2, undefined, { words: 'sleep 3600' })];

const table = [
  '-A -t 10.1.0.100:80 -s wrr',
  '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 2',
  '-a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 1',
];

const statusOf = (active: boolean, change: Partial<StatusAnswer> = {}): StatusAnswer =>
  ({
    state: active ? 'active' : 'inactive',
    digest: 'd',
    pair: { class: 2, living: 2, alarm: null, held: false, wants: false },
    partner: { said: active ? 'stopped' : 'running', hearsUs: true, digest: 'd', lacksOrders: [] },
    addressProblem: null,
    troubles: [],
    lvs: { digest: 'd', table: { problem: null, failed: [] }, troubles: [], virtualServers: [] },
    lvsProblem: null,
    ...change,
  }) as unknown as StatusAnswer;

const owner: RouterFacts = {
  name: 'r1',
  addresses: ['127.0.0.1', '10.1.0.2', '10.2.0.2', '10.1.0.100', '10.2.0.1'],
  table,
  processes: [...suite, ...labsOwn],
  status: statusOf(true),
};
const standby: RouterFacts = {
  ...owner,
  name: 'r2',
  addresses: ['10.1.0.3', '10.2.0.3'],
  status: statusOf(false),
};

const hot = settingsOf(0);
const judged = (changeOfOwner: Partial<RouterFacts>, changeOfStandby: Partial<RouterFacts> = {}) =>
  problemsOf(
    [
      { ...owner, ...changeOfOwner },
      { ...standby, ...changeOfStandby },
    ],
    hot,
  );

describe('a pair', () => {
  test('is well with one owner, its tables, its processes and a good status', () => {
    expect(judged({})).toEqual([]);
  });

  test('is not well with two owners, or none', () => {
    const both = judged({}, { addresses: [...standby.addresses, '10.1.0.100'] });
    expect(both).toContain('10.1.0.100 is on r1 and r2');
    expect(judged({ addresses: ['10.1.0.2', '10.2.0.2'] })).toContain('10.1.0.100 is on no router');
  });

  test('is not well where nat_router is elsewhere, or a router has lost its own address', () => {
    const withoutInside = owner.addresses.filter((address) => address !== '10.2.0.1');
    expect(judged({ addresses: withoutInside })).toEqual(['nat_router is on no router']);
    expect(judged({}, { addresses: ['10.1.0.3'] })).toEqual(['r2: its own address 10.2.0.3 is gone']);
  });

  test('is not well with another table than the file says; services of others do not count', () => {
    expect(judged({ table: table.slice(1) })[0]).toMatch(/^r1: its table is: -a/);
    expect(judged({}, { table: [] })).toEqual(['r2: its table is: empty']);
    expect(judged({ table: ['-A -t 10.9.9.9:99 -s rr', ...table] })).toEqual([]);
  });

  test('is not well with a process too many or too few, a zombie, or something left behind', () => {
    expect(judged({ processes: owner.processes.slice(1) })[0]).toMatch(/its processes are/);
    expect(judged({ processes: [...owner.processes, process(9, 'nanny')] })[0]).toMatch(/nanny nanny nanny/);
    const zombie = process(9, undefined, { zombie: true, words: 'ipvsadm' });
    expect(judged({ processes: [...owner.processes, zombie] })).toEqual(['r1: nobody has reaped ipvsadm']);
    const orphan = process(9, undefined, { words: 'ipvsadm -R' });
    expect(judged({ processes: [...owner.processes, orphan] })).toEqual(['r1: left behind: ipvsadm -R']);
    const waiting = process(9, undefined, { words: 'ipvsadm -R', parent: 101 });
    expect(judged({ processes: [...owner.processes, waiting] })).toEqual([]);
  });

  test('is well with a process that has just ended, and was reaped a moment later', () => {
    const ended = process(9, undefined, { zombie: true });
    const other = process(10, undefined, { zombie: true });
    expect(stillThere([...suite, ended], suite)).toEqual(suite);
    expect(stillThere([...suite, ended], [...suite, other])).toEqual(suite);
    expect(stillThere([...suite, ended], [...suite, ended])).toEqual([...suite, ended]);
  });

  test('is not well where status says so, or nothing', () => {
    expect(judged({ status: undefined })).toEqual(['r1: lvsctl status: nobody answers']);
    expect(judged({ status: statusOf(true, { addressProblem: 'no eth0' }) })).toEqual([
      'r1: status: addresses: no eth0',
    ]);
    const late = { troubles: ['the private channel has not begun yet'] };
    expect(judged({ status: statusOf(true, late) })).toEqual(['r1: status: the private channel has not begun yet']);
    const unfit = { class: 1, classReason: 'a link is down', alarm: 'look', living: 1, held: false };
    expect(judged({ status: statusOf(true, { pair: unfit } as Partial<StatusAnswer>) })).toHaveLength(3);
  });

  test('is not well while one router asks for the service', () => {
    const asks = { class: 2, living: 2, alarm: null, held: false, wants: true } as StatusAnswer['pair'];
    expect(judged({}, { status: statusOf(false, { pair: asks }) })).toEqual([
      'r2: status: it asks for the service, and nobody has answered yet',
    ]);
  });

  test('with automatic failback is not well while the backup serves, unless an operator placed it there', () => {
    const other = (held: boolean): RouterFacts[] => [
      { ...standby, name: 'r1', addresses: ['10.1.0.2', '10.2.0.2'] },
      {
        ...{ ...owner, name: 'r2', addresses: ['10.1.0.3', '10.2.0.3', '10.1.0.100', '10.2.0.1'] },
        status: statusOf(true, { pair: { class: 2, living: 2, alarm: null, held } } as Partial<StatusAnswer>),
      },
    ];
    expect(problemsOf(other(false), settingsOf(20))).toEqual(['the service has yet to go back to the primary']);
    expect(problemsOf(other(true), settingsOf(20))).toEqual([]);
    expect(problemsOf(other(false), hot)).toEqual([]);
  });
});

/** One every 20 ms; those within the gap get no answer. */
const requests = (from: number, to: number): Request[] =>
  Array.from({ length: 500 }, (_none, number) => ({
    ...{ number, sentAt: number * 20, doneAt: number * 20 + 1 },
    outcome:
      number * 20 >= from && number * 20 < to
        ? { type: 'refused', problem: 'ECONNREFUSED' }
        : { type: 'answered', server: 's1' },
  }));

const act = (change: Partial<Done> = {}, cost = { owner: 3000, standby: 0 }): Done => ({
  act: { name: 'kill pulse', hits: 'router', cost },
  ...{ cast: { router: 'r1', server: 's1', lastsMs: 0 }, from: 1000, onOwner: true },
  ...change,
});

describe('what a client lost', () => {
  const explained = (done: readonly Done[], from: number, to: number) =>
    unexplained({ requests: requests(from, to), done, wellAt: 6000, patience: (ms) => ms });

  test('is explained by an act that may cost as much', () => {
    expect(explained([act()], 1500, 4000)).toEqual([]);
    expect(explained([act()], 1500, 5000)[0]).toMatch(/no answer for 35\d\d ms, 3000 are explained/);
  });

  test('is not explained by an act on the router that did not serve, nor before, nor after', () => {
    expect(explained([act({ onOwner: false })], 1500, 1600)[0]).toMatch(/nothing was done that explains it: 5 refused/);
    expect(explained([act()], 500, 600)).toHaveLength(1);
    expect(explained([act()], 7000, 7100)).toHaveLength(1);
  });

  test('is explained by two acts that stand in each other’s way for as long as they last', () => {
    const long = act({ cast: { router: 'r2', server: 's1', lastsMs: 500 }, onOwner: false });
    expect(explained([act(), long], 1500, 4700)).toEqual([]);
    expect(explained([act(), long], 1500, 5200)).toHaveLength(1);
  });

  test('is not explained by the time of an act that costs nothing, unless it slows the others', () => {
    const idle = (slows: boolean): Done => ({
      ...act({ cast: { router: 'r2', server: 's1', lastsMs: 500 }, onOwner: false }),
      act: { name: 'reload', hits: 'router', cost: { owner: 0, standby: 0 }, ...(slows ? { slows } : {}) },
    });
    expect(explained([act(), idle(false)], 1500, 4700)[0]).toMatch(/no answer for 32\d\d ms, 3000 are explained/);
    expect(explained([act(), idle(true)], 1500, 4700)).toEqual([]);
  });

  test('may last longer on a machine that needs patience', () => {
    const slow = { wellAt: 6000, patience: (ms: number) => 2 * ms + 500 };
    expect(unexplained({ requests: requests(1500, 1900), done: [act({ onOwner: false })], ...slow })).toEqual([]);
    expect(unexplained({ requests: requests(1500, 2100), done: [act({ onOwner: false })], ...slow })).not.toEqual([]);
    expect(unexplained({ requests: requests(1500, 5000), done: [act()], ...slow })).toEqual([]);
  });

  test('is explained by two orders that leave no server', () => {
    const drain = (server: 's1' | 's2'): Done => ({
      ...act({}, { owner: 0, standby: 0 }),
      act: { name: 'drain', hits: 'server', cost: { owner: 0, standby: 0 } },
      cast: { router: 'r1', server, lastsMs: 0 },
    });
    expect(explained([drain('s1'), drain('s2')], 1500, 4000)).toEqual([]);
    expect(explained([drain('s1'), drain('s1')], 1500, 1600)).toHaveLength(2);
  });
});

describe('two owners', () => {
  const broke = (router: 'r1' | 'r2', ...breaks: NonNullable<Done['act']['breaks']>) => ({
    act: { breaks },
    cast: { router },
  });

  test('are counted from the look that saw both to the next one', () => {
    const looks = [100, 125, 150, 900, 925].map((at) => ({ at, both: at !== 150 && at !== 925 }));
    expect(twoOwnersMs(looks)).toBe(75);
    expect(twoOwnersMs([])).toBe(0);
  });

  test('are explained where neither network was left, nobody to lower the address, or somebody put it there', () => {
    expect(unexplainedOwners(500, [broke('r1', 'address')])).toEqual([]);
    expect(unexplainedOwners(500, [broke('r1', 'pub'), broke('r2', 'prv')])).toEqual([]);
    expect(unexplainedOwners(500, [broke('r1', 'pulse'), broke('r1', 'lvs')])).toEqual([]);
  });

  test('are not explained otherwise', () => {
    const said = ['both routers had the virtual address for 500 ms'];
    expect(unexplainedOwners(500, [])).toEqual(said);
    expect(unexplainedOwners(500, [broke('r1', 'pub'), broke('r2', 'pub')])).toEqual(said);
    expect(unexplainedOwners(500, [broke('r1', 'pulse'), broke('r2', 'lvs')])).toEqual(said);
    expect(unexplainedOwners(50, [])).toEqual([]);
  });
});

describe('an address that pulse has not raised', () => {
  const hereAlarm = 'answers for 10.1.0.100 all the same: 10.1.0.100/32 on eth0 was not raised by pulse, and stays';
  const otherAlarm = 'the backup answers for 10.1.0.100, too: its pulse has not raised this; take it down there';
  const pairWith = (alarm: string | null) => ({ class: 2, living: 2, alarm, held: false }) as StatusAnswer['pair'];
  const here: Shown = {
    ...{ name: 'r2', log: [hereAlarm], isLogWhole: true },
    status: statusOf(false, { pair: pairWith(hereAlarm) }),
  };
  const other: Shown = {
    ...{ name: 'r1', log: [otherAlarm], isLogWhole: true },
    status: statusOf(true, { pair: pairWith(otherAlarm) }),
  };
  const sight: Sight = { stands: true, here, other };

  test('has to be told of by both routers, in status and in the log', () => {
    expect(missing(sight)).toEqual([]);
    expect(missing({ ...sight, here: { ...here, status: statusOf(false) } })).toEqual([
      'r2: status does not say "was not raised by pulse"',
    ]);
    expect(missing({ ...sight, other: { ...other, status: statusOf(true), log: [] } })).toEqual([
      'r1: status does not say "its pulse has not raised this"',
      'r1: its log does not say "its pulse has not raised this"',
    ]);
  });

  test('may be missing in a log that was full or not written', () => {
    expect(missing({ ...sight, here: { ...here, log: [], isLogWhole: false } })).toEqual([]);
  });

  test('has to be told of only while it stands on a standby and both routers hear each other', () => {
    const deaf = { said: 'running', hearsUs: false } as StatusAnswer['partner'];
    const alone = { said: 'nothing', hearsUs: true } as StatusAnswer['partner'];
    expect(isDue(sight)).toBe(true);
    expect(isDue({ ...sight, stands: false })).toBe(false);
    expect(isDue({ ...sight, other: { ...other, status: undefined } })).toBe(false);
    expect(isDue({ ...sight, here: { ...here, status: statusOf(true) } })).toBe(false);
    expect(isDue({ ...sight, here: { ...here, status: statusOf(false, { partner: deaf }) } })).toBe(false);
    expect(isDue({ ...sight, here: { ...here, status: statusOf(false, { partner: alone }) } })).toBe(false);
  });
});

test('a process that holds more and more descriptors or memory is told of', () => {
  const leaks = watchLeaks();
  const look = (descriptors: number, memory: number) =>
    leaks([{ ...owner, processes: [process(7, 'pulse', { descriptors, memory })] }]);
  expect(look(20, 30_000)).toEqual([]);
  expect(look(25, 60_000)).toEqual([]);
  expect(look(40, 60_000)).toEqual(['r1: pulse holds descriptors: 40, at first 20']);
  expect(look(20, 99_000)).toEqual(['r1: pulse holds KB: 99000, at first 30000']);
});
