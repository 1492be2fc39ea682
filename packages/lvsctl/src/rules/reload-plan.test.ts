import { expect, test } from '@jest/globals';
import type { Configuration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import { keyOf, parseConnections, parseSaved, serverId } from '@piranha/ipvs';
import type { Health } from '@piranha/ipvs';
import type { LvsReport, ReportedServer } from '@piranha/protocol';
import type { InForce } from './in-force.ts';
import { nothingInForce } from './in-force.ts';
import { describePlan, planAsJson, summary } from './plan-text.ts';
import { planReload } from './reload-plan.ts';

const virtual = (name: string, last: number, body: string): string =>
  `virtual ${name} {\n active = 1\n address = 10.0.0.${last} eth0:1\n ${body}\n}\n`;
const server = (name: string, last: number, more = ''): string =>
  `server ${name} {\n active = 1\n address = 10.2.0.${last}\n ${more}\n}\n`;

const [one, two, three] = [server('one', 11), server('two', 12), server('three', 13)];
const before = virtual('web', 100, one + two) + virtual('mail', 101, `port = 25\n${one}`);

const table = `\
-A -t 10.0.0.100:80 -s wlc
-a -t 10.0.0.100:80 -r 10.2.0.11:80 -m -w 1
-a -t 10.0.0.100:80 -r 10.2.0.12:80 -m -w 1
-A -t 10.0.0.101:25 -s wlc
-a -t 10.0.0.101:25 -r 10.2.0.11:25 -m -w 1
-A -t 192.0.2.1:80 -s rr
`;
const loads = parseConnections(`\
TCP  10.0.0.100:80 wlc
  -> 10.2.0.11:80 Masq 1 7 0
  -> 10.2.0.12:80 Masq 1 2 9
TCP  10.0.0.101:25 wlc
  -> 10.2.0.11:25 Masq 1 3 0
`);

function load(text: string): Configuration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
  return loaded.value.configuration;
}

type Said = { readonly health?: Health; readonly role?: LvsReport['role']; readonly owned?: readonly string[] };

/** What lvs reports where every server is in service with its whole weight. */
function reportOn(configuration: Configuration, { health = 'up', role = 'active', owned = [] }: Said): LvsReport {
  const uncounted = { activeConnections: null, inactiveConnections: null };
  return {
    ...{ role, digest: 'd', troubles: [], ownAddresses: [] },
    table: { problem: null, failed: [], failedCount: 0, timeouts: configuration.timeouts, retryInMs: null },
    owned: [...configuration.virtualServers.map(keyOf), ...owned],
    virtualServers: configuration.virtualServers.map((each) => ({
      ...{ name: each.name, service: keyOf(each), scheduler: each.scheduler, sorryServer: null },
      servers: each.servers.map((real): ReportedServer => ({
        ...{ name: real.name, id: serverId(each, real), address: real.address, port: real.port },
        ...{ health, sinceMs: 0, reason: '', order: null, ...uncounted },
        ...{ ramp: health === 'up' ? { weight: real.weight, doubleInMs: null } : null, weight: real.weight },
      })),
    })),
  };
}

/** What runs: all of `before` in service, unless something else is said. */
function running(text = before, said: Said = {}): InForce {
  const configuration = load(text);
  const role =
    said.role === 'active' || said.role === undefined ? 'active' : said.role === 'standby' ? 'standby' : 'idle';
  return { configuration, report: reportOn(configuration, said), role, problem: '' };
}

function planFor(text: string, inForce = running(), found = table) {
  const users = { before: undefined, now: undefined };
  return planReload({ configuration: load(text), digest: 'e', inForce, found: parseSaved(found).table, loads, users });
}

const told = (text: string, inForce = running(), found = table): readonly string[] =>
  describePlan('lvs.cf', planFor(text, inForce, found), inForce);

test('the same file changes nothing', () => {
  expect(told(before)).toEqual(['lvs.cf: a reload would change nothing']);
});

test('a reordered file with other names changes nothing', () => {
  const reordered = virtual('post', 101, `port = 25\n${one}`) + virtual('site', 100, two + one);
  expect(told(reordered)).toEqual(['lvs.cf: a reload would change nothing']);
});

test('edits are edits, in the order in which ipvsadm is given them', () => {
  const text =
    virtual('web', 100, `scheduler = rr\n${server('one', 11, 'weight = 5')}${server('two', 12, 'active = 1')}`) +
    virtual('mail', 101, `port = 25\npersistent = 60\n${one}`);
  expect(told(text)).toEqual([
    'services changed',
    '  web',
    '    -E -t 10.0.0.100:80 -s rr',
    '  mail',
    '    -E -t 10.0.0.101:25 -s wlc -p 60',
    'servers changed',
    '  web',
    '    -e -t 10.0.0.100:80 -r 10.2.0.11:80 -m -w 5',
    'lvs.cf: 2 services changed, 1 server changed',
  ]);
});

test('a new server goes in when it was found good; one that leaves takes its connections along', () => {
  const text = virtual('web', 100, one + three) + virtual('mail', 101, `port = 25\n${one}`);
  expect(told(text)).toEqual([
    'servers removed',
    '  web',
    '    -d -t 10.0.0.100:80 -r 10.2.0.12:80',
    'when servers that were not checked yet are found good:',
    '  servers added',
    '    web',
    '      -a -t 10.0.0.100:80 -r 10.2.0.13:80 -m -w 1',
    'checks',
    '  begin  web/three',
    '  end    web/two',
    'lvs.cf: 1 server removed, 1 server added when checked; 2 active connections on what is removed',
  ]);
});

test('a service that goes is removed whole, under the name that it had', () => {
  expect(told(virtual('web', 100, one + two))).toEqual([
    'services removed',
    '  mail',
    '    -D -t 10.0.0.101:25',
    'floating addresses',
    '  removed  10.0.0.101  eth0:1',
    'checks',
    '  end  mail/one',
    'lvs.cf: 1 service removed, 1 address removed; 3 active connections on what is removed',
  ]);
});

test('a new service comes at once, its servers when they were found good, its address too', () => {
  const text = before + virtual('news', 102, one);
  const { lines, later, addresses } = planFor(text);
  expect(lines.map(({ line }) => line)).toEqual(['-A -t 10.0.0.102:80 -s wlc']);
  expect(later.map(({ line }) => line)).toEqual(['-a -t 10.0.0.102:80 -r 10.2.0.11:80 -m -w 1']);
  expect(addresses.added).toMatchObject([{ address: '10.0.0.102', device: 'eth0:1' }]);
});

test('a server that is down stays out, and a sorry server is where lvs would have it', () => {
  const text = before.replace('virtual web {', 'virtual web {\n sorry_server = 10.2.0.99');
  const out = table.replaceAll(/^-a .*\n/gm, '');
  expect(planFor(text, running(before, { health: 'down' }), out).lines.map(({ line }) => line)).toEqual([
    '-a -t 10.0.0.100:80 -r 10.2.0.99:80 -m -w 1',
  ]);
});

test('a changed check restarts and leaves the table alone', () => {
  const text = before.replace('virtual web {', 'virtual web {\n timeout = 3');
  expect(told(text)).toEqual(['checks', '  restart  web/one, web/two', 'lvs.cf: 2 checks restarted']);
});

test('a load monitor that is added changes the checks', () => {
  const text = before.replace('virtual web {', 'virtual web {\n load_monitor = uptime');
  expect(told(text)).toEqual(['checks', '  restart  web/one, web/two', 'lvs.cf: 2 checks restarted']);
});

test('a server on its way up keeps its low weight, and one that has come up goes to the new one', () => {
  const weights = (weight: number) => virtual('web', 100, server('one', 11, `weight = ${weight}`));
  const rising = running(weights(3));
  const [web] = rising.report?.virtualServers ?? [];
  const [first] = web?.servers ?? [];
  if (rising.report === undefined || web === undefined || first === undefined) throw new Error('no server');
  const ramp = { weight: 1, doubleInMs: 20_000 };
  const report = { ...rising.report, virtualServers: [{ ...web, servers: [{ ...first, ramp, weight: 1 }] }] };
  const found = '-A -t 10.0.0.100:80 -s wlc\n-a -t 10.0.0.100:80 -r 10.2.0.11:80 -m -w ';
  expect(told(weights(5), { ...rising, report }, `${found}1\n`)).toEqual(['lvs.cf: a reload would change nothing']);
  expect(planFor(weights(5), rising, `${found}3\n`).lines.map(({ line }) => line)).toEqual([
    '-e -t 10.0.0.100:80 -r 10.2.0.11:80 -m -w 5',
  ]);
});

test('a hot standby that is a real server itself does not get its own service', () => {
  const text = `hot_standby = 1\nnetwork = direct\n${virtual('web', 100, one + two)}`;
  const standby = running(text, { role: 'standby' });
  if (standby.report === undefined) throw new Error('no report');
  const report = { ...standby.report, ownAddresses: ['10.2.0.11'] };
  expect(planFor(text, { ...standby, report }, '').lines).toEqual([]);
  expect(planFor(text, standby, '').lines).toHaveLength(3);
});

test('another user for the checks begins them anew', () => {
  const ground = {
    configuration: load(before),
    digest: 'e',
    inForce: running(),
    found: parseSaved(table).table,
    loads,
  };
  expect(planReload({ ...ground, users: { before: undefined, now: '65534:65534' } }).checks).toEqual({
    ...{ begun: [], ended: [] },
    restarted: ['web/one', 'web/two', 'mail/one'],
  });
});

test('connection timeouts that differ are given to the kernel', () => {
  expect(told(`tcp_timeout = 900\n${before}`)).toEqual([
    'connection timeouts',
    '  --set 900 0 0',
    'lvs.cf: timeouts changed',
  ]);
  expect(told(before, running(`tcp_timeout = 900\n${before}`))).toEqual(['lvs.cf: a reload would change nothing']);
});

test('without a running pulse every server counts as up, and that is said', () => {
  const text = virtual('web', 100, one + three);
  const inForce = nothingInForce('pulse does not run');
  const lines = told(text, inForce);
  expect(lines[0]).toBe(
    'note: pulse does not run: every server counts as up, and services that the file no longer has are left alone',
  );
  expect(planFor(text, inForce)).toMatchObject({
    lines: [
      { type: 'add-destination', line: '-a -t 10.0.0.100:80 -r 10.2.0.13:80 -m -w 1' },
      { type: 'delete-destination', line: '-d -t 10.0.0.100:80 -r 10.2.0.12:80' },
    ],
    later: [],
  });
});

test('a cold standby has nothing in its table and gets nothing; with hot standby it does', () => {
  const standby = running(before, { role: 'standby' });
  const text = `hot_standby = 1\n${before}`;
  expect(planFor(before, standby, '').lines).toEqual([]);
  expect(told(before, standby, '')[0]).toMatch(/^note: this router is on standby/);
  expect(planFor(text, standby, '')).toMatchObject({ lines: [{}, {}, {}, {}, {}] });
  expect(planFor(before, running(text, { role: 'standby' })).lines.map(({ line }) => line)).toEqual([
    '-D -t 10.0.0.100:80',
    '-D -t 10.0.0.101:25',
  ]);
});

test('an lvs that is on its way out changes nothing any more', () => {
  const idle = running(before, { role: 'ending' });
  expect(planFor(virtual('web', 100, one), idle).lines).toEqual([]);
  expect(told(before + virtual('news', 102, one), idle)[0]).toMatch(/^note: lvs takes no orders/);
});

test('a service that an earlier file had and that is still ours goes; a stranger stays', () => {
  const inForce = running(virtual('web', 100, one + two), { owned: ['tcp 10.0.0.101:25'] });
  expect(planFor(virtual('web', 100, one + two), inForce).lines).toEqual([
    { type: 'delete-service', virtual: 'tcp 10.0.0.101:25', line: '-D -t 10.0.0.101:25' },
  ]);
});

test('the JSON has the lines in order, and each again in its group', () => {
  const text = virtual('web', 100, `scheduler = rr\n${one}${three}`);
  const plan = planFor(text);
  const json = planAsJson('lvs.cf', 'abc', plan, running());
  expect(json).toMatchObject({
    ...{ file: 'lvs.cf', digest: 'abc', pulse: true, role: 'active', everyServerCountsAsUp: false, problem: null },
    lines: ['-E -t 10.0.0.100:80 -s rr', '-d -t 10.0.0.100:80 -r 10.2.0.12:80', '-D -t 10.0.0.101:25'],
    groups: {
      servicesAdded: [],
      servicesChanged: [{ virtual: 'web', line: '-E -t 10.0.0.100:80 -s rr' }],
      servicesRemoved: [{ virtual: 'mail', line: '-D -t 10.0.0.101:25' }],
      serversRemoved: [{ virtual: 'web', line: '-d -t 10.0.0.100:80 -r 10.2.0.12:80' }],
    },
    linesWhenChecked: ['-a -t 10.0.0.100:80 -r 10.2.0.13:80 -m -w 1'],
    checks: { begun: ['web/three'], restarted: [], ended: ['web/two', 'mail/one'] },
    connections: 5,
  });
  const grouped = Object.values(json.groups).flatMap((group) => group.map(({ line }) => line));
  expect(grouped.sort()).toEqual([...json.lines].sort());
  expect(summary(plan)).toMatch(/^1 service changed, 1 server removed, 1 service removed, 1 server added when checked/);
});
