// An lvs on fake time, above a model of the kernel's table and nannies that a test speaks for.
import type { IpvsSetting } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { failure, instant, success } from '@piranha/domain';
import type { Table } from '@piranha/ipvs';
import { applyCommands, emptyTable, parseSaved, plan, restoreLine } from '@piranha/ipvs';
import type { LvsMessage } from '@piranha/protocol';
import type { LvsAction, LvsEvent, LvsState, TableResult } from './step.ts';
import { initialState, nextDeadline, step } from './step.ts';

type TableWork = Extract<LvsAction, { readonly type: 'work-on-table' }>;

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
  const values = new Map<string, number>([
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

/** A kernel's table, and ipvsadm in every mood. */
function fakeKernel() {
  let table: Table = emptyTable;
  const sysctls = fakeSettings();
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
    table: (): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine),
  };
}

/** The machine on fake time: `send` lets ipvsadm and stopped nannies come to their ends, in no time. */
function fakeDriver(kernel: ReturnType<typeof fakeKernel>) {
  let now: Instant = instant(0);
  let state: LvsState = initialState;
  let work: TableWork | undefined;
  const ending: number[] = [];
  const actions: LvsAction[] = [];

  const dispatch = (event: LvsEvent): void => {
    const next = step(state, event);
    state = next.state;
    next.actions.forEach(perform);
  };

  const perform = (action: LvsAction): void => {
    actions.push(action);
    if (action.type === 'work-on-table') work = action;
    if (action.type === 'stop-nanny') ending.push(action.nanny);
    if (action.type === 'start-nanny') {
      dispatch({ type: 'nanny-started', at: now, nanny: action.nanny, pid: 100 + action.nanny });
    }
  };

  const settle = (): void => {
    for (let done = work; done !== undefined && !kernel.hangs(); done = work) {
      work = undefined;
      dispatch({ type: 'table-done', at: now, result: kernel.run(done) });
    }
    for (const nanny of ending.splice(0)) {
      dispatch({ type: 'nanny-ended', at: now, nanny, how: 'was killed by SIGTERM' });
    }
  };

  const send = (event: LvsEvent): void => {
    dispatch(event);
    settle();
  };

  const advance = (lengthMs: number): void => {
    const end = instant(now + lengthMs);
    for (let due = nextDeadline(state); due <= end; due = nextDeadline(state)) {
      now = instant(Math.max(due, now));
      send({ type: 'clock', at: now });
    }
    now = end;
  };
  return { actions, send, settle, advance, state: () => state, now: () => now };
}

/** An lvs that was just started. Everything it orders is kept in `actions`. */
export function fakeLvs() {
  const kernel = fakeKernel();
  const driver = fakeDriver(kernel);
  const { actions, send, state, now } = driver;

  const nannyOf = (server: string): number => {
    const nanny = state().watches.get(server)?.nanny;
    if (nanny === undefined) throw new Error(`nobody checks ${server}`);
    return nanny;
  };

  return {
    ...kernel,
    ...driver,
    nannyOf,
    configure: (text: string) => {
      const loaded = configurationFromText('lvs.cf', text, {});
      if (!loaded.ok) throw new Error(loaded.error.map((each) => each.message).join('; '));
      send({ type: 'configured', at: now(), ...loaded.value });
    },
    order: (role: 'standby' | 'active') => {
      send({ type: 'ordered', at: now(), role });
    },
    addressesLowered: (problem?: string) => {
      const result = problem === undefined ? success(undefined) : failure(problem);
      send({ type: 'addresses-lowered', at: now(), result });
    },
    up: (server: string) => {
      send({ type: 'nanny-said', at: now(), nanny: nannyOf(server), verdicts: [{ type: 'up', server }] });
    },
    down: (server: string) => {
      const verdict = { type: 'down', server, reason: 'connection refused' } as const;
      send({ type: 'nanny-said', at: now(), nanny: nannyOf(server), verdicts: [verdict] });
    },
    nannyDies: (nanny: number) => {
      send({ type: 'nanny-ended', at: now(), nanny, how: 'was killed by SIGKILL' });
    },
    told: (): readonly LvsMessage['type'][] =>
      actions.flatMap((action) => (action.type === 'tell' ? [action.message.type] : [])),
    logged: (): readonly string[] => actions.flatMap((action) => (action.type === 'log' ? [action.text] : [])),
  };
}
