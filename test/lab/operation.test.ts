// What an administrator does to a pair that serves: on a real IPVS kernel, with the installed suite.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { natTable } from './nat-table.ts';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenarios('reload', 'names', 'control', 'preflight');
});

describe('a reload under a long download', () => {
  const web = (scheduler: string, ...servers: readonly string[]): string[] => [
    `-A -t 10.1.0.100:80 -s ${scheduler}`,
    ...servers.map((server) => `-a -t 10.1.0.100:80 -r 10.2.0.${server}`),
  ];
  const edited = [
    '-A -t 10.1.0.100:80 -s wlc -p 300',
    '-A -t 10.1.0.100:81 -s rr',
    '-A -t 10.1.0.101:81 -s rr',
    '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 5',
    '-a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 3',
  ];

  test.each([
    ['first', web('wrr', '11:80 -m -w 1')],
    ['a server more', web('wrr', '11:80 -m -w 1', '12:80 -m -w 1')],
    [
      'two services and an address more',
      [
        '-A -t 10.1.0.100:80 -s wrr',
        '-A -t 10.1.0.100:81 -s rr',
        '-A -t 10.1.0.101:81 -s rr',
        ...web('', '11:80 -m -w 1', '12:80 -m -w 1').slice(1),
      ],
    ],
    ['everything edited', edited],
    ['renamed and reordered', edited],
    ['an invalid file', edited],
    ['back', web('wrr', '11:80 -m -w 1', '12:80 -m -w 1')],
    ['a storm', web('wrr', '11:80 -m -w 100', '12:80 -m -w 1')],
    ['cleared', web('wrr', '11:80 -m -w 1', '12:80 -m -w 1')],
  ])('%s: the table is as the file says, and the download goes on', (name, table) => {
    expect(seen.of('reload').steps[name]).toMatchObject({ table, goesOn: true });
  });

  test('its server keeps its entry: the packets that the kernel counts for it only grow', () => {
    const { cleared, ...others } = seen.of('reload').steps;
    const packets = Object.values(others).map((step) => step.packets);
    expect(packets).toEqual(packets.toSorted((a, b) => a - b));
    expect(packets.at(-1)).toBeGreaterThan(100);
    expect(cleared).toBeDefined();
  });

  test('every byte arrives in its place', () => {
    const { ended } = seen.of('reload');
    expect(ended.same).toBe(true);
    expect(ended.bytes).toBeGreaterThan(500_000);
  });

  test('a new address comes up with its label and is announced; a dropped one goes', () => {
    const { labels, labelsAfter, announced } = seen.of('reload');
    expect(labels).toEqual(['10.1.0.2 eth0', '10.1.0.100 eth0:1', '10.1.0.101 eth0:2']);
    expect(labelsAfter).toEqual(['10.1.0.2 eth0', '10.1.0.100 eth0:1']);
    expect(announced).toBeGreaterThan(1);
  });

  test('every mistake of an invalid file is logged with its place', () => {
    const places = seen.of('reload').complaints.map((line) => /lvs\.cf:\d+:\d+: error: \S+/.exec(line)?.[0]);
    expect(places).toEqual([
      expect.stringMatching(/^lvs\.cf:\d+:10: error: port:$/),
      expect.stringMatching(/^lvs\.cf:\d+:3: error: unknown$/),
    ]);
  });

  test('another heartbeat port and pace, given to both routers, changes no owner', () => {
    const { heartbeats, owners } = seen.of('reload');
    expect(heartbeats.owners).toEqual([true, false]);
    expect(heartbeats.heard).toBeGreaterThan(5);
    expect(owners).toEqual([true, false]);
  });

  test('a table that somebody has cleared is back within 5 s', () => {
    expect(seen.of('reload').repairedInMs).toBeLessThan(withPatience(6000));
  });
});

describe('a host name without an address', () => {
  const [service, first, second] = [
    '-A -t 10.1.0.100:80 -s wrr',
    '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 2',
    '-a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 1',
  ];

  test('of a server leaves out that server at start, and the log names it with its place', () => {
    const { started, without, warnings } = seen.of('names');
    expect({ started, without }).toEqual({ started: 0, without: [service, first] });
    expect(warnings[0]).toMatch(/lvs\.cf:\d+:\d+: warning: no address was found for the host name/);
  });

  test('keeps the router from starting where it leaves nothing to balance', () => {
    expect(seen.of('names').refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no active lvs services .* but those that need the addresses of later\.example/),
    });
  });

  test('makes a reload change nothing', () => {
    expect(seen.of('names').afterReload).toEqual([service, first]);
  });

  test('is looked up again, and its server comes in without a reload', () => {
    expect(seen.of('names').withName).toEqual([service, first, second]);
  });
});

describe('what pulse finds on its machine', () => {
  test('on a healthy router it has nothing to say, though it could look at everything', () => {
    expect(seen.of('preflight').healthy).toEqual([]);
    expect(seen.of('preflight').firstLook).toMatch(/the machine was looked at findings=0 unknown=""$/);
  });

  test('what a file needs and this machine lacks is a mistake of the file', () => {
    const { code, stdout } = seen.of('preflight').refused;
    expect(code).toBe(1);
    expect(stdout).toMatch(/lvs\.cf:\d+:\d+: error: address: the interface "eth7" is not there/);
    expect(stdout).toMatch(/lvs\.cf:\d+:\d+: error: send_program: "\/opt\/no-such-check" is not there/);
  });

  test('each trouble that a reload meets is one warning', () => {
    const { ill } = seen.of('preflight');
    expect(ill.map((each) => each.code).toSorted()).toEqual([
      'device-down',
      'forwarding-off',
      'heartbeat-dropped',
      'mark-not-set',
      'redirects-sent',
      'strict-rp-filter',
    ]);
    const text = ill.map((each) => each.text).join('\n');
    expect(text).toMatch(/net\.ipv4\.ip_forward is 0.* web \(nat\)/);
    expect(text).toMatch(/rp_filter on eth0 .* virtual server near /);
    expect(text).toMatch(/redirects are sent on eth0.* one-armed /);
    expect(text).toMatch(/firewall mark 80: virtual server marked /);
    expect(text).toMatch(/interface eth7 is down, .* marked/);
    expect(text).toMatch(/heartbeats of the partner \(10\.1\.0\.3, 10\.2\.0\.3, UDP port 539\)/);
  });

  test('lvsctl check --system tells the same', () => {
    const { ill, checked } = seen.of('preflight');
    const lines = checked.filter((line) => line.startsWith('this machine: warning: '));
    expect(lines).toHaveLength(ill.length);
    for (const { text } of ill) expect(lines).toContainEqual(expect.stringContaining(text.replace(/ code=.*$/, '')));
  });

  test('a reload says nothing again; what was cured and comes back is said anew', () => {
    const { illStill, healed, markLost } = seen.of('preflight');
    expect([illStill, healed]).toEqual([[], []]);
    expect(markLost.map((each) => each.code)).toEqual(['mark-not-set']);
  });
});

describe('settings of the kernel', () => {
  test('are made when the table stands, follow a reload, and come back when somebody else changes them', () => {
    const { before, standing, reloaded, repaired } = seen.of('preflight');
    expect(before).toEqual(['0', '0', '1']);
    expect(standing).toEqual(['0', '1', '1']);
    expect(reloaded).toEqual(['1', '1', '2']);
    expect(repaired).toEqual(['1', '1', '2']);
  });

  test('each change is one line in the log', () => {
    const texts = seen.of('preflight').lines.map((line) => line.replace(/^.*lvsd\[\d+\]: /, ''));
    expect(texts).toEqual([
      'net.ipv4.vs.expire_quiescent_template is 1 now, was 0',
      'net.ipv4.vs.expire_nodest_conn is 1 now, was 0',
      'net.ipv4.vs.conn_reuse_mode is 2 now, was 1',
      'somebody else set net.ipv4.vs.expire_nodest_conn to 0: it is 1 again',
    ]);
  });
});

describe('lvsctl', () => {
  test('says with status 3 that pulse does not run, before the start and after the stop', () => {
    const { notRunning, stopped } = seen.of('control');
    expect(notRunning.status).toMatchObject({ code: 3, stderr: expect.stringContaining('pulse does not run') });
    expect(stopped).toEqual({ status: 3, socket: 1 });
  });

  test('without a pulse plans with every server up, and says so', () => {
    const { plan } = seen.of('control').notRunning;
    expect(plan.stdout).toMatch(/^note: pulse does not run.*: every server counts as up/);
    expect(natTable.every((line) => plan.stdout.includes(`    ${line}\n`))).toBe(true);
  });

  test('shows the pair from both sides: who is active, since when, what was heard, where the addresses are', () => {
    const { both, text } = seen.of('control');
    const heard = (word: string) => ({ said: word, channels: [{ said: word }, { said: word }] });
    expect(both).toMatchObject([
      {
        ...{ role: 'primary', state: 'active', partner: heard('stopped'), lvs: { role: 'active' } },
        addresses: [
          { address: '10.1.0.100', device: 'eth0:1', up: true },
          { address: '10.2.0.1', device: 'eth1:1', up: true },
        ],
      },
      {
        ...{ role: 'backup', state: 'inactive', partner: heard('running'), lvs: { role: 'standby' } },
        addresses: [{ up: false }, { up: false }],
      },
    ]);
    expect(both.map((status) => status.lvs?.digest)).toEqual(both.map((status) => status.digest));
    expect(text).toMatch(/^primary, active for /);
  });

  test('pulse and lvs are among the last that are killed when memory runs out', () => {
    expect(seen.of('control').scores).toEqual({ pulse: -900, lvsd: -900, nanny: 0 });
  });

  test('only root may ask', () => {
    const { modes, nobody } = seen.of('control').access;
    expect(modes).toEqual(['700 root', '600 root']);
    expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('run lvsctl as root') });
  });

  test('counts the connections that clients hold', () => {
    expect(seen.of('control').connections).toBe(3);
  });

  test('plans exactly the lines that the reload then gives to ipvsadm', () => {
    const { plan, shown, given, before, after, again } = seen.of('control').planned;
    expect(plan.lines).toEqual([
      '-A -t 10.1.0.100:81 -s wlc',
      '-E -t 10.1.0.100:80 -s lc',
      '-e -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 5',
      '-d -t 10.1.0.100:80 -r 10.2.0.12:80',
    ]);
    expect(plan.linesWhenChecked).toEqual(['-a -t 10.1.0.100:81 -r 10.2.0.11:80 -m -w 1']);
    expect(given).toEqual([...plan.lines, ...plan.linesWhenChecked]);
    const inText = shown.split('\n').filter((line) => /^ +-[AEDaed] /.test(line));
    expect(inText.map((line) => line.trim())).toEqual(given);
    expect(before).toEqual(natTable);
    expect(after).toEqual([
      '-A -t 10.1.0.100:80 -s lc',
      '-A -t 10.1.0.100:81 -s wlc',
      '-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 5',
      '-a -t 10.1.0.100:81 -r 10.2.0.11:80 -m -w 1',
    ]);
    expect(again).toMatch(/: a reload would change nothing\n$/);
  });

  test('a hanging lvs does not hang the answer', () => {
    const { status, tookMs } = seen.of('control').hanging;
    expect(status).toMatchObject({ state: 'active', lvs: null, lvsProblem: 'lvs has not answered within 2000 ms' });
    expect(tookMs).toBeLessThan(withPatience(9000));
  });

  test('a server that dies is shown down, with the reason and since when', () => {
    const { dead, deadText } = seen.of('control');
    const [s1, s2] = dead.lvs?.virtualServers[0]?.servers ?? [];
    expect([s1, s2]).toMatchObject([
      { name: 's1', health: 'down', reason: 'connection refused', weight: null },
      { name: 's2', health: 'up', reason: '', weight: 1 },
    ]);
    expect(s1?.sinceMs).toBeLessThan(dead.sinceMs);
    expect(deadText).toMatch(/ s1 +10\.2\.0\.11:80 +down +\S+ .*connection refused\n/);
  });

  test('a line that the kernel refuses is shown, and the log and status name the module that is missing', () => {
    const { table, log, text } = seen.of('control').withoutScheduler;
    const problem = 'Scheduler or persistence engine not found (is the kernel module ip_vs_ovf missing?)';
    expect(table).toMatchObject({ failed: [{ line: '-E -t 10.1.0.100:80 -s ovf', problem }] });
    expect(table?.retryInMs).toEqual(expect.any(Number));
    expect(text).toContain(`  web: -E -t 10.1.0.100:80 -s ovf\n    ${problem}\n`);
    expect(log.join('\n')).toContain(problem);
  });

  test('when one router stops the other shows that it is active', () => {
    expect(seen.of('control').other).toMatchObject({ role: 'backup', state: 'active', lvs: { role: 'active' } });
  });
});
