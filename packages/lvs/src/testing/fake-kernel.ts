// A model of the kernel's table, connections and settings, and of ipvsadm in every mood.
import type { IpvsSetting } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { failure, success } from '@piranha/domain';
import type { Loads, Table } from '@piranha/ipvs';
import { applyCommands, emptyTable, parseSaved, plan, restoreLine } from '@piranha/ipvs';
import type { LvsAction, TableResult } from '../step.ts';

export type TableWork = Extract<LvsAction, { readonly type: 'work-on-table' }>;

/** What a batch makes of the table, and what ipvsadm says to it. */
export type Writing = (
  work: TableWork,
  table: Table,
) => { readonly table: Table } & Omit<TableResult, 'read' | 'timeouts' | 'settings'>;

/** Every line has its effect. */
export const goodKernel: Writing = (work, table) => ({
  table: applyCommands(table, work.commands),
  complaint: '',
  finished: true,
});

/** The kernel's settings, as an lvs before this one has left them. */
function fakeSettings() {
  const values = new Map<string, number | string>([
    ['expire_nodest_conn', 0],
    ['expire_quiescent_template', 1],
    ['conn_reuse_mode', 1],
  ]);
  const make = (wanted: TableWork['settings']): TableResult['settings'] =>
    Object.entries(wanted ?? {}).map(([name, value]) => {
      const found = values.get(name);
      if (found !== undefined) values.set(name, value);
      const problem = found === undefined ? 'there is no such file' : '';
      return { name: name as IpvsSetting, wanted: value, found, problem };
    });
  return { values, make };
}

type Connections = ReadonlyMap<string, { readonly active: number; readonly inactive: number }>;

const loadsOf = (table: Table, connections: Connections): Loads =>
  new Map(
    [...table].map(([service, { destinations }]) => [
      service,
      new Map(
        [...destinations].map(([key, { weight }]) => {
          const { active, inactive } = connections.get(key) ?? { active: 0, inactive: 0 };
          return [key, { weight, activeConnections: active, inactiveConnections: inactive }];
        }),
      ),
    ]),
  );

/** Begins with an empty table, and an ipvsadm that does all it is told. */
export function fakeKernel() {
  let table: Table = emptyTable;
  const sysctls = fakeSettings();
  const connections = new Map<string, { readonly active: number; readonly inactive: number }>();
  let timeoutsProblem = '';
  let mood: Writing | 'unreadable' | 'unreadable once' | 'hanging' = goodKernel;
  const unreadable: TableResult = {
    complaint: '',
    finished: true,
    timeouts: undefined,
    settings: [],
    read: failure('ipvsadm -S -n: no IPVS'),
  };

  const run = (work: TableWork): TableResult => {
    if (mood === 'unreadable once') mood = goodKernel;
    else if (typeof mood === 'function') {
      const { table: after, ...written } = mood(work, table);
      table = after;
      const timeouts = work.timeouts === undefined ? undefined : { sent: work.timeouts, problem: timeoutsProblem };
      return { ...written, timeouts, settings: sysctls.make(work.settings), read: success(table) };
    }
    return unreadable;
  };

  return {
    run,
    sysctls: sysctls.values,
    hangs: () => mood === 'hanging',
    /** From now on `ipvsadm --set` fails with these words; with none it works. */
    refuseTimeouts: (problem: string) => {
      timeoutsProblem = problem;
    },
    /** Changes how it behaves from now on. */
    behave: (next: typeof mood) => {
      mood = next;
    },
    /** Somebody else writes the table. */
    tamper: (...lines: readonly string[]) => {
      table = parseSaved(lines.join('\n')).table;
    },
    /** What the kernel counts from now on, by the destination's key; of others there are none. */
    connect: (destination: string, count: { readonly active: number; readonly inactive: number }) => {
      connections.set(destination, count);
    },
    loads: (): Outcome<Loads, string> =>
      mood === 'unreadable' ? failure('no IPVS') : success(loadsOf(table, connections)),
    table: (): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine),
  };
}
