// The answer to `status` as an administrator reads it. Pure.
import { baseDevice, endpoint } from '@piranha/domain';
import type { LvsReport, ReportedServer, ReportedVirtual, StatusAnswer, WaitingAnswer } from '@piranha/protocol';
import { columns, counted, lengthOf } from './words.ts';

/** All of it, one entry a line. */
export const describeStatus = (status: StatusAnswer): readonly string[] => [
  ...heading(status),
  ...addresses(status),
  ...pairSection(status),
  ...partner(status),
  ...balancer(status),
  ...section('trouble of this router, which no server is judged by', [
    ...status.troubles,
    ...(status.lvs?.troubles ?? []),
  ]),
  ...(status.lvs === null ? [] : [...services(status.lvs, lackedOf(status)), ...troubles(status.lvs)]),
];

/** Of a pulse that has not begun yet. */
export const describeWaiting = ({ sinceMs, version, pid, file, problem }: WaitingAnswer): readonly string[] => [
  `waiting for ${lengthOf(sinceMs)}: this machine has no router's address yet (${problem})`,
  `pulse ${version}, pid ${pid}, ${file}`,
];

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

/** A blank line, a title and what belongs to it; nothing where nothing does. */
const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...indented(lines)];

const heading = ({ role, state, sinceMs, version, pid, file, digest }: StatusAnswer): readonly string[] => [
  `${role}, ${state} for ${lengthOf(sinceMs)}`,
  `pulse ${version}, pid ${pid}, ${file} (digest ${digest})`,
];

function upOrDown({ up, on, device, foreign }: StatusAnswer['addresses'][number]): string {
  if (up !== true) return up === null ? 'unknown' : 'not here';
  const elsewhere = on.filter((name) => name !== baseDevice(device));
  const where = elsewhere.length === 0 ? '' : ` on ${on.join(' and ')}`;
  return `up here${where}${foreign === true ? ', not raised by pulse' : ''}`;
}

const linkWords = { up: '', down: ', the link is down', absent: ', there is no such device' } as const;

/** Without monitor_links a router stays active, and calls itself good, though nobody reaches an address there. */
function linkRemark({ addresses: all, linksCount, partner: other }: StatusAnswer): readonly string[] {
  const lost = all.some(({ link }) => link === 'down' || link === 'absent');
  return lost && !linksCount && other !== null
    ? ['trouble: a link is down, and that does not count: monitor_links = 0']
    : [];
}

const addresses = (status: StatusAnswer): readonly string[] => [
  ...section(
    'floating addresses',
    columns(
      status.addresses.map((each) => [
        each.address,
        each.device,
        `${upOrDown(each)}${each.link === null ? '' : linkWords[each.link]}`,
      ]),
    ),
  ),
  ...indented(linkRemark(status)),
  ...(status.addressProblem === null ? [] : indented([`trouble: ${status.addressProblem}`])),
];

const none = '-';

const fitness = { 0: 'cannot serve', 1: 'a link is down', 2: 'good' } as const;

const livingServers = (living: number | null): string =>
  living === null ? 'living servers not known' : counted(living, 'living server');

const grouped = new Intl.NumberFormat('en-US');
const numbered = (count: number | null): string => (count === null ? 'not known' : grouped.format(count));

/** Only where a sync daemon makes the two numbers worth comparing. */
function connectionsLine({ pair, partner: other }: StatusAnswer): readonly string[] {
  const [own, theirs] = [pair.connections, other?.connections ?? null];
  if (own === null && theirs === null) return [];
  const compared = theirs === null ? 'those of the partner are not known' : `the partner has ${numbered(theirs)}`;
  return [`connections: ${numbered(own)}; ${compared}`];
}

function pairSection(status: StatusAnswer): readonly string[] {
  const { pair } = status;
  const { term, class: fit, classReason, living, held, wants, alarm } = pair;
  const why = classReason === null ? '' : ` (${classReason})`;
  return section('pair', [
    ...(alarm === null ? [] : [`alarm: ${alarm}`]),
    `this router: ${fitness[fit]}${why}, ${livingServers(living)}, term ${term}`,
    ...(held ? ['an operator has placed the service: no automatic failback'] : []),
    ...(wants ? ['this router asks the partner to hand over'] : []),
    ...connectionsLine(status),
  ]);
}

/** What the partner says of itself; nothing where it says nothing. */
function partnerWords({ partner: other, digest, pair }: StatusAnswer): readonly string[] {
  if (other === null) return [];
  const { term, class: fit, living, digest: theirs, hearsUs, authenticated, refused } = other;
  const refusals = Object.entries(refused).filter(([, count]) => count > 0);
  return [
    ...(pair.kind === 'original' ? ['speaks as the original Piranha does: no fitness, no term, no signature'] : []),
    ...(fit === null ? [] : [[fitness[fit], livingServers(living), `term ${term ?? none}`].join(', ')]),
    ...(theirs === null || theirs === digest ? [] : [`runs another lvs.cf (digest ${theirs})`]),
    ...(hearsUs === false ? ['does not hear us'] : []),
    ...(authenticated === null ? [] : [authenticated ? 'its heartbeats are signed' : 'its heartbeats are not signed']),
    ...(refusals.length === 0 ? [] : [`refused heartbeats: ${refusals.map(refusal).join(', ')}`]),
  ];
}

const refusal = ([reason, count]: readonly [string, number]): string => `${count} ${reason.replaceAll('-', ' ')}`;

function partner(status: StatusAnswer): readonly string[] {
  const { partner: other } = status;
  if (other === null) return section('partner', ['none']);
  const { said, heardAgoMs, channels } = other;
  const ago = heardAgoMs === null ? 'never heard' : `heard ${lengthOf(heardAgoMs)} ago`;
  const says = said === 'nothing' ? 'silent' : said;
  return section('partner', [
    `${says}, ${ago}`,
    ...columns(
      channels.map((channel) => [
        channel.name,
        channel.address,
        channel.said === null || channel.agoMs === null
          ? 'nothing heard'
          : `${channel.said} ${lengthOf(channel.agoMs)} ago`,
      ]),
    ),
    ...partnerWords(status),
  ]);
}

const tableWords = { unknown: 'has not been used yet', usable: 'is usable', unusable: 'is not usable' } as const;

/** It gives a sign of life once a second at least. */
const silenceWorthALine = 2500;

function balancer({ balancer: { running, table, silentMs, restartInMs }, lvs, lvsProblem, digest }: StatusAnswer) {
  const again = restartInMs === null ? '' : `, started again in ${lengthOf(restartInMs)}`;
  const state = running ? `${lvs?.role ?? 'running'}, the IPVS table ${tableWords[table]}` : `not running${again}`;
  const other = lvs !== null && lvs.digest !== digest ? [`it runs another configuration (digest ${lvs.digest})`] : [];
  const silent = silentMs ?? 0;
  const hangs = silent > silenceWorthALine ? [`no sign of life for ${lengthOf(silent)}`] : [];
  return section('lvs', [state, ...hangs, ...(lvsProblem === null ? [] : [`no report: ${lvsProblem}`]), ...other]);
}

const orNone = (value: number | null): string => (value === null ? none : String(value));

const titles = ['', 'server', 'address', 'state', 'since', 'weight', 'active', 'inactive', 'reason'];

/** Servers about which the partner does not know the last order. */
const lackedOf = ({ partner: other }: StatusAnswer): ReadonlySet<string> => new Set(other?.lacksOrders ?? []);

function services({ virtualServers }: LvsReport, lacked: ReadonlySet<string>): readonly string[] {
  const rows = virtualServers.flatMap(({ servers }) => servers.map((server) => serverRow(server, lacked)));
  const [head = '', ...lines] = columns([titles, ...rows]);
  const blocks = virtualServers.map((virtual, index) => {
    const before = virtualServers.slice(0, index).reduce((count, { servers }) => count + servers.length, 0);
    return [virtualLine(virtual), ...lines.slice(before, before + virtual.servers.length), ...sorryLine(virtual)];
  });
  return virtualServers.length === 0 ? [] : ['', head, ...blocks.flat()];
}

const virtualLine = ({ name, service, scheduler }: ReportedVirtual): string => `${name}: ${service} ${scheduler}`;

const serverRow = (server: ReportedServer, lacked: ReadonlySet<string>): readonly string[] => [
  '',
  server.name,
  endpoint(server.address, server.port),
  `${stateOf(server)}${remarkOn(server, lacked)}`,
  server.sinceMs === null ? none : lengthOf(server.sinceMs),
  orNone(server.weight),
  orNone(server.activeConnections),
  orNone(server.inactiveConnections),
  server.reason,
];

/** What its checks found, and what was ordered. */
function stateOf({ health, order }: ReportedServer): string {
  if (order === null) return health;
  if (order.type === 'force') return `${health}, forced ${order.to}`;
  if (order.drained) return `${health}, drained`;
  return `${health}, draining${order.leftMs === null ? '' : ` for ${lengthOf(order.leftMs)} at most`}`;
}

/** Who ordered it, where that was not this router; whether the partner knows. */
function remarkOn({ id, order }: ReportedServer, lacked: ReadonlySet<string>): string {
  if (lacked.has(id)) return ' (the partner has not got this yet)';
  return order?.from === 'partner' ? ' (by the partner)' : '';
}

const sorryLine = ({ sorryServer }: ReportedVirtual): readonly string[] =>
  sorryServer?.serves === true ? [`  the sorry server ${sorryServer.address} serves`] : [];

function troubles({ table: { problem, failed, failedCount, retryInMs } }: LvsReport): readonly string[] {
  const again = retryInMs === null ? '' : `, tried again in ${lengthOf(retryInMs)}`;
  const more = failedCount - failed.length;
  return [
    ...section(`the IPVS table${again}`, problem === null ? [] : [problem]),
    ...section(`lines without effect${again}`, [
      ...failed.flatMap(({ line, virtual, problem: said }) => [`${virtual}: ${line}`, `  ${said}`]),
      ...(more > 0 ? [`and ${more} more`] : []),
    ]),
  ];
}
