// The firewall rules that SECURITY.md shows.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';

jest.setTimeout(1_200_000);

let seen: Sightings;

beforeAll(async () => {
  seen = await runScenarios('firewall');
});

describe.each(['nft', 'iptables'] as const)('the rules for %s', (kind) => {
  test('let heartbeats, clients and the sync daemon through: a switch under traffic fails no request', () => {
    const { switched, known, failed } = seen.of('firewall')[kind];
    expect(switched).toBe(0);
    expect(known).toBeGreaterThan(0);
    // In flight just then: what the other router does not know of yet.
    expect(failed).toBeLessThanOrEqual(2);
  });

  test('let nothing else in', () => {
    // curl: the operation timed out.
    expect(seen.of('firewall')[kind].otherPort).toBe(28);
  });

  test('give check --system nothing to complain of', () => {
    expect(seen.of('firewall')[kind].complaints).toEqual([]);
  });
});
