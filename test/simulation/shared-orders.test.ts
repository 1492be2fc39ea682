import { expect, test } from '@jest/globals';
import { milliseconds } from '@piranha/domain';
import fc from 'fast-check';
import { orderPair, servers } from './order-pair.ts';

type Pair = ReturnType<typeof orderPair>;
type Deed = (pair: Pair) => void;

const side = fc.constantFrom(0 as const, 1 as const);
const server = fc.constantFrom(...servers);

const anyOrder = fc
  .tuple(side, server, fc.constantFrom('up', 'down', 'auto', 'drain', 'drain for 5 s', 'undrain'))
  .map(([which, name, what]): Deed => ({ nodes }) => {
    const it = { virtual: 'web', server: name };
    if (what === 'undrain') nodes[which].order({ type: 'undrain', ...it });
    else if (what === 'drain' || what === 'drain for 5 s')
      nodes[which].order({ type: 'drain', ...it, timeoutMs: what === 'drain' ? null : milliseconds(5000) });
    else nodes[which].order({ type: 'force', ...it, to: what });
  });

const anyFault = fc.oneof(
  fc.constantFrom(0, 0.3, 0.9, 1).map((share): Deed => ({ lose }) => {
    lose(share);
  }),
  fc
    .tuple(side, fc.boolean(), fc.constantFrom('restart' as const, 'killLvs' as const))
    .map(([which, forgets, what]): Deed => ({ nodes, restart }) => {
      if (what === 'restart') restart(which, forgets);
      else nodes[which].killLvs(forgets);
    }),
);

const anyPause = fc.integer({ min: 1, max: 6000 }).map((lengthMs): Deed => ({ pass }) => {
  pass(lengthMs);
});

const anyCourse = fc.array(
  fc.oneof({ weight: 4, arbitrary: anyOrder }, { weight: 2, arbitrary: anyFault }, { weight: 3, arbitrary: anyPause }),
  { minLength: 1, maxLength: 25 },
);

const heal = ({ lose, pass }: Pair): void => {
  lose(0);
  pass(12_000);
};

test('whatever was ordered where, lost and forgotten, both routers hold the same orders in the end', () => {
  fc.assert(
    fc.property(fc.nat(), anyCourse, (seed, course) => {
      const pair = orderPair(seed);
      for (const deed of course) deed(pair);
      heal(pair);
      const [one, other] = pair.nodes.map((node) => node.words());
      expect(one).toEqual(other);
    }),
    { numRuns: 120 },
  );
});

test('what is ordered while both are there counts on both, whatever was before', () => {
  fc.assert(
    fc.property(fc.nat(), anyCourse, side, (seed, course, which) => {
      const pair = orderPair(seed);
      for (const deed of course) deed(pair);
      heal(pair);
      pair.nodes[which].order({ type: 'force', virtual: 'web', server: 'two', to: 'down' });
      pair.pass(2500);
      for (const node of pair.nodes) {
        expect(node.words()['tcp 10.0.0.100:80/10.0.1.2:80']).toMatchObject({ type: 'force', to: 'down' });
      }
    }),
    { numRuns: 60 },
  );
});

test('a drain ends on both routers at the same time, also where one has lost it and got it back', () => {
  const pair = orderPair(1);
  heal(pair);
  pair.nodes[0].order({ type: 'drain', virtual: 'web', server: 'one', timeoutMs: milliseconds(60_000) });
  heal(pair);
  pair.restart(0, true);
  heal(pair);
  const [one = 0, other = Infinity] = pair.nodes.map((node) => [...node.deadlines().values()][0]);
  expect(Math.abs(one - other)).toBeLessThan(200);
});
