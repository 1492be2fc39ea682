import { expect, test } from '@jest/globals';
import { instant, never } from '@piranha/domain';
import fc from 'fast-check';
import type { Register } from './merge-orders.ts';
import { later } from './merge-orders.ts';

const moments = fc.integer({ min: -5, max: 5 }).map(instant);
const given = {
  since: moments,
  // Few, so that many are equal.
  stamp: fc.integer({ min: 0, max: 2 }),
  from: fc.constantFrom('here', 'partner'),
};
const registers: fc.Arbitrary<Register> = fc.oneof(
  fc.record({ type: fc.constant('force' as const), ...given, to: fc.constantFrom('up', 'down') }),
  fc.record({
    ...{ type: fc.constant('drain' as const), ...given, drained: fc.boolean() },
    timeoutMs: fc.option(fc.integer({ min: 1, max: 2 })),
    deadline: fc.oneof(moments, fc.constant(never)),
  }),
  fc.record({ type: fc.constant('release' as const), ...given }),
);

test('of two words about a server both routers take the same, whichever they hear first', () => {
  fc.assert(
    fc.property(registers, registers, (one, other) => {
      expect(later(one, other)).toEqual(later(other, one));
    }),
    { numRuns: 1000 },
  );
});

test('it does not matter in which groups words come', () => {
  fc.assert(
    fc.property(registers, registers, registers, (one, two, three) => {
      expect(later(later(one, two), three)).toEqual(later(one, later(two, three)));
    }),
    { numRuns: 2000 },
  );
});

test('a word that is heard again changes nothing, not even the object', () => {
  fc.assert(
    fc.property(registers, registers, (one, other) => {
      const merged = later(one, other);
      expect(later(merged, other)).toBe(merged);
      expect(later(merged, { ...merged })).toBe(merged);
    }),
    { numRuns: 1000 },
  );
});

test('the higher stamp counts, whatever is said', () => {
  fc.assert(
    fc.property(registers, registers, (one, other) => {
      const above = { ...other, stamp: one.stamp + 1 };
      expect(later(one, above)).toBe(above);
    }),
  );
});

test('of equal stamps the word that does more counts', () => {
  const words = { since: instant(0), stamp: 1, from: 'here' } as const;
  const drain = { type: 'drain', ...words, deadline: never, drained: false } as const;
  const weakestFirst: readonly Register[] = [
    { type: 'release', ...words },
    { type: 'force', to: 'up', ...words },
    { ...drain, timeoutMs: 1000 },
    { ...drain, timeoutMs: 5000 },
    { ...drain, timeoutMs: null },
    { type: 'force', to: 'down', ...words },
  ];
  expect(weakestFirst.reduce(later)).toBe(weakestFirst.at(-1));
  for (const [index, word] of weakestFirst.entries()) {
    expect(weakestFirst.slice(0, index + 1).reduceRight(later)).toBe(word);
  }
});
