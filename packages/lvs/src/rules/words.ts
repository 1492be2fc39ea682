// What happened, in the words of the log. Pure.
import type { LogFields, LogLevel } from '@piranha/logging';
import type { Ordered, TableNews } from '../news.ts';

/** One line for the log. */
export type Words = { readonly level: LogLevel; readonly text: string; readonly fields: LogFields };

type Named<T extends TableNews['type']> = Extract<TableNews, { readonly type: T }>;

/** The words of each news; undefined where another has said it already. */
type Wording = { readonly [T in TableNews['type']]: (news: Named<T>) => Words | undefined };

const words =
  (level: LogLevel) =>
  (text: string, fields: LogFields = {}): Words => ({ level, text, fields });
const error = words('error');
const warning = words('warning');
const notice = words('notice');

/** The log line of what happened; undefined where there is none. */
export const wordsOf = (news: TableNews): Words | undefined =>
  (wording[news.type] as (news: TableNews) => Words | undefined)(news);

const wording: Wording = {
  // The nanny has said so, with the words that administrators look for.
  'server-up': () => undefined,
  'server-down': () => undefined,
  ordered: ({ label, order, because }) =>
    because.router === 'here'
      ? notice(orderWords(label, order))
      : notice(`ordered on the partner: ${partnersOrder(label, order)}`),
  drained: ({ label, because }) =>
    notice(
      because.type === 'no-connections'
        ? `${label} is drained: it has no connections and leaves`
        : `${label} is drained: its time is over, it leaves with what connections it has`,
    ),
  'order-forgotten': ({ server }) => notice(`${server} is not in the file any more: the order about it is forgotten`),
  'order-passed-over': ({ label, because: { stamp, highest } }) =>
    error(
      `an order of the partner about ${label} is passed over: ` +
        `its stamp ${stamp} is far above ${highest}, the highest so far`,
    ),
  'monitor-runs': ({ label, pid }) => words('info')(`create_monitor for ${label} running as pid ${pid}`),
  'nanny-died': ({ label, restartIn, kept, because }) =>
    error(`nanny for child ${label} died! it ${because.how}`, { restartInMs: restartIn, kept }),
  'nanny-hangs': ({ pid, because }) =>
    error(`nanny ${pid ?? ''} has given no sign of life for ${because.pings} s: killing it`),

  'service-started': ({ virtual, port }) => notice(`starting virtual service ${virtual} active: ${port}`),
  'service-ended': ({ virtual }) => notice(`shutting down virtual service ${virtual}`),
  'sorry-server': ({ virtual, sorryServer, because }) =>
    because.inService
      ? notice(`a real server of ${virtual} is in service again: the sorry server ${sorryServer} is out`)
      : warning(`no real server of ${virtual} is in service: the sorry server ${sorryServer} is`),

  'table-unreadable': ({ lasting, because: { problem } }) =>
    lasting
      ? error('the IPVS table cannot be read or written', { problem })
      : warning('the IPVS table could not be read; trying again', { problem }),
  'table-readable': () => notice('the IPVS table can be read again'),
  'table-changed': ({ lines, more }) =>
    warning('somebody else changed the IPVS table: repairing it', {
      lines: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
    }),
  'line-failed': ({ virtual, line, because: { problem } }) =>
    error(`ipvsadm failed for virtual server ${virtual}!`, { line, problem }),
  'more-lines-failed': ({ count }) => error(`ipvsadm failed for ${count} more lines`),
  'ipvsadm-complained': ({ finished, because: { problem } }) =>
    words(finished ? 'debug' : 'warning')('ipvsadm complained', { problem }),
  'table-right-again': () => notice('the IPVS table is as it should be again'),
  'timeouts-not-set': ({ timeouts: { tcp, tcpFin, udp }, because: { problem } }) =>
    error(`ipvsadm failed to set timeouts (${tcp} ${tcpFin} ${udp})`, { problem }),
  'setting-failed': ({ name, wanted, because: { problem } }) =>
    warning(`${sysctl(name)} cannot be set to ${wanted}`, { problem }),
  'setting-made': ({ name, wanted, found, because }) =>
    because.type === 'somebody-else'
      ? warning(`somebody else set ${sysctl(name)} to ${found}: it is ${wanted} again`)
      : notice(`${sysctl(name)} is ${wanted} now, was ${found}`),
  'no-ftp-module': ({ because: { problem } }) =>
    error('FTP over NAT will not work: the module ip_vs_ftp could not be loaded', { problem }),

  'checks-not-made': ({ because }) => error(cannotCheck(because.problem)),
  'checks-made': () => notice('checks can be made again'),
  'few-descriptors': ({ because }) => warning(because.problem),
  'orders-not-saved': ({ because }) => error(notSaved(because.problem)),
  'orders-saved': () => notice('orders about servers are saved again'),

  fencing: ({ because: { silentMs, sinceHeartbeatMs } }) =>
    error('no sign of life of pulse: taking down the addresses, then the services', {
      silentMs,
      ...(sinceHeartbeatMs === undefined ? {} : { sinceHeartbeatMs }),
    }),
  'addresses-down': () => notice('the addresses are down'),
  'addresses-not-down': ({ tries, because: { problem } }) =>
    error('the addresses could not be taken down', { problem, try: tries }),
  'pulse-gone': ({ then }) =>
    then === 'wait'
      ? notice('pulse is gone')
      : error(then === 'end' ? 'pulse is gone: shutting down' : 'pulse is gone'),
  'no-pulse-came': () => error('no other pulse has come: shutting down'),
  adopted: () => notice('another pulse goes on with this lvs'),
  stopping: ({ because }) => notice(`shutting down due to signal ${because.signal}`),
};

const sysctl = (name: string): string => `net.ipv4.vs.${name}`;

/** An order that was given here and carried out: for the log, and for whoever gave it. */
export function orderWords(label: string, order: Ordered): string {
  switch (order.type) {
    case 'force':
      return `${label} is forced ${order.to}; its checks go on and do not count`;
    case 'drain': {
      const limit = order.timeout === null ? '' : `, or in ${order.timeout / 1000} s`;
      return `${label} gets no new connections and leaves when those it has have ended${limit}`;
    }
    case 'unforce':
      return `${label} is not forced any more: its checks count`;
    case 'undrain':
      return `${label} is not drained any more`;
    case 'release':
      return `${label} is as its checks say`;
  }
}

/** For whoever takes back an order that was not in force. */
export const nothingOrdered = (label: string, order: 'unforce' | 'undrain'): string =>
  order === 'unforce' ? `${label} was not forced` : `${label} was not drained`;

function partnersOrder(label: string, order: Ordered): string {
  if (order.type === 'force') return `${label} is forced ${order.to}`;
  return order.type === 'drain' ? `${label} is drained` : orderWords(label, order);
}

/** Checks cannot be made: for the log and for reports. */
export const cannotCheck = (problem: string): string =>
  `checks cannot be made: ${problem}; no server is judged by that`;

/** Orders cannot be kept: for the log and for reports. */
export const notSaved = (problem: string): string =>
  `orders about servers cannot be saved, a restart of lvs would forget them: ${problem}`;

/** Why a line for ipvsadm had no effect: what was said of it, and the kernel's module that its scheduler may lack. */
export function lineProblem(said: string, scheduler: string | undefined): string {
  if (said === '') return 'it had no effect';
  // The kernel looks for a scheduler in a module of that name.
  const ofScheduler = scheduler !== undefined && /scheduler/i.test(said);
  return ofScheduler ? `${said} (is the kernel module ip_vs_${scheduler} missing?)` : said;
}
