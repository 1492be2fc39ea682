// One reload on the kernel: a table made from one file, the lines planned for another, a fresh start with that one.
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '@piranha/config';
import type { ServiceKey, Table } from '@piranha/ipvs';
import { emptyTable, keyOf, plan, restoreLine, wantedTable } from '@piranha/ipvs';
import type { Words } from './any-file.ts';
import { healthOf } from './any-file.ts';
import { nothingButForeign } from './foreign.ts';
import { differences, linesOf, wrongWith } from './rules.ts';
import type { Ipvsadm } from './ipvsadm.ts';
import type { Sighting } from './sighting.ts';
import { look } from './sighting.ts';
import type { Tally } from './tally.ts';

/** Where reloads are tried, one after the other. */
export type Bench = {
  readonly ipvsadm: Ipvsadm;
  readonly foreign: Sighting;
  readonly tally: Tally;
  /** Lines that take away what the last reload left. After one that went wrong nothing is known: all goes. */
  leftOver: readonly string[];
};

const additions = (table: Table): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine);
const deletions = (table: Table): readonly string[] =>
  [...table.values()].map(({ identity }) => restoreLine({ type: 'delete-service', identity }));

/** Throws where something is not as it should be. */
export async function reload(
  bench: Bench,
  [old, now]: readonly [Configuration, Configuration],
  [oldWords, nowWords]: readonly [Words, Words],
): Promise<void> {
  const { ipvsadm, foreign, tally, leftOver } = bench;
  bench.leftOver = nothingButForeign;
  const first = wantedTable(old, healthOf(old, oldWords), emptyTable);
  const [before] = await ipvsadm.restore('the first table', [...leftOver, ...additions(first), ...look], 1);
  const health = healthOf(now, nowWords);
  const wanted = wantedTable(now, health, before.table);
  const owned = new Set<ServiceKey>([...old.virtualServers, ...now.virtualServers].map(keyOf));
  const commands = plan(before.table, wanted, owned);
  const given = commands.map(restoreLine);
  const freshStart = [...deletions(wanted), ...additions(wanted)];
  const [after, fresh] = await ipvsadm.restore('the reload', [...given, ...look, ...freshStart, ...look], 2);
  tally.reload(given, fresh.lines);
  const again = plan(after.table, wantedTable(now, health, after.table), owned);
  const wrong = [
    ...wrongWith({ before, first, commands, after, fresh, wanted, again, foreign }),
    ...(isDeepStrictEqual(nowWords, ['up']) ? dependsOnPast(now, wanted) : []),
  ];
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  bench.leftOver = deletions(wanted);
}

/** Where everything is known and well the past does not count. */
const dependsOnPast = (configuration: Configuration, wanted: Table): readonly string[] => {
  const alone = wantedTable(configuration, healthOf(configuration, ['up']), emptyTable);
  return differences('after a reload', linesOf(wanted), 'without a past', linesOf(alone));
};
