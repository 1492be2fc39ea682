// A plan as an administrator reads it, and as JSON. Pure.
import type { TableCommand } from '@piranha/ipvs';
import type { InForce } from './in-force.ts';
import type { PlannedLine, ReloadPlan } from './reload-plan.ts';
import { columns, counted } from './words.ts';

/** In the order in which ipvsadm is given them. */
const kinds: readonly { readonly type: TableCommand['type']; readonly noun: string; readonly done: string }[] = [
  { type: 'add-service', noun: 'service', done: 'added' },
  { type: 'add-destination', noun: 'server', done: 'added' },
  { type: 'edit-service', noun: 'service', done: 'changed' },
  { type: 'edit-destination', noun: 'server', done: 'changed' },
  { type: 'delete-destination', noun: 'server', done: 'removed' },
  { type: 'delete-service', noun: 'service', done: 'removed' },
];

/** All of it. */
export function describePlan(file: string, plan: ReloadPlan, inForce: InForce): readonly string[] {
  const later = groupLines(plan.later).map((line) => `  ${line}`);
  const changes = [
    ...groupLines(plan.lines),
    ...(plan.timeouts === undefined ? [] : ['connection timeouts', `  ${plan.timeouts}`]),
    ...(later.length === 0 ? [] : ['when servers that were not checked yet are found good:', ...later]),
    ...addressLines(plan),
    ...checkLines(plan),
  ];
  return [...notes(inForce), ...changes, `${file}: ${summary(plan)}`];
}

/** What the plan takes for granted. */
function notes({ report, configuration, role, problem }: InForce): readonly string[] {
  const assumed = [
    ...(report === undefined ? ['every server counts as up'] : []),
    ...(configuration === undefined ? ['services that the file no longer has are left alone'] : []),
  ].join(', and ');
  return [
    ...(assumed === '' ? [] : [`note: ${problem}: ${assumed}`]),
    ...(role === 'standby' ? ['note: this router is on standby: services stand here with hot_standby = 1 only'] : []),
    ...(role === 'idle' ? ['note: lvs takes no orders at the moment: a reload would not reach the table'] : []),
  ];
}

function groupLines(lines: readonly PlannedLine[]): readonly string[] {
  return kinds.flatMap(({ type, noun, done }) => {
    const own = lines.filter((each) => each.type === type);
    return own.length === 0 ? [] : [`${noun}s ${done}`, ...underNames(own)];
  });
}

/** Each virtual server's name once, above its lines. */
const underNames = (lines: readonly PlannedLine[]): readonly string[] =>
  lines.flatMap(({ virtual, line }, index) =>
    lines[index - 1]?.virtual === virtual ? [`    ${line}`] : [`  ${virtual}`, `    ${line}`],
  );

function addressLines({ addresses: { added, removed } }: ReloadPlan): readonly string[] {
  const rows = [
    ...added.map(({ address, device }) => ['added', address, device]),
    ...removed.map(({ address, device }) => ['removed', address, device]),
  ];
  return rows.length === 0 ? [] : ['floating addresses', ...columns(rows).map((line) => `  ${line}`)];
}

function checkLines({ checks: { begun, restarted, ended } }: ReloadPlan): readonly string[] {
  const rows = (
    [
      ['begin', begun],
      ['restart', restarted],
      ['end', ended],
    ] as const
  ).flatMap(([word, labels]) => (labels.length === 0 ? [] : [[word, labels.join(', ')]]));
  return rows.length === 0 ? [] : ['checks', ...columns(rows).map((line) => `  ${line}`)];
}

/** One line that says how much changes. */
export function summary(plan: ReloadPlan): string {
  const { lines, later, addresses, checks, timeouts, connections } = plan;
  const parts = [
    ...counts(lines),
    ...counts(later).map((count) => `${count} when checked`),
    ...(timeouts === undefined ? [] : ['timeouts changed']),
    ...several(addresses.added.length, 'address', 'added'),
    ...several(addresses.removed.length, 'address', 'removed'),
    ...several(checks.restarted.length, 'check', 'restarted'),
  ];
  if (parts.length === 0) return 'a reload would change nothing';
  const removes = lines.some(({ type }) => type === 'delete-destination' || type === 'delete-service');
  const lost = removes ? `; ${counted(connections, 'active connection')} on what is removed` : '';
  return `${parts.join(', ')}${lost}`;
}

const counts = (lines: readonly PlannedLine[]): readonly string[] =>
  kinds.flatMap(({ type, noun, done }) => several(lines.filter((each) => each.type === type).length, noun, done));

const plurals: Readonly<Record<string, string>> = { address: 'addresses' };

function several(count: number, noun: string, done: string): readonly string[] {
  if (count === 0) return [];
  return [count === 1 ? `1 ${noun} ${done}` : `${count} ${plurals[noun] ?? `${noun}s`} ${done}`];
}

/** The same for programs; the names of the fields are documented. */
export function planAsJson(file: string, digest: string, plan: ReloadPlan, inForce: InForce) {
  const { lines, later, addresses, checks, timeouts, connections } = plan;
  return {
    file,
    digest,
    pulse: inForce.configuration !== undefined,
    role: inForce.role,
    everyServerCountsAsUp: inForce.report === undefined,
    problem: inForce.problem === '' ? null : inForce.problem,
    lines: lines.map(({ line }) => line),
    groups: groupsOf(lines),
    linesWhenChecked: later.map(({ line }) => line),
    groupsWhenChecked: groupsOf(later),
    timeouts: timeouts ?? null,
    addresses,
    checks,
    connections,
  };
}

function groupsOf(lines: readonly PlannedLine[]) {
  const of = (type: TableCommand['type']) =>
    lines.filter((each) => each.type === type).map(({ virtual, line }) => ({ virtual, line }));
  return {
    servicesAdded: of('add-service'),
    servicesChanged: of('edit-service'),
    servicesRemoved: of('delete-service'),
    serversAdded: of('add-destination'),
    serversChanged: of('edit-destination'),
    serversRemoved: of('delete-destination'),
  };
}
