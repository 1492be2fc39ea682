import { describe, expect, test } from '@jest/globals';
import type { IpAddress, Port } from '@piranha/domain';
import type { LvsReport, ReportedServer, StatusAnswer } from '@piranha/protocol';
import { describeStatus, describeWaiting } from './status-text.ts';

const server: ReportedServer = {
  ...{ name: 's1', id: 'tcp 10.1.0.100:80/10.2.0.11:80', address: '10.2.0.11' as IpAddress, port: 80 as Port },
  ...{
    health: 'up',
    sinceMs: 192_000,
    reason: '',
    order: null,
    ramp: null,
    weight: 2,
    activeConnections: 5,
    inactiveConnections: 10,
  },
};
const dead: ReportedServer = {
  ...{ ...server, name: 'second', address: '10.2.0.12' as IpAddress, health: 'down', sinceMs: 12_000 },
  ...{ reason: 'connection refused', weight: null, activeConnections: null, inactiveConnections: null },
};

const lvs: LvsReport = {
  role: 'active',
  digest: '0123456789abcdef',
  table: { problem: null, failed: [], failedCount: 0, timeouts: null, retryInMs: null },
  troubles: [],
  ownAddresses: [],
  owned: [],
  virtualServers: [
    { name: 'web', service: 'tcp 10.1.0.100:80', scheduler: 'wrr', sorryServer: null, servers: [server, dead] },
    {
      ...{ name: 'mail', service: 'fwmark 5', scheduler: 'mh', servers: [{ ...dead, sinceMs: null, reason: '' }] },
      sorryServer: { address: '10.2.0.99' as IpAddress, serves: true },
    },
  ],
};

const status: StatusAnswer = {
  ...{ type: 'status', version: '0.1.0', pid: 123, role: 'primary', state: 'active', sinceMs: 192_000 },
  ...{ file: '/etc/sysconfig/ha/lvs.cf', digest: '0123456789abcdef' },
  pair: {
    ...{ term: 7, class: 2, classReason: null, living: 1, held: false, wants: false, kind: 'pair' },
    ...{ alarm: null, connections: null },
  },
  partner: {
    ...{ said: 'stopped', heardAgoMs: 400 },
    ...{ term: 7, class: 2, living: null, digest: '0123456789abcdef', hearsUs: true, authenticated: true, refused: {} },
    ...{ connections: null, lacksOrders: [] },
    channels: [
      { name: 'public', address: '10.1.0.3' as IpAddress, said: 'stopped', agoMs: 400 },
      { name: 'private', address: '10.2.0.3' as IpAddress, said: null, agoMs: null },
    ],
  },
  troubles: [],
  addresses: [
    { address: '10.1.0.100' as IpAddress, device: 'eth0:1', up: true, on: ['eth0'], foreign: false, link: 'up' },
    { address: '10.2.0.1' as IpAddress, device: 'eth1:1', up: false, on: [], foreign: false, link: 'up' },
  ],
  linksCount: true,
  addressProblem: null,
  balancer: { running: true, table: 'usable', silentMs: 40, restartInMs: null },
  lvs,
  lvsProblem: null,
};

test('an active router on one page', () => {
  expect(describeStatus(status).join('\n')).toBe(`\
primary, active for 3m 12s
pulse 0.1.0, pid 123, /etc/sysconfig/ha/lvs.cf (digest 0123456789abcdef)

floating addresses
  10.1.0.100  eth0:1  up here
  10.2.0.1    eth1:1  not here

pair
  this router: good, 1 living server, term 7

partner
  stopped, heard 0.4s ago
  public   10.1.0.3  stopped 0.4s ago
  private  10.2.0.3  nothing heard
  good, living servers not known, term 7
  its heartbeats are signed

lvs
  active, the IPVS table is usable

  server  address       state  since   weight  active  inactive  reason
web: tcp 10.1.0.100:80 wrr
  s1      10.2.0.11:80  up     3m 12s  2       5       10
  second  10.2.0.12:80  down   12s     -       -       -         connection refused
mail: fwmark 5 mh
  second  10.2.0.12:80  down   -       -       -       -
  the sorry server 10.2.0.99 serves`);
});

const unknownPair: NonNullable<StatusAnswer['pair']> = {
  ...{ class: 2, term: 1, classReason: null, living: null, held: false, wants: false },
  ...{ kind: 'unknown', alarm: null, connections: null },
};

/** A partner that says nothing of itself. */
const quiet: NonNullable<StatusAnswer['partner']> = {
  ...{ said: 'stopped', heardAgoMs: 400, channels: [] },
  ...{ term: null, class: null, living: null, digest: null, hearsUs: null, authenticated: null, refused: {} },
  ...{ connections: null, lacksOrders: null },
};

const partOf = (title: string, shown: StatusAnswer): readonly string[] => {
  const lines = describeStatus(shown);
  const from = lines.indexOf(title);
  return lines.slice(from + 1, lines.indexOf('', from));
};

test('an unfit router says why, what it waits for, and what somebody has to see to, first', () => {
  const pair: StatusAnswer['pair'] = {
    ...{ term: 9, classReason: 'eth0 is down', living: 0, held: true, wants: true },
    ...{ class: 0, kind: 'pair', alarm: 'nobody can serve', connections: null },
  };
  expect(partOf('pair', { ...status, pair })).toEqual([
    '  alarm: nobody can serve',
    '  this router: cannot serve (eth0 is down), 0 living servers, term 9',
    '  an operator has placed the service: no automatic failback',
    '  this router asks the partner to hand over',
  ]);
});

test('a partner in trouble is told in plain words, and reasons without a count are left out', () => {
  const partner: StatusAnswer['partner'] = {
    ...{ ...quiet, class: 1, term: 9, living: 12, digest: 'fedcba9876543210', hearsUs: false, authenticated: false },
    refused: { unsigned: 3, 'old-sequence': 1, 'own-session': 0 },
  };
  expect(partOf('partner', { ...status, partner })).toEqual([
    '  stopped, heard 0.4s ago',
    '  a link is down, 12 living servers, term 9',
    '  runs another lvs.cf (digest fedcba9876543210)',
    '  does not hear us',
    '  its heartbeats are not signed',
    '  refused heartbeats: 3 unsigned, 1 old sequence',
  ]);
});

test('an original as partner is named, and what it cannot say is left out', () => {
  const pair: StatusAnswer['pair'] = { ...unknownPair, kind: 'original' };
  expect(partOf('partner', { ...status, pair, partner: quiet })).toEqual([
    '  stopped, heard 0.4s ago',
    '  speaks as the original Piranha does: no fitness, no term, no signature',
  ]);
});

test('what was ordered of a server stands beside what its checks found', () => {
  const drain = { type: 'drain', sinceMs: 1000, from: 'here', drained: false, leftMs: null } as const;
  const orders: readonly ReportedServer['order'][] = [
    { type: 'force', to: 'down', sinceMs: 1000, from: 'here' },
    ...[drain, { ...drain, leftMs: 42_000 }, { ...drain, drained: true }],
  ];
  const servers = orders.map((order) => ({ ...server, order }));
  const [web] = lvs.virtualServers;
  if (web === undefined) throw new Error('no virtual server');
  const lines = describeStatus({ ...status, lvs: { ...lvs, virtualServers: [{ ...web, servers }] } });
  expect(lines.filter((line) => line.includes('up, ')).map((line) => line.replace(/.*up, (.*?)\s{2}.*/, '$1'))).toEqual(
    [...['forced down', 'draining', 'draining for 42s at most', 'drained']],
  );
});

/** The state of the one server, ordered like that, where the partner lacks the orders about these. */
function stateShown(order: ReportedServer['order'], lacksOrders: string[]): string | undefined {
  const [web] = lvs.virtualServers;
  if (web === undefined || status.partner === null) throw new Error('no virtual server, no partner');
  const virtualServers = [{ ...web, servers: [{ ...server, order }] }];
  const partner = { ...status.partner, lacksOrders };
  const lines = describeStatus({ ...status, partner, lvs: { ...lvs, virtualServers } });
  return lines.find((line) => line.startsWith('  s1 '))?.split(/ {2,}/)[3];
}

test('an order that came from the partner is marked, and so is one that it has not got yet', () => {
  const forced = { type: 'force', to: 'down', sinceMs: 1000, from: 'partner' } as const;
  expect(stateShown(forced, ['another'])).toBe('up, forced down (by the partner)');
  expect(stateShown({ ...forced, from: 'here' }, [])).toBe('up, forced down');
  expect(stateShown({ ...forced, from: 'here' }, [server.id])).toBe(
    'up, forced down (the partner has not got this yet)',
  );
  expect(stateShown(null, [server.id])).toBe('up (the partner has not got this yet)');
});

test.each([
  [1234, 1_240_000, ['  connections: 1,234; the partner has 1,240,000']],
  [0, null, ['  connections: 0; those of the partner are not known']],
  [null, 7, ['  connections: not known; the partner has 7']],
  [null, null, []],
])('connections here %p and there %p are shown side by side', (own, theirs, lines) => {
  if (status.partner === null) throw new Error('no pair');
  const counted = {
    ...status,
    pair: { ...status.pair, connections: own },
    partner: { ...status.partner, connections: theirs },
  };
  expect(partOf('pair', counted).filter((line) => line.includes('connections'))).toEqual(lines);
});

test('lines without effect are shown with what was said and the time of the next try', () => {
  const failed = [{ line: '-A -t 10.1.0.100:80 -s mh', virtual: 'web', problem: 'no (ip_vs_mh)' }];
  const table = { problem: null, failed, failedCount: 3, timeouts: null, retryInMs: 4200 };
  expect(describeStatus({ ...status, lvs: { ...lvs, table } }).slice(-5)).toEqual([
    '',
    'lines without effect, tried again in 4.2s',
    '  web: -A -t 10.1.0.100:80 -s mh',
    '    no (ip_vs_mh)',
    '  and 2 more',
  ]);
});

test('a table that cannot be read is told', () => {
  const table = { problem: 'ipvsadm: no IPVS', failed: [], failedCount: 0, timeouts: null, retryInMs: 5000 };
  expect(describeStatus({ ...status, lvs: { ...lvs, table } }).slice(-2)).toEqual([
    'the IPVS table, tried again in 5s',
    '  ipvsadm: no IPVS',
  ]);
});

test('an lvs that does not run, and why there is no report', () => {
  const balancer = { running: false, table: 'unknown', silentMs: null, restartInMs: 30_000 } as const;
  const lines = describeStatus({ ...status, balancer, lvs: null, lvsProblem: 'lvs does not run' });
  expect(lines.slice(-3)).toEqual(['lvs', '  not running, started again in 30s', '  no report: lvs does not run']);
});

test('an lvs with another configuration is told', () => {
  const lines = describeStatus({ ...status, lvs: { ...lvs, digest: 'fedcba9876543210' } });
  expect(lines).toContain('  it runs another configuration (digest fedcba9876543210)');
});

test('a router alone, whose addresses cannot be looked at', () => {
  const [address] = status.addresses;
  if (address === undefined) throw new Error('no address');
  const addresses = [{ ...address, up: null }];
  const lines = describeStatus({ ...status, partner: null, addresses, addressProblem: 'ip did not run' });
  expect(lines.slice(2, 12)).toEqual([
    '',
    'floating addresses',
    '  10.1.0.100  eth0:1  unknown',
    '  trouble: ip did not run',
    '',
    'pair',
    '  this router: good, 1 living server, term 7',
    '',
    'partner',
    '  none',
  ]);
});

test('a partner that was never heard', () => {
  const partner = { ...quiet, said: 'nothing', heardAgoMs: null } as const;
  const lines = describeStatus({ ...status, partner });
  expect(lines.slice(lines.indexOf('partner'), lines.indexOf('lvs'))).toEqual(['partner', '  silent, never heard', '']);
});

test('an lvs that gives no sign of life', () => {
  const balancer = { ...status.balancer, silentMs: 4000 };
  const lines = describeStatus({ ...status, balancer, lvs: null, lvsProblem: 'lvs has not answered within 2000 ms' });
  expect(lines).toContain('  no sign of life for 4s');
  expect(describeStatus(status).join()).not.toContain('no sign of life');
});

describe('a floating address whose device carries no frames', () => {
  const lost: StatusAnswer['addresses'] = [
    { address: '10.1.5.100' as IpAddress, device: 'eth5:1', up: true, on: ['eth5'], foreign: false, link: 'down' },
    { address: '10.1.6.100' as IpAddress, device: 'eth6:1', up: false, on: [], foreign: false, link: 'absent' },
    { address: '10.1.7.100' as IpAddress, device: 'eth7:1', up: null, on: [], foreign: null, link: null },
  ];
  const rows = [
    '  10.1.5.100  eth5:1  up here, the link is down',
    '  10.1.6.100  eth6:1  not here, there is no such device',
    '  10.1.7.100  eth7:1  unknown',
  ];

  test('is told as that', () => {
    expect(partOf('floating addresses', { ...status, addresses: lost })).toEqual(rows);
  });

  test('is told to move nothing where links do not count', () => {
    const remark = '  trouble: a link is down, and that does not count: monitor_links = 0';
    expect(partOf('floating addresses', { ...status, addresses: lost, linksCount: false })).toEqual([...rows, remark]);
    const alone = { ...status, addresses: lost, linksCount: false, partner: null };
    expect(partOf('floating addresses', alone)).toEqual(rows);
    expect(partOf('floating addresses', { ...status, linksCount: false }).join()).not.toContain('trouble');
  });
});

test('trouble of the router itself stands by itself, whatever the servers do', () => {
  const problem = 'checks cannot be made: too many open files; no server is judged by that';
  const lines = describeStatus({ ...status, lvs: { ...lvs, troubles: [problem] } });
  expect(lines).toEqual(
    expect.arrayContaining(['trouble of this router, which no server is judged by', `  ${problem}`]),
  );
});

test('a pulse that has not begun says what it waits for, and for how long', () => {
  const problem = '192.0.2.11 or 192.0.2.12';
  const waiting = { type: 'waiting', version: '0.2.0', pid: 5, file: '/etc/lvs.cf', sinceMs: 12_000, problem } as const;
  expect(describeWaiting(waiting)).toEqual([
    "waiting for 12s: this machine has no router's address yet (192.0.2.11 or 192.0.2.12)",
    'pulse 0.2.0, pid 5, /etc/lvs.cf',
  ]);
});

test.each([
  [['wan0'], false, 'up here on wan0'],
  [['eth0', 'wan0'], false, 'up here on eth0 and wan0'],
  [['eth0'], true, 'up here, not raised by pulse'],
])('an address of eth0 on %j, foreign: %j', (on, foreign, words) => {
  const addresses = [
    { address: '10.1.0.100' as IpAddress, device: 'eth0:1', up: true, on, foreign, link: 'up' as const },
  ];
  expect(describeStatus({ ...status, addresses })).toContain(`  10.1.0.100  eth0:1  ${words}`);
});
