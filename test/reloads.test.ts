// Random reloads on a model of the kernel. The lab does the same on the kernel itself (table-pairs).
import { expect, test } from '@jest/globals';
import type { Configuration } from '@piranha/config';
import { configurationFromText } from '@piranha/config';
import type { Health, ServiceKey, Table } from '@piranha/ipvs';
import { applyCommands, emptyTable, keyOf, plan, restoreLine, wantedTable } from '@piranha/ipvs';
import fc from 'fast-check';
import { anyTwoFiles, anyWords, healthOf } from './lab/inside/pairs/any-file.ts';
import type { File } from './lab/inside/pairs/file.ts';
import { textOf } from './lab/inside/pairs/file.ts';

function configurationOf(file: File): Configuration | undefined {
  const loaded = configurationFromText('lvs.cf', textOf(file), {});
  return loaded.ok ? loaded.value.configuration : undefined;
}

const linesOf = (table: Table): readonly string[] => plan(emptyTable, table, new Set()).map(restoreLine);

const ownedBy = (...files: readonly Configuration[]): ReadonlySet<ServiceKey> =>
  new Set(files.flatMap((file) => file.virtualServers.map(keyOf)));

/** Asserts that `rule` holds of a file, of the one that replaces it, and of what is known of the servers of each. */
function holdsOfReloads(
  rule: (
    old: Configuration,
    now: Configuration,
    health: { readonly old: ReadonlyMap<string, Health>; readonly now: ReadonlyMap<string, Health> },
  ) => void,
): void {
  fc.assert(
    fc.property(anyTwoFiles, anyWords, anyWords, ([first, second], oldWords, newWords) => {
      const [old, now] = [configurationOf(first), configurationOf(second)];
      fc.pre(old !== undefined && now !== undefined);
      rule(old, now, { old: healthOf(old, oldWords), now: healthOf(now, newWords) });
    }),
    { numRuns: 150 },
  );
}

test('the generator makes files that the parser accepts', () => {
  const refused = fc
    .sample(anyTwoFiles, 150)
    .flat()
    .filter((file) => configurationOf(file) === undefined);
  expect(refused.length).toBeLessThan(15);
});

test('after a reload the table is that of a fresh start', () => {
  holdsOfReloads((old, now, health) => {
    const before = wantedTable(old, health.old, emptyTable);
    const wanted = wantedTable(now, health.now, before);
    const after = applyCommands(before, plan(before, wanted, ownedBy(old, now)));
    expect(linesOf(after).toSorted()).toEqual(linesOf(wanted).toSorted());
  });
});

test('once the table is as it should be there is nothing left to do', () => {
  holdsOfReloads((old, now, health) => {
    const before = wantedTable(old, health.old, emptyTable);
    const wanted = wantedTable(now, health.now, before);
    const again = wantedTable(now, health.now, wanted);
    expect(plan(wanted, again, ownedBy(old, now)).map(restoreLine)).toEqual([]);
  });
});

test('where every server is judged, and none is quiesced, the table does not depend on the one before', () => {
  holdsOfReloads((old, now, health) => {
    const virtualServers = now.virtualServers.map((virtual) => ({ ...virtual, quiesceServer: false }));
    const unquiesced = { ...now, virtualServers };
    const judged = new Map([...health.now].map(([server, word]) => [server, word === 'unknown' ? 'up' : word]));
    const before = wantedTable(old, health.old, emptyTable);
    const alone = wantedTable(unquiesced, judged, emptyTable);
    expect(wantedTable(unquiesced, judged, before)).toEqual(alone);
  });
});

test('other names and another order of the blocks change nothing', () => {
  holdsOfReloads((_, now, health) => {
    const before = wantedTable(now, health.now, emptyTable);
    const renamed = now.virtualServers.map((virtual, index) => ({
      ...virtual,
      name: `name ${index}`,
      servers: virtual.servers.map((server) => ({ ...server, name: 'other' })),
    }));
    const other = { ...now, virtualServers: renamed.toReversed() };
    expect(plan(before, wantedTable(other, health.now, before), ownedBy(now))).toEqual([]);
  });
});

test('where every server is judged a service with a sorry server always has somebody to serve', () => {
  holdsOfReloads((_, now, health) => {
    const judged = new Map([...health.now].map(([server, word]) => [server, word === 'unknown' ? 'down' : word]));
    const table = wantedTable(now, judged, emptyTable);
    const serving = now.virtualServers
      .filter((virtual) => virtual.active && virtual.sorryServer !== undefined)
      .map((virtual) => [...(table.get(keyOf(virtual))?.destinations.values() ?? [])]);
    expect(serving.filter((destinations) => !destinations.some((each) => each.weight > 0))).toEqual([]);
  });
});
