import { describe, expect, test } from '@jest/globals';
import { instant, milliseconds } from '@piranha/domain';
import type { Candidates } from './candidates.ts';
import { ask, noCandidates, without } from './candidates.ts';

const keepalive = milliseconds(1000);

/** Asks in turn and remembers; the answers that were given come back. */
function desk() {
  let candidates: Candidates = noCandidates;
  return {
    ask: (session: bigint, at: number): bigint | undefined => {
      const result = ask(candidates, session, { at: instant(at), keepalive });
      candidates = result.candidates;
      return result.answer;
    },
    drop: (session: bigint): void => {
      candidates = without(candidates, session);
    },
    known: () => candidates.sessions.length,
  };
}

test('a session is answered each time it asks, four times within a keepalive', () => {
  const { ask: asks } = desk();
  expect([0, 10, 20, 30, 40, 999].map((at) => asks(7n, at))).toEqual([7n, 7n, 7n, 7n, undefined, undefined]);
  expect([1000, 1005, 1010, 1020, 1030].map((at) => asks(7n, at))).toEqual([7n, undefined, 7n, 7n, 7n]);
});

test('all sessions together are answered 32 times within a keepalive, 16 times of them again', () => {
  const { ask: asks } = desk();
  const answered = (from: number, to: number, at: number): number => {
    let count = 0;
    for (let session = from; session <= to; session += 1) if (asks(BigInt(session), at) !== undefined) count += 1;
    return count;
  };
  expect(answered(1, 50, 0)).toBe(32);
  expect(answered(1, 32, 1000)).toBe(16);
  expect(answered(33, 50, 1000)).toBe(16);
  expect(answered(1, 50, 1999)).toBe(0);
});

test('one that found no answer left gets the next one, though another asks', () => {
  const { ask: asks } = desk();
  for (let session = 1n; session <= 32n; session += 1n) asks(session, 0);
  expect(asks(99n, 500)).toBeUndefined();
  expect(asks(1n, 1000)).toBe(99n);
  expect(asks(1n, 1001)).toBe(1n);
});

test('one that asked longer ago than a keepalive takes no turn from those that ask now', () => {
  const { ask: asks } = desk();
  for (let session = 1n; session <= 60n; session += 1n) asks(session, 0);
  expect([1000, 2000].map((at) => asks(999n, at))).toEqual([999n, 999n]);
});

test('one that proved itself is forgotten', () => {
  const { ask: asks, drop, known } = desk();
  asks(1n, 0);
  asks(2n, 0);
  drop(1n);
  expect(known()).toBe(1);
});

describe('a flood of recordings', () => {
  /** `flood` sessions ask a hundred times a keepalive each; the partner's new one asks once. How long it waited. */
  function waitOf(flood: number, beganBefore: number): number | undefined {
    const { ask: asks } = desk();
    const partner = 1_000_000n;
    for (let at = -beganBefore; at < 10_000; at += 10) {
      if (at >= 0 && at % 1000 === 0 && asks(partner, at) === partner) return at;
      for (let session = 1; session <= flood; session += 1) if (asks(BigInt(session), at) === partner) return at;
    }
    return undefined;
  }

  test.each([1, 8, 16, 32, 63])('of %d sessions that is under way does not keep a new one waiting', (flood) => {
    expect(waitOf(flood, 5000)).toBe(0);
  });

  test.each([
    [1, 0],
    [31, 0],
    [32, 1000],
    [63, 2000],
  ])('of %d sessions that begins now keeps a new one waiting for %d ms at the most', (flood, limit) => {
    expect(waitOf(flood, 10)).toBeLessThanOrEqual(limit);
  });

  test('of made-up size takes bounded room', () => {
    const { ask: asks, known } = desk();
    for (let session = 1n; session <= 2000n; session += 1n) asks(session, 0);
    expect(known()).toBe(64);
  });
});
