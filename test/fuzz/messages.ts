// Every kind of line that goes through a pipe, a socket or a state file: who reads it, and good examples.
import type { Outcome } from '@piranha/domain';
import {
  adoptRequest,
  decodeControlAnswer,
  decodeControlRequest,
  decodeInterfaces,
  decodeLvsCommand,
  decodeLvsGreeting,
  decodeLvsMessage,
  decodeNannyCommand,
  decodeNannyMessage,
  decodeOwnership,
  decodeRaisedAddresses,
  decodeSendArpCommand,
  decodeSendArpMessage,
  decodeStandingOrders,
  isAdoptRequest,
} from '@piranha/protocol';

export type Reader = {
  readonly name: string;
  readonly decode: (line: string) => Outcome<unknown, string>;
  readonly good: readonly unknown[];
  /** What was read is a message again, and not made of other parts. */
  readonly keepsItsShape: boolean;
};

const check = {
  ...{ virtual: '10.1.0.100:80', address: '10.2.0.11', port: 80, timeout: 1000, fall: 1, rise: 1 },
  load: { program: ['ruptime'], every: 20_000, host: 'web1' },
};
const checks = [
  { kind: 'connect', ...check, protocol: 'udp' },
  { kind: 'dialogue', ...check, protocol: 'tcp', send: 'GET', expect: null, useRegex: false },
  { kind: 'program', ...check, program: ['true', '%h'], expect: 'OK', useRegex: true },
];
const where = { device: 'eth0', address: '10.1.0.100', mac: '525400abcdef' };
const serverOrder = { type: 'drain', virtual: 'web', server: 'one', timeoutMs: 5000 };
const given = { server: 'tcp 10.0.0.1:80/10.2.0.11:80', stamp: 3, agoMs: 5 };
const sharedOrders = [
  { type: 'force', ...given, to: 'up' },
  { type: 'drain', ...given, timeoutMs: null, leftMs: 5 },
  { type: 'release', ...given },
];
const report = {
  ...{ role: 'active', digest: '0123456789abcdef', troubles: [], owned: ['tcp 10.1.0.100:80'] },
  table: { problem: null, failed: [{ line: '-A', virtual: 'web', problem: 'no' }], failedCount: 1, retryInMs: 10 },
  virtualServers: [
    {
      ...{ name: 'web', service: 'tcp 10.1.0.100:80', scheduler: 'wlc' },
      sorryServer: { address: '10.2.0.9', serves: false },
      servers: [
        {
          ...{ name: 'one', id: given.server, address: '10.2.0.11', port: 80, health: 'down', sinceMs: 1500.5 },
          ...{ reason: 'refused', weight: null, activeConnections: 0, inactiveConnections: null },
          order: { type: 'drain', sinceMs: 5, from: 'partner', drained: false, leftMs: null },
        },
      ],
    },
  ],
};
const configuration = { file: '/etc/lvs.cf', text: 'primary = a\n', names: { a: '10.1.0.2', b: null } };
const raised = [{ address: '10.1.0.100', device: 'eth0', label: 'eth0:1', index: 2, prefix: 24 }];
const standing = { since: 5, stamp: 1, from: 'here' };

const reader = (name: string, decode: Reader['decode'], ...good: readonly unknown[]): Reader => ({
  ...{ name, decode, good, keepsItsShape: true },
});

export const readers: readonly [Reader, ...Reader[]] = [
  reader(
    'an order to lvs',
    decodeLvsCommand,
    { type: 'configure', ...configuration },
    { type: 'tick', role: 'active', term: 7, sentAt: 5.5, spokenAt: 4.5, held: true },
    { type: 'report', id: 3 },
    { type: 'order-server', id: 4, order: serverOrder },
    { type: 'partner-orders', orders: sharedOrders },
    { type: 'raised', addresses: raised },
  ),
  reader(
    'a message of lvs',
    decodeLvsMessage,
    { type: 'configured', digest: 'd' },
    { type: 'rejected', problem: 'p' },
    { type: 'ready' },
    { type: 'unable', problem: 'p' },
    { type: 'living', count: 3 },
    { type: 'fenced', term: 7 },
    { type: 'report', id: 3, ...report },
  ),
  reader(
    'an order to nanny',
    decodeNannyCommand,
    ...checks.map((each) => ({ type: 'watch', watch: 'web/one', check: each, known: 'unknown' })),
    { type: 'forget', watch: 'web/one' },
    { type: 'check', watch: 'web/one' },
    { type: 'ping' },
  ),
  reader(
    'a message of nanny',
    decodeNannyMessage,
    { type: 'ready' },
    { type: 'up', watch: 's' },
    { type: 'down', watch: 's', reason: 'r' },
    { type: 'load', watch: 's', load: 0.5 },
    { type: 'force', watch: 's', to: 'auto' },
    { type: 'log', level: 'notice', text: 't' },
  ),
  reader(
    'a request to pulse',
    decodeControlRequest,
    { type: 'status' },
    { type: 'configuration' },
    { type: 'order-server', order: serverOrder },
    { type: 'switch', force: true },
  ),
  reader(
    'an answer of pulse',
    decodeControlAnswer,
    { type: 'switch', text: 't' },
    { type: 'error', problem: 'p' },
    { type: 'configuration', ...configuration },
  ),
  reader(
    'how an lvs stands',
    decodeLvsGreeting,
    {
      ...{ type: 'standing', pid: 7, role: 'active', term: 3, held: true, digest: 'd', fencesAt: 5.5, raised },
      addresses: [{ address: '10.1.0.100', device: 'eth0:1', prefix: null }],
    },
    { type: 'refused', problem: 'another pulse is running' },
  ),
  reader(
    'what an heir says',
    (line) => (isAdoptRequest(line) ? { ok: true, value: adoptRequest } : { ok: false, error: 'none' }),
    adoptRequest,
  ),
  reader(
    'an order to send_arp',
    decodeSendArpCommand,
    { type: 'announce', ...where, until: 5 },
    { type: 'probe', ...where },
    { type: 'forget', device: 'eth0', address: '10.1.0.100' },
  ),
  reader('a message of send_arp', decodeSendArpMessage, { type: 'taken', ...where }, { type: 'late', count: 2 }),
  reader('who owned the service', decodeOwnership, { type: 'owner', term: 7, held: false, uptime: 12.5 }),
  reader('addresses that are up', decodeRaisedAddresses, {
    type: 'raised',
    addresses: [{ address: '10.1.0.100', device: 'eth0' }],
  }),
  reader('orders in force', decodeStandingOrders, {
    type: 'orders',
    orders: [
      { type: 'force', watch: 's', to: 'up', ...standing },
      { type: 'drain', server: 's', deadline: null, drained: false, timeoutMs: 5, ...standing },
    ],
    released: [{ server: 's', ...standing }],
    lastStamp: 4,
  }),
  {
    ...reader('what ip prints', decodeInterfaces, [
      {
        ifname: 'eth0',
        flags: ['UP', 'LOWER_UP'],
        address: '52:54:00:ab:cd:ef',
        addr_info: [{ local: '10.0.0.1', prefixlen: 24 }],
      },
    ]),
    keepsItsShape: false,
  },
];
