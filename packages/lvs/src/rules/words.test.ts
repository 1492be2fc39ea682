import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import type { TableNews } from '../news.ts';
import { wordsOf } from './words.ts';

const one = { server: 'tcp 10.0.0.1:80/10.0.1.1:80', label: 'web/one' };
const problem = { type: 'problem', problem: 'no memory' } as const;
const recovered = { type: 'recovered' } as const;
const here = { type: 'administrator', router: 'here' } as const;
const partner = { type: 'administrator', router: 'partner' } as const;
const setting = { name: 'conn_reuse_mode', wanted: 1 } as const;

type Row = readonly [news: TableNews, line: string | undefined, fields?: object];

/** Every member, and of each every form that its words take; a member that is missing does not compile. */
const rows: Readonly<Record<TableNews['type'], readonly Row[]>> = {
  'server-up': [[{ type: 'server-up', ...one, from: 'down', because: { type: 'nanny-said', reason: '' } }, undefined]],
  'server-down': [
    [{ type: 'server-down', ...one, from: 'up', because: { type: 'nanny-said', reason: 'refused' } }, undefined],
  ],
  ordered: [
    [
      { type: 'ordered', ...one, order: { type: 'force', to: 'down' }, because: here },
      'notice: web/one is forced down; its checks go on and do not count',
    ],
    [
      { type: 'ordered', ...one, order: { type: 'drain', timeout: milliseconds(1500) }, because: here },
      'notice: web/one gets no new connections and leaves when those it has have ended, or in 1.5 s',
    ],
    [
      { type: 'ordered', ...one, order: { type: 'drain', timeout: null }, because: here },
      'notice: web/one gets no new connections and leaves when those it has have ended',
    ],
    [
      { type: 'ordered', ...one, order: { type: 'unforce' }, because: here },
      'notice: web/one is not forced any more: its checks count',
    ],
    [{ type: 'ordered', ...one, order: { type: 'undrain' }, because: here }, 'notice: web/one is not drained any more'],
    [
      { type: 'ordered', ...one, order: { type: 'force', to: 'up' }, because: partner },
      'notice: ordered on the partner: web/one is forced up',
    ],
    [
      { type: 'ordered', ...one, order: { type: 'drain', timeout: null }, because: partner },
      'notice: ordered on the partner: web/one is drained',
    ],
    [
      { type: 'ordered', ...one, order: { type: 'release' }, because: partner },
      'notice: ordered on the partner: web/one is as its checks say',
    ],
  ],
  drained: [
    [
      { type: 'drained', ...one, because: { type: 'no-connections' } },
      'notice: web/one is drained: it has no connections and leaves',
    ],
    [
      { type: 'drained', ...one, because: { type: 'drain-timeout' } },
      'notice: web/one is drained: its time is over, it leaves with what connections it has',
    ],
  ],
  'order-forgotten': [
    [
      { type: 'order-forgotten', server: one.server, because: { type: 'configured' } },
      `notice: ${one.server} is not in the file any more: the order about it is forgotten`,
    ],
  ],
  'order-passed-over': [
    [
      { type: 'order-passed-over', ...one, because: { type: 'stamp', stamp: 900, highest: 3 } },
      'error: an order of the partner about web/one is passed over: its stamp 900 is far above 3, the highest so far',
    ],
  ],
  'monitor-runs': [[{ type: 'monitor-runs', ...one, pid: 7 }, 'info: create_monitor for web/one running as pid 7']],
  'nanny-died': [
    [
      {
        ...{ type: 'nanny-died', ...one, restartIn: milliseconds(100), kept: 'up' },
        because: { type: 'ended', how: 'was killed by SIGKILL' },
      },
      'error: nanny for child web/one died! it was killed by SIGKILL',
      { restartInMs: 100, kept: 'up' },
    ],
  ],
  'nanny-hangs': [
    [
      { type: 'nanny-hangs', pid: 7, because: { type: 'unanswered', pings: 5 } },
      'error: nanny 7 has given no sign of life for 5 s: killing it',
    ],
  ],
  'service-started': [
    [
      { type: 'service-started', virtual: 'web', port: 80, because: { type: 'role', role: 'active' } },
      'notice: starting virtual service web active: 80',
    ],
  ],
  'service-ended': [
    [
      { type: 'service-ended', virtual: 'web', because: { type: 'configured' } },
      'notice: shutting down virtual service web',
    ],
  ],
  'sorry-server': [
    [
      { type: 'sorry-server', virtual: 'web', sorryServer: '10.0.1.9', because: { type: 'servers', inService: false } },
      'warning: no real server of web is in service: the sorry server 10.0.1.9 is',
    ],
    [
      { type: 'sorry-server', virtual: 'web', sorryServer: '10.0.1.9', because: { type: 'servers', inService: true } },
      'notice: a real server of web is in service again: the sorry server 10.0.1.9 is out',
    ],
  ],
  'table-unreadable': [
    [
      { type: 'table-unreadable', lasting: false, because: problem },
      'warning: the IPVS table could not be read; trying again',
      { problem: 'no memory' },
    ],
    [
      { type: 'table-unreadable', lasting: true, because: problem },
      'error: the IPVS table cannot be read or written',
      { problem: 'no memory' },
    ],
  ],
  'table-readable': [[{ type: 'table-readable', because: recovered }, 'notice: the IPVS table can be read again']],
  'table-changed': [
    [
      { type: 'table-changed', lines: ['-D -t a:1', '-D -t b:1'], more: 0, because: { type: 'somebody-else' } },
      'warning: somebody else changed the IPVS table: repairing it',
      { lines: '-D -t a:1; -D -t b:1' },
    ],
    [
      { type: 'table-changed', lines: ['-D -t a:1'], more: 3, because: { type: 'somebody-else' } },
      'warning: somebody else changed the IPVS table: repairing it',
      { lines: '-D -t a:1; and 3 more' },
    ],
  ],
  'line-failed': [
    [
      { type: 'line-failed', virtual: 'web', line: '-A -t a:1', because: problem },
      'error: ipvsadm failed for virtual server web!',
      { line: '-A -t a:1', problem: 'no memory' },
    ],
  ],
  'more-lines-failed': [[{ type: 'more-lines-failed', count: 4 }, 'error: ipvsadm failed for 4 more lines']],
  'ipvsadm-complained': [
    [
      { type: 'ipvsadm-complained', finished: true, because: problem },
      'debug: ipvsadm complained',
      { problem: 'no memory' },
    ],
    [
      { type: 'ipvsadm-complained', finished: false, because: problem },
      'warning: ipvsadm complained',
      { problem: 'no memory' },
    ],
  ],
  'table-right-again': [
    [{ type: 'table-right-again', because: recovered }, 'notice: the IPVS table is as it should be again'],
  ],
  'timeouts-not-set': [
    [
      { type: 'timeouts-not-set', timeouts: { tcp: 1, tcpFin: 2, udp: 3 }, because: problem },
      'error: ipvsadm failed to set timeouts (1 2 3)',
      { problem: 'no memory' },
    ],
  ],
  'setting-failed': [
    [
      { type: 'setting-failed', ...setting, because: problem },
      'warning: net.ipv4.vs.conn_reuse_mode cannot be set to 1',
      { problem: 'no memory' },
    ],
  ],
  'setting-made': [
    [
      { type: 'setting-made', ...setting, found: 0, because: { type: 'configured' } },
      'notice: net.ipv4.vs.conn_reuse_mode is 1 now, was 0',
    ],
    [
      { type: 'setting-made', ...setting, found: 0, because: { type: 'somebody-else' } },
      'warning: somebody else set net.ipv4.vs.conn_reuse_mode to 0: it is 1 again',
    ],
  ],
  'no-ftp-module': [
    [
      { type: 'no-ftp-module', because: problem },
      'error: FTP over NAT will not work: the module ip_vs_ftp could not be loaded',
      { problem: 'no memory' },
    ],
  ],
  'checks-not-made': [
    [
      { type: 'checks-not-made', because: problem },
      'error: checks cannot be made: no memory; no server is judged by that',
    ],
  ],
  'checks-made': [[{ type: 'checks-made', because: recovered }, 'notice: checks can be made again']],
  'few-descriptors': [[{ type: 'few-descriptors', because: problem }, 'warning: no memory']],
  'orders-not-saved': [
    [
      { type: 'orders-not-saved', because: problem },
      'error: orders about servers cannot be saved, a restart of lvs would forget them: no memory',
    ],
  ],
  'orders-saved': [[{ type: 'orders-saved', because: recovered }, 'notice: orders about servers are saved again']],
  fencing: [
    [
      { type: 'fencing', because: { type: 'silence', silentMs: 4500, sinceHeartbeatMs: undefined } },
      'error: no sign of life of pulse: taking down the addresses, then the services',
      { silentMs: 4500 },
    ],
    [
      { type: 'fencing', because: { type: 'silence', silentMs: 250, sinceHeartbeatMs: 4500 } },
      'error: no sign of life of pulse: taking down the addresses, then the services',
      { silentMs: 250, sinceHeartbeatMs: 4500 },
    ],
  ],
  'addresses-down': [[{ type: 'addresses-down' }, 'notice: the addresses are down']],
  'addresses-not-down': [
    [
      { type: 'addresses-not-down', tries: 2, because: problem },
      'error: the addresses could not be taken down',
      { problem: 'no memory', try: 2 },
    ],
  ],
  'pulse-gone': [
    [{ type: 'pulse-gone', then: 'wait' }, 'notice: pulse is gone'],
    [{ type: 'pulse-gone', then: 'fence' }, 'error: pulse is gone'],
    [{ type: 'pulse-gone', then: 'end' }, 'error: pulse is gone: shutting down'],
  ],
  'no-pulse-came': [[{ type: 'no-pulse-came' }, 'error: no other pulse has come: shutting down']],
  adopted: [[{ type: 'adopted' }, 'notice: another pulse goes on with this lvs']],
  stopping: [[{ type: 'stopping', because: { type: 'signal', signal: 15 } }, 'notice: shutting down due to signal 15']],
};

test.each(Object.entries(rows).flatMap(([type, forms]) => forms.map((row) => [type, ...row] as const)))(
  '%s',
  (type, news, line, fields = {}) => {
    const words = wordsOf(news);
    expect(news.type).toBe(type);
    expect(words && `${words.level}: ${words.text}`).toBe(line);
    expect(words?.fields ?? {}).toStrictEqual(fields);
  },
);
