// What `lvsctl plan` says is what lvs then does: random files, and an lvs to which anything has happened before.
import { expect, test } from '@jest/globals';
import type { Configuration, LoadedConfiguration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import type { Instant } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Table } from '@piranha/ipvs';
import { applyCommands, emptyTable, plan, restoreLine } from '@piranha/ipvs';
import { dryRun, reportedState, reportOf } from '@piranha/lvs/dry-run';
import type { LvsAction, LvsEvent, LvsState } from '@piranha/lvs/step';
import { initialState, nextDeadline, step } from '@piranha/lvs/step';
import type { ServerOrder } from '@piranha/protocol';
import fc from 'fast-check';
import { anyTwoFiles } from './lab/inside/pairs/any-file.ts';
import type { File } from './lab/inside/pairs/file.ts';
import { textOf } from './lab/inside/pairs/file.ts';

/** An lvs above a model of the table, on fake time; it keeps what it has done since it was last asked. */
function modelLvs(ownAddresses: readonly string[]) {
  let state: LvsState = { ...initialState, ownAddresses: new Set(ownAddresses) };
  let table: Table = emptyTable;
  let now = instant(0);
  const done: LvsAction[] = [];
  const send = (event: LvsEvent): void => {
    const next = step(state, event);
    state = next.state;
    done.push(...next.actions);
    for (const action of next.actions) if (action.type === 'work-on-table') work(action);
  };
  const work = ({ run, commands, timeouts }: Extract<LvsAction, { readonly type: 'work-on-table' }>): void => {
    table = applyCommands(table, commands);
    const sent = timeouts === undefined ? undefined : { sent: timeouts, problem: '' };
    const result = {
      complaint: '',
      finished: true,
      timeouts: sent,
      settings: [],
      read: { ok: true, value: table },
    } as const;
    send({ type: 'table-done', at: now, run, result });
  };
  const advance = (lengthMs: number): void => {
    const end = instant(now + lengthMs);
    for (let due = nextDeadline(state); due <= end; due = nextDeadline(state)) {
      now = instant(Math.max(now, due));
      send({ type: 'clock', at: now });
    }
    now = end;
  };
  return {
    send,
    advance,
    ...{ now: (): Instant => now, state: () => state, table: () => table, takeDone: () => done.splice(0) },
  };
}
type ModelLvs = ReturnType<typeof modelLvs>;
type Watched = LvsState['watches'] extends ReadonlyMap<infer Id, unknown> ? Id : never;

/** Something that happens to an lvs; servers are chosen by a number. */
type Happening =
  | { readonly type: 'found'; readonly server: number; readonly good: boolean }
  | { readonly type: 'time'; readonly ms: number }
  | {
      readonly type: 'order';
      readonly server: number;
      readonly order: ServerOrder['type'];
      readonly to: 'up' | 'down';
    };

const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ type: fc.constant('found' as const), server: fc.nat(20), good: fc.boolean() }),
  fc.record({ type: fc.constant('time' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({
    ...{ type: fc.constant('order' as const), server: fc.nat(20) },
    order: fc.constantFrom('force' as const, 'drain' as const),
    to: fc.constantFrom('up' as const, 'down' as const),
  }),
);

function happen(lvs: ModelLvs, happening: Happening): void {
  if (happening.type === 'time') {
    lvs.advance(happening.ms);
    return;
  }
  const { watches, servers } = lvs.state();
  const [id, watch] = [...watches][happening.server % Math.max(1, watches.size)] ?? [];
  const server = watch === undefined ? undefined : servers.get(watch.server);
  if (id === undefined || server === undefined) return;
  if (happening.type === 'found') lvs.send(found(lvs, id, happening.good));
  else lvs.send({ type: 'server-order', at: lvs.now(), id: 1, order: orderOf(server.label, happening) });
}

function found(lvs: ModelLvs, watch: Watched, good: boolean): LvsEvent {
  const nanny = lvs.state().watches.get(watch)?.nanny ?? 0;
  const finding = good ? ({ type: 'up', watch } as const) : ({ type: 'down', watch, reason: 'refused' } as const);
  return { type: 'nanny-said', at: lvs.now(), nanny, findings: [finding] };
}

function orderOf(label: string, { order, to }: Extract<Happening, { readonly type: 'order' }>): ServerOrder {
  const [virtual = '', server = ''] = label.split('/');
  return order === 'force'
    ? { type: 'force', virtual, server, to }
    : { type: 'drain', virtual, server, timeoutMs: null };
}

const load = (file: File, more: string): LoadedConfiguration | undefined => {
  const loaded = configurationFromText('lvs.cf', more + textOf(file), {});
  return loaded.ok ? loaded.value : undefined;
};

const linesOf = (actions: readonly LvsAction[]): readonly string[] =>
  actions.flatMap((action) => (action.type === 'work-on-table' ? action.commands.map(restoreLine) : []));

const wholeTable = (table: Table): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine).toSorted();

/** What lvs does with the file at once, and how the table is when it has found good what it had not checked yet. */
function whatHappens(lvs: ModelLvs, { configuration, digest }: LoadedConfiguration) {
  lvs.takeDone();
  const before = [...lvs.state().watches.keys()];
  lvs.send({ type: 'configured', at: lvs.now(), configuration, digest });
  const done = lvs.takeDone();
  const unknown = [...lvs.state().watches].filter(([, { server }]) => lvs.state().health.get(server) === 'unknown');
  for (const [watch] of unknown) lvs.send(found(lvs, watch, true));
  const told = done.flatMap((action) => (action.type === 'command-nanny' ? action.commands : []));
  return {
    lines: linesOf(done),
    inTheEnd: wholeTable(lvs.table()),
    watched: told.filter(({ type }) => type === 'watch').length,
    ended: before.filter((watch) => !lvs.state().watches.has(watch)).length,
  };
}

function whatPlanSays(lvs: ModelLvs, inForce: Configuration, { configuration, digest }: LoadedConfiguration) {
  const report = reportOf(lvs.state(), undefined, lvs.now());
  const state = reportedState(report, { configuration: inForce, found: lvs.table(), nannyUser: undefined }, instant(0));
  const { commands, later, checks } = dryRun(state, { configuration, digest }, instant(0));
  return {
    lines: commands.map(restoreLine),
    // In which order servers are found good is not known: what comes of it is the same.
    inTheEnd: wholeTable(applyCommands(applyCommands(lvs.table(), commands), later)),
    watched: checks.begun.length + checks.restarted.length,
    ended: checks.ended.length,
  };
}

const anyMore = fc
  .record({
    hot: fc.boolean(),
    timeouts: fc.constantFrom('', 'tcp_timeout = 900\n'),
    nannies: fc.constantFrom(1, 3, 32),
  })
  .map(({ hot, timeouts, nannies }) => `hot_standby = ${hot ? 1 : 0}\nmax_nannies = ${nannies}\n${timeouts}`);

test('what plan says of a reload is what lvs then does', () => {
  const property = fc.property(
    ...[anyTwoFiles, anyMore, anyMore, fc.constantFrom('standby' as const, 'active' as const)],
    fc.array(anyHappening, { maxLength: 25 }),
    ([first, second], firstMore, secondMore, role, happenings) => {
      const [old, next] = [load(first, firstMore), load(second, secondMore)];
      fc.pre(old !== undefined && next !== undefined);
      const lvs = modelLvs(['10.0.1.1']);
      const tick = { sentAt: lvs.now(), spokenAt: undefined, term: 1, held: false, timers: undefined };
      lvs.send({ type: 'configured', at: lvs.now(), configuration: old.configuration, digest: old.digest });
      lvs.send({ type: 'tick', at: lvs.now(), role, ...tick });
      for (const happening of happenings) happen(lvs, happening);
      const said = whatPlanSays(lvs, old.configuration, next);
      expect(said).toEqual(whatHappens(lvs, next));
    },
  );
  fc.assert(property, { numRuns: 300 });
});
