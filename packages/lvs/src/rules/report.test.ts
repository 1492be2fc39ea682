import { expect, test } from '@jest/globals';
import { failure, success } from '@piranha/domain';
import { parseConnections } from '@piranha/ipvs';
import { goodKernel } from '../testing/fake-kernel.ts';
import { fakeLvs, linesOf } from '../testing/fake-lvs.ts';
import { reportOf } from './report.ts';

const file = `
virtual web {
  active = 1
  address = 10.0.0.100 eth0:1
  port = 80
  network = direct
  scheduler = mh
  sorry_server = 10.0.9.9
  server one {
    active = 1
    address = 10.0.1.1
    port = 8080
  }
  server two {
    active = 1
    address = 10.0.1.2
  }
  server off {
    active = 0
    address = 10.0.1.3
  }
}
virtual unused {
  active = 0
  address = 10.0.0.101 eth0:2
}
`;
const one = 'tcp 10.0.0.100:80/10.0.1.1:8080';
const two = 'tcp 10.0.0.100:80/10.0.1.2:80';

/** As ipvsadm shows it: with direct routing a server has its service's port. */
const listing = parseConnections('TCP  10.0.0.100:80 mh\n  -> 10.0.1.1:80    Route   1      3          4\n');

function lvsWith(text = file) {
  const lvs = fakeLvs();
  lvs.configure(text);
  lvs.order('active');
  return { ...lvs, report: (loads = success(listing)) => reportOf(lvs.state(), loads, lvs.now()) };
}

test('a report has every active server: its health, since when and why, and what the kernel counts', () => {
  const lvs = lvsWith();
  lvs.advance(1000);
  lvs.up(one);
  lvs.down(two);
  lvs.advance(2500);
  expect(lvs.report()).toEqual({
    role: 'active',
    digest: lvs.state().digest,
    table: { problem: null, failed: [], failedCount: 0, timeouts: null, retryInMs: null },
    troubles: [],
    ownAddresses: [],
    owned: ['tcp 10.0.0.100:80', 'tcp 10.0.0.101:80'],
    virtualServers: [
      {
        name: 'web',
        service: 'tcp 10.0.0.100:80',
        scheduler: 'mh',
        sorryServer: { address: '10.0.9.9', serves: false },
        servers: [
          {
            ...{ name: 'one', id: one, address: '10.0.1.1', port: 8080, health: 'up', sinceMs: 2500, reason: '' },
            ...{
              order: null,
              ramp: { weight: 1, doubleInMs: null },
              weight: 1,
              activeConnections: 3,
              inactiveConnections: 4,
            },
          },
          {
            ...{ name: 'two', id: two, address: '10.0.1.2', port: 80, health: 'down', sinceMs: 2500 },
            reason: 'connection refused',
            ...{ order: null, ramp: null, weight: null, activeConnections: null, inactiveConnections: null },
          },
        ],
      },
    ],
  });
});

test('before any configuration there is nothing to report but the role', () => {
  const lvs = fakeLvs();
  expect(reportOf(lvs.state(), undefined, lvs.now())).toMatchObject({
    role: 'waiting',
    digest: null,
    table: { problem: null },
    virtualServers: [],
  });
});

test('a server that nobody checks is unknown since no time', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.order('standby');
  const [web] = reportOf(lvs.state(), success(listing), lvs.now()).virtualServers;
  expect(web?.servers[0]).toMatchObject({ health: 'unknown', sinceMs: null });
});

test('the sorry server is said to serve while it does', () => {
  const lvs = lvsWith();
  lvs.down(one);
  lvs.down(two);
  expect(lvs.report().virtualServers[0]?.sorryServer?.serves).toBe(true);
});

test('a scheduler that the kernel lacks is named by its module, with the next try', () => {
  const lvs = fakeLvs();
  lvs.configure(file);
  lvs.behave((work, table) => {
    const missing = work.commands.length > 0;
    return { table, complaint: missing ? 'Scheduler or persistence engine not found' : '', finished: true };
  });
  lvs.order('active');
  lvs.advance(400);
  const problem = 'Scheduler or persistence engine not found (is the kernel module ip_vs_mh missing?)';
  expect(reportOf(lvs.state(), success(new Map()), lvs.now()).table).toEqual({
    problem: null,
    failed: [{ line: '-A -t 10.0.0.100:80 -s mh', virtual: 'web', problem }],
    failedCount: 1,
    timeouts: null,
    retryInMs: 600,
  });
  const logged = linesOf(lvs.actions).find(({ level }) => level === 'error');
  expect(logged).toMatchObject({ fields: { problem } });
  lvs.behave(goodKernel);
  lvs.advance(1000);
  expect(reportOf(lvs.state(), success(new Map()), lvs.now()).table).toMatchObject({
    failed: [],
    timeouts: null,
    retryInMs: null,
  });
});

test('each of several failed lines has what ipvsadm said of it, if the numbers agree', () => {
  const other = file
    .replaceAll('10.0.0.100', '10.0.0.200')
    .replace('virtual web', 'virtual other')
    .replace('= mh', '= rr');
  const problems = (complaint: string) => {
    const lvs = fakeLvs();
    lvs.configure(file.replace(/virtual unused[^]*/, '') + other);
    lvs.behave((work, table) => ({ table, complaint: work.commands.length > 0 ? complaint : '', finished: true }));
    lvs.order('active');
    return [...lvs.state().keeper.failed.values()].map((each) => each.problem);
  };
  expect(problems('Scheduler not found; Memory allocation problem')).toEqual([
    'Scheduler not found (is the kernel module ip_vs_mh missing?)',
    'Memory allocation problem',
  ]);
  expect(problems('Memory allocation problem; a; a; b')).toEqual(Array(2).fill('Memory allocation problem; a; b'));
  expect(problems('')).toEqual(Array(2).fill('it had no effect'));
});

test('of very many failed lines some are told, and how many there are', () => {
  const many = Array.from(
    { length: 60 },
    (_, index) => `virtual v${index} {\nactive = 1\naddress = 10.0.0.${index + 1} eth0:1\nport = 80\n}\n`,
  ).join('');
  const lvs = fakeLvs();
  lvs.configure(many);
  lvs.behave((_work, table) => ({ table, complaint: 'no', finished: true }));
  lvs.order('active');
  const { failed, failedCount } = reportOf(lvs.state(), undefined, lvs.now()).table;
  expect([failed.length, failedCount]).toEqual([50, 60]);
});

test('a table that cannot be read is a problem with a next try', () => {
  const lvs = lvsWith();
  lvs.behave('unreadable');
  lvs.advance(20_000);
  const { table } = lvs.report();
  expect(table.problem).toBe('ipvsadm -S -n: no IPVS');
  expect(table.retryInMs).toBeLessThanOrEqual(10_000);
});

test('counts that cannot be read, and timeouts that cannot be set, are problems; the weight is the one last read', () => {
  const lvs = fakeLvs();
  lvs.refuseTimeouts('Operation not permitted');
  lvs.configure(`tcp_timeout = 900\n${file}`);
  lvs.order('active');
  lvs.up('tcp 10.0.0.100:80/10.0.1.1:8080');
  const { table, virtualServers } = reportOf(lvs.state(), failure('ipvsadm -L -n: no'), lvs.now());
  expect(table.problem).toBe('ipvsadm -L -n: no; Operation not permitted');
  expect(virtualServers[0]?.servers).toMatchObject([{ weight: 1, activeConnections: null }, { weight: null }]);
});
