// A pair with monitor_links on a real kernel: which router has the address when single cables are pulled.
import { beforeAll, describe, expect, jest } from '@jest/globals';
import { test } from './row.ts';
import type { Sightings } from './run-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { withPatience } from './inside/patience.ts';

jest.setTimeout(1_200_000);

let sightings: Sightings;

beforeAll(async () => {
  sightings = await runScenarios('links');
});

const seen = () => sightings.of('links');

/** keepalive and deadtime of the lab's pair, ms. */
const [keepalive, deadtime] = [1000, 3000];

/** The move of this number, counted from 0, and how long after a moment it was. */
const move = (index: number, since: number) => {
  const { at, router, has } = seen().moves[index] ?? { at: NaN, router: 'none', has: false };
  return { what: `${router} ${has ? 'has it' : 'lost it'}`, afterMs: at - since };
};

test('the address moves three times, and no router has it before the other has let go', () => {
  expect(seen().moves.map(({ router, has }) => `${router} ${has ? 'has it' : 'lost it'}`)).toEqual([
    'r1 has it',
    ...['r1 lost it', 'r2 has it'],
    ...['r2 lost it', 'r1 has it'],
    ...['r1 lost it', 'r2 has it'],
  ]);
});

test('it is with no router for a short time only', () => {
  const { moves } = seen();
  for (const index of [1, 3, 5])
    expect(move(index + 1, moves[index]?.at ?? NaN).afterMs).toBeLessThan(withPatience(2000));
});

describe('the private cable of the owner', () => {
  test('pulled, it makes the owner hand over to the router that still has both', () => {
    const { what, afterMs } = move(1, seen().pulled.privateOfOwner);
    expect(what).toBe('r1 lost it');
    expect(afterMs).toBeLessThan(withPatience(2 * keepalive));
    expect(seen().requests.privateOfOwner.outageMs).toBeLessThan(withPatience(2500));
  });
});

describe('the private cables of both', () => {
  test('pulled, and put back that of the owner last, they move nothing, and no request fails', () => {
    const { pulled, moves, requests } = seen();
    const meanwhile = moves.filter(({ at }) => at > pulled.privateOfBoth && at < pulled.publicOfOwner);
    expect(meanwhile).toEqual([]);
    expect(requests.privateOfBoth.failed).toBe(0);
    expect(requests.privateOfBoth.summary).toMatch(/answered/);
  });
});

describe('the public cable of the owner', () => {
  test('pulled, it makes the owner hand over, although it has handed over not long ago', () => {
    const { what, afterMs } = move(3, seen().pulled.publicOfOwner);
    expect(what).toBe('r2 lost it');
    expect(afterMs).toBeLessThan(withPatience(2 * keepalive));
    expect(seen().requests.publicOfOwner.outageMs).toBeLessThan(withPatience(2 * keepalive + 2000));
  });
});

describe('a public cable that is back', () => {
  test('counts after deadtime, not sooner: only then the other router, whose cable is out, hands over', () => {
    const { what, afterMs } = move(5, seen().pulled.exchanged);
    expect(what).toBe('r1 lost it');
    expect(afterMs).toBeGreaterThan(deadtime);
    expect(afterMs).toBeLessThan(withPatience(deadtime + 4000));
  });

  test('takes nothing away from the owner, and the client is answered', () => {
    expect(seen().owners).toEqual([false, true]);
    expect(seen().last.type).toBe('answered');
  });
});
