// What has to hold of one reload: of the lines that were given to ipvsadm, and of the table before and after them.
import type { Destination, Table, TableCommand } from '@piranha/ipvs';
import { destinationKey, emptyTable, plan, restoreLine, serviceKey } from '@piranha/ipvs';
import type { Sighting } from './sighting.ts';

/** One reload and a fresh start with the same file. */
export type Reload = {
  readonly before: Sighting;
  /** What that was meant to be. */
  readonly first: Table;
  readonly commands: readonly TableCommand[];
  readonly after: Sighting;
  readonly fresh: Sighting;
  readonly wanted: Table;
  /** What is left to do after the reload. */
  readonly again: readonly TableCommand[];
  /** The table as it is with nothing but other people's services. */
  readonly foreign: Sighting;
};

/** Everything that is wrong; nothing if all is well. */
export const wrongWith = (reload: Reload): readonly string[] => [
  ...differences('read', linesOf(ours(reload.before.table, reload)), 'asked for', linesOf(reload.first)),
  ...differences('after the reload', reload.after.lines, 'after a fresh start', reload.fresh.lines),
  ...differences('read', linesOf(ours(reload.after.table, reload)), 'wanted', linesOf(reload.wanted)),
  ...[reload.before, reload.after].flatMap((seen) => untouched(seen, reload.foreign)),
  ...reload.commands.filter((command) => !hadEffect(command, reload)).map((each) => `no effect: ${restoreLine(each)}`),
  ...deletedAndAdded(reload.commands).map((key) => `deleted and added: ${key}`),
  ...reload.again.map((command) => `asked for again: ${restoreLine(command)}`),
];

/** Without the services that are somebody else's. */
const ours = (table: Table, { foreign }: Pick<Reload, 'foreign'>): Table =>
  new Map([...table].filter(([key]) => !foreign.table.has(key)));

/** A table as sorted lines, thresholds included. */
export const linesOf = (table: Table): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine).sort();

export function differences(here: string, some: readonly string[], there: string, others: readonly string[]): string[] {
  const only = (left: readonly string[], right: readonly string[]): readonly string[] =>
    left.filter((line) => !right.includes(line));
  return [
    ...only(some, others).map((line) => `only ${here}: ${line}`),
    ...only(others, some).map((line) => `only ${there}: ${line}`),
    ...(some.length === others.length ? [] : [`${some.length} lines ${here}, ${others.length} ${there}`]),
  ];
}

const untouched = (seen: Sighting, foreign: Sighting): readonly string[] => [
  ...foreign.lines.filter((line) => !seen.lines.includes(line)).map((line) => `a foreign line is gone: ${line}`),
  ...differences('unknown', seen.unknown, 'unknown before', foreign.unknown),
];

/** Whether the table says of what a line is about something else than before, and what the line's letter promises. */
function hadEffect(command: TableCommand, { before, after }: Reload): boolean {
  const [was, is] = [entryOf(command, before.table), entryOf(command, after.table)];
  if (command.type.startsWith('add')) return was === undefined && is !== undefined;
  if (command.type.startsWith('delete')) return was !== undefined && is === undefined;
  return was !== undefined && is !== undefined && was !== is;
}

/** What a table has of a command's service or destination, as a line; undefined where there is none. */
function entryOf(command: TableCommand, table: Table): string | undefined {
  const identity = 'service' in command ? command.service.identity : command.identity;
  const service = table.get(serviceKey(identity));
  if (service === undefined) return undefined;
  if (!('destination' in command)) return restoreLine({ type: 'add-service', service });
  const destination = service.destinations.get(destinationKey(command.destination));
  return destination === undefined ? undefined : destinationLine(destination, command);
}

const destinationLine = (
  destination: Destination,
  { identity }: Extract<TableCommand, { readonly destination: Destination }>,
): string => restoreLine({ type: 'add-destination', identity, destination });

function deletedAndAdded(commands: readonly TableCommand[]): readonly string[] {
  const keys = (verb: string): readonly string[] =>
    commands.filter((command) => command.type.startsWith(verb)).map(keyOf);
  const added = new Set(keys('add'));
  return keys('delete').filter((key) => added.has(key));
}

function keyOf(command: TableCommand): string {
  const service = serviceKey('service' in command ? command.service.identity : command.identity);
  return 'destination' in command ? `${service} ${destinationKey(command.destination)}` : service;
}
