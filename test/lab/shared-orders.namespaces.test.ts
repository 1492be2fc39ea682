// Orders about servers that both routers of a pair hold, with the installed programs.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenariosInNamespaces } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenariosInNamespaces('shared-orders-hot', 'shared-orders-cold');
});

const underOrders = ['80 10.2.0.11:80 2', '8080 10.2.0.12:80 1'];

describe.each(['shared-orders-hot', 'shared-orders-cold'] as const)('%s', (name) => {
  test('what is ordered on the active router the other knows, and whose order it was', () => {
    const { known, shown } = seen.of(name).taken;
    expect(known.r2).toEqual(['alt/s1 drain partner', 'web/s2 force down partner']);
    expect(shown).toHaveLength(2);
  });

  test('a hot standby keeps the draining server at weight 0; a cold one has no table', () => {
    const hot = ['80 10.2.0.11:80 2', '8080 10.2.0.11:80 0', '8080 10.2.0.12:80 1'];
    expect(seen.of(name).taken.standby).toEqual(name === 'shared-orders-hot' ? hot : []);
  });

  test('after a pulled cable the other serves under the same orders', () => {
    const { table, served } = seen.of(name).taken;
    expect(table).toEqual(underOrders);
    expect(Object.keys(served)).toEqual(['s1']);
  });

  test('what is released there the first knows once it is back', () => {
    const { before, after } = seen.of(name).released;
    expect(before).toEqual(['alt/s1 drain here', 'web/s2 force down here']);
    expect(after).toEqual([]);
  });

  test('a router of which all was killed and lost gets the orders from the other, standby or active', () => {
    const { alone, standby, active, table, left } = seen.of(name).lost;
    expect(alone === null || alone.length === 2).toBe(true);
    expect(standby).toEqual(['alt/s1 drain partner', 'web/s2 force down partner']);
    expect(active).toEqual(standby);
    expect(table).toEqual(underOrders);
    // What is left of ten minutes, not ten minutes again.
    expect(left.join()).toMatch(/draining for [5-9]m( \d+s)? at most/);
  });

  test('forged and recorded notes change nothing and are counted by reason', () => {
    const { recorded, longest, before, refused, orders, table, owners } = seen.of(name).forged;
    expect(recorded).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(1200);
    expect(orders).toEqual(['alt/s1 drain partner', 'web/s2 force down partner']);
    expect(table).toEqual(underOrders);
    expect(owners).toEqual([true, false]);
    const more = (reason: string): number => (refused[reason] ?? 0) - (before[reason] ?? 0);
    expect(more('unsigned')).toBe(5);
    expect(more('wrong-signature')).toBe(5);
    expect(more('malformed')).toBe(5);
    expect(more('old-sequence')).toBeGreaterThanOrEqual(5 * recorded);
  });
});
