// For how long two routers had the address, and for how long none.
import type { Course } from './course.ts';

type Ownership = { readonly twoMs: number; readonly longestTwoMs: number; readonly noneMs: number };

export function ownershipOf({ samples, moves, from, to }: Course): Ownership {
  const owners = new Set((samples[0]?.routers ?? []).filter(({ active }) => active).map(({ router }) => router));
  const spans = { two: [0], none: [0] };
  let since = from;
  const spanEnds = (at: number): void => {
    if (owners.size === 2) spans.two.push(at - since);
    if (owners.size === 0) spans.none.push(at - since);
    since = at;
  };
  for (const { at, router, has } of moves.toSorted((one, other) => one.at - other.at)) {
    spanEnds(at);
    if (has) owners.add(router);
    else owners.delete(router);
  }
  spanEnds(to);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { twoMs: sum(spans.two), longestTwoMs: Math.max(...spans.two), noneMs: sum(spans.none) };
}
