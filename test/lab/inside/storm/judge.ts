// Whether a pair is well: who has the addresses, the tables, the processes, and what status says. Pure.
import type { StatusAnswer } from '@piranha/protocol';
import type { PairSettings } from '../lab.ts';
import { lvsCf, vip } from '../lab.ts';
import type { RouterFacts } from './facts.ts';
import type { ProcessSeen } from './processes.ts';

const natRouter = '10.2.0.1';

/** Everything that is not as it has to be, in words; nothing of a pair that is well. */
export function problemsOf(facts: readonly RouterFacts[], settings: PairSettings): string[] {
  const owners = facts.filter(({ addresses }) => addresses.includes(vip)).map(({ name }) => name);
  const insideOwners = facts.filter(({ addresses }) => addresses.includes(natRouter)).map(({ name }) => name);
  return [
    ...(owners.length === 1 ? [] : [`${vip} is on ${listed(owners)}`]),
    ...(insideOwners.join() === owners.join() ? [] : [`nat_router is on ${listed(insideOwners)}`]),
    ...(isFailbackDue(facts, owners, settings) ? ['the service has yet to go back to the primary'] : []),
    ...facts.flatMap((router) =>
      problemsOfRouter(router, owners.includes(router.name), settings).map((problem) => `${router.name}: ${problem}`),
    ),
  ];
}

/** Unless an operator has placed it where it is. */
const isFailbackDue = (facts: readonly RouterFacts[], owners: readonly string[], { more }: PairSettings): boolean =>
  more.includes('failback = auto') && owners.join() === 'r2' && !facts.some(({ status }) => status?.pair.held === true);

const listed = (names: readonly string[]): string => (names.length === 0 ? 'no router' : names.join(' and '));

function problemsOfRouter(router: RouterFacts, owns: boolean, settings: PairSettings): string[] {
  const byte = router.name === 'r1' ? 2 : 3;
  const works = owns || settings.hotStandby;
  return [
    ...[`10.1.0.${byte}`, `10.2.0.${byte}`]
      .filter((own) => !router.addresses.includes(own))
      .map((own) => `its own address ${own} is gone`),
    ...problemsOfTable(router.table, works ? wantedTable(settings) : []),
    ...problemsOfProcesses(router.processes, works),
    ...problemsOfStatus(router.status, owns, works),
  ];
}

/** What the file says, by its own words. */
function wantedTable(settings: PairSettings): readonly string[] {
  const file = lvsCf(settings);
  const servers = [...file.matchAll(/address = (10\.2\.\S+)\n.*\n +weight = (\d+)/g)];
  const service = `-t ${vip}:80`;
  return [
    `-A ${service} -s ${settings.scheduler}`,
    ...servers.map(([, address, weight]) => `-a ${service} -r ${address}:80 -m -w ${weight}`),
  ].sort();
}

/** Services of others on this machine are not ours. */
const foreign = '-t 10.9.9.9:99 ';

function problemsOfTable(table: readonly string[], wanted: readonly string[]): string[] {
  const found = table.filter((line) => !line.includes(foreign));
  return found.join('\n') === wanted.join('\n') ? [] : [`its table is: ${found.join(', ') || 'empty'}`];
}

/** One nanny for each server, where there are few; pulse and lvs have a standing `ip` each. */
const wantedProcesses = (works: boolean): string =>
  ['ip', 'ip', 'lvsd', ...(works ? ['nanny', 'nanny'] : []), 'pulse', 'send_arp'].join(' ');

function problemsOfProcesses(processes: readonly ProcessSeen[], works: boolean): string[] {
  const programs = processes.flatMap(({ program, zombie }) => (program === undefined || zombie ? [] : [program]));
  const running = programs.sort().join(' ');
  return [
    ...(running === wantedProcesses(works) ? [] : [`its processes are: ${running}`]),
    ...processes.filter(({ zombie }) => zombie).map(({ words }) => `nobody has reaped ${words}`),
    ...strangersIn(processes).map(({ words }) => `left behind: ${words}`),
  ];
}

/** What waits beside the suite's programs: lvs has an ipvsadm for the next change, pulse an `ip` that tells of the links. */
const waiting = /ipvsadm|^ip -o monitor /;

/** Neither the suite's, nor the lab's own. */
function strangersIn(processes: readonly ProcessSeen[]): ProcessSeen[] {
  const suite = new Set(processes.filter(({ program }) => program !== undefined).map(({ pid }) => pid));
  return processes.filter(
    ({ pid, program, zombie, parent, words }) =>
      !zombie &&
      program === undefined &&
      pid !== 1 &&
      parent !== 0 &&
      !/sleep 3600|syslogd/.test(words) &&
      !(waiting.test(words) && suite.has(parent)),
  );
}

/** What `lvsctl status` would show that is not good. */
function problemsOfStatus(status: StatusAnswer | undefined, owns: boolean, works: boolean): string[] {
  if (status === undefined) return ['lvsctl status: nobody answers'];
  const { state, pair, addressProblem, troubles, lvs, lvsProblem, digest } = status;
  const wrong: readonly (readonly [boolean, string])[] = [
    [state !== (owns ? 'active' : 'inactive'), `it is ${state}`],
    [pair.class !== 2, `it is not fit: ${pair.classReason}`],
    [pair.alarm !== null, `alarm: ${pair.alarm}`],
    [pair.wants, 'it asks for the service, and nobody has answered yet'],
    [works && pair.living !== 2, `living servers: ${pair.living}`],
    [addressProblem !== null, `addresses: ${addressProblem}`],
    [troubles.length > 0, troubles.join('; ')],
    [lvs === null, `no report of lvs: ${lvsProblem}`],
    [lvs !== null && lvs.digest !== digest, 'lvs has another file'],
    ...problemsOfPartner(status, owns),
  ];
  return [
    ...wrong.filter(([is]) => is).map(([, text]) => `status: ${text}`),
    ...(lvs === null ? [] : problemsOfReport(lvs, works)),
  ];
}

const problemsOfPartner = ({ partner, digest }: StatusAnswer, owns: boolean): (readonly [boolean, string])[] => [
  [partner?.said !== (owns ? 'stopped' : 'running'), `its partner said ${partner?.said}`],
  [partner?.hearsUs !== true, 'its partner does not hear it'],
  [partner?.digest !== digest, 'its partner has another file'],
  [(partner?.lacksOrders ?? []).length > 0, 'its partner lacks orders'],
];

function problemsOfReport(
  { table, troubles, virtualServers }: NonNullable<StatusAnswer['lvs']>,
  works: boolean,
): string[] {
  const servers = virtualServers.flatMap((virtual) => virtual.servers);
  return [
    ...troubles.map((trouble) => `status: ${trouble}`),
    ...(table.problem === null ? [] : [`status: table: ${table.problem}`]),
    ...table.failed.map(({ line, problem }) => `status: ${line}: ${problem}`),
    ...servers.filter(({ order }) => order !== null).map(({ name }) => `status: an order about ${name} stands`),
    ...servers
      .filter(({ health }) => works && health !== 'up')
      .map(({ name, health, reason }) => `status: ${name} is ${health} ${reason}`),
  ];
}
