// The answer to `status` as an administrator reads it. Pure.
import { endpoint } from '@piranha/domain';
import type { LvsReport, ReportedServer, ReportedVirtual, StatusAnswer } from '@piranha/protocol';
import { columns, lengthOf } from './words.ts';

/** All of it, one entry a line. */
export const describeStatus = (status: StatusAnswer): readonly string[] => [
  ...heading(status),
  ...addresses(status),
  ...partner(status),
  ...balancer(status),
  ...(status.lvs === null ? [] : [...services(status.lvs), ...troubles(status.lvs)]),
];

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

/** A blank line, a title and what belongs to it; nothing where nothing does. */
const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...indented(lines)];

const heading = ({ role, state, sinceMs, version, pid, file, digest }: StatusAnswer): readonly string[] => [
  `${role}, ${state} for ${lengthOf(sinceMs)}`,
  `pulse ${version}, pid ${pid}, ${file} (digest ${digest})`,
];

const upOrDown = (up: boolean | null): string => (up === null ? 'unknown' : up ? 'up here' : 'not here');

const addresses = (status: StatusAnswer): readonly string[] => [
  ...section(
    'floating addresses',
    columns(status.addresses.map(({ address, device, up }) => [address, device, upOrDown(up)])),
  ),
  ...(status.addressProblem === null ? [] : indented([`trouble: ${status.addressProblem}`])),
];

function partner({ partner: other }: StatusAnswer): readonly string[] {
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
  ]);
}

const tableWords = { unknown: 'has not been used yet', usable: 'is usable', unusable: 'is not usable' } as const;

function balancer({ balancer: { running, table, restartInMs }, lvs, lvsProblem, digest }: StatusAnswer) {
  const again = restartInMs === null ? '' : `, started again in ${lengthOf(restartInMs)}`;
  const state = running ? `${lvs?.role ?? 'running'}, the IPVS table ${tableWords[table]}` : `not running${again}`;
  const other = lvs !== null && lvs.digest !== digest ? [`it runs another configuration (digest ${lvs.digest})`] : [];
  return section('lvs', [state, ...(lvsProblem === null ? [] : [`no report: ${lvsProblem}`]), ...other]);
}

const none = '-';
const orNone = (value: number | null): string => (value === null ? none : String(value));

const titles = ['', 'server', 'address', 'state', 'since', 'weight', 'active', 'inactive', 'reason'];

function services({ virtualServers }: LvsReport): readonly string[] {
  const rows = virtualServers.flatMap(({ servers }) => servers.map(serverRow));
  const [head = '', ...lines] = columns([titles, ...rows]);
  const blocks = virtualServers.map((virtual, index) => {
    const before = virtualServers.slice(0, index).reduce((count, { servers }) => count + servers.length, 0);
    return [virtualLine(virtual), ...lines.slice(before, before + virtual.servers.length), ...sorryLine(virtual)];
  });
  return virtualServers.length === 0 ? [] : ['', head, ...blocks.flat()];
}

const virtualLine = ({ name, service, scheduler }: ReportedVirtual): string => `${name}: ${service} ${scheduler}`;

const serverRow = (server: ReportedServer): readonly string[] => [
  '',
  server.name,
  endpoint(server.address, server.port),
  stateOf(server),
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
