// How long two routers had one address at the same time: by what their kernels report, and by what the wire carries.

/** A span of time, ms. */
export type Span = { readonly from: number; readonly to: number };

/** A router got the address or lost it, or a client can reach it or not any more. */
type Change = {
  readonly at: number;
  readonly router: string;
  readonly what: 'has' | 'reachable';
  readonly is: boolean;
};

/** What is known of the routers over a span. */
export type Sighting = {
  /** Who had the address when the span began. */
  readonly first: readonly string[];
  readonly moves: readonly { readonly at: number; readonly router: string; readonly has: boolean }[];
  /** When a router could not be reached by a client: its cable was out, or its power off. */
  readonly unreachable: readonly (Span & { readonly router: string })[];
  readonly span: Span;
};

/** How long more than one router had the address and could be reached. */
export function overlapMs({ first, moves, unreachable, span }: Sighting): number {
  const changes: Change[] = [
    ...moves.map(({ at, router, has }): Change => ({ at, router, what: 'has', is: has })),
    ...unreachable.flatMap(({ from, to, router }): Change[] => [
      { at: from, router, what: 'reachable', is: false },
      { at: to, router, what: 'reachable', is: true },
    ]),
  ].sort((a, b) => a.at - b.at);
  const has = new Set(first);
  const away = new Set<string>();
  let [overlap, since] = [0, span.from];
  for (const { at, router, what, is } of [...changes, { at: span.to, router: '', what: 'has' as const, is: false }]) {
    const now = Math.min(Math.max(at, span.from), span.to);
    if ([...has].filter((each) => !away.has(each)).length > 1) overlap += now - since;
    since = now;
    if (what === 'has' ? is : !is) (what === 'has' ? has : away).add(router);
    else (what === 'has' ? has : away).delete(router);
  }
  return Math.round(overlap);
}

/** From the first announcement of one station to the last of another, 0 if that was earlier. */
export function wireOverlapMs(
  frames: readonly { readonly at: number; readonly hex: string }[],
  stations: { readonly old: string; readonly fresh: string },
): number {
  const of = (mac: string): number[] =>
    frames.filter(({ hex }) => hex.slice(12, 24) === mac.replaceAll(':', '')).map(({ at }) => at);
  const [fresh] = of(stations.fresh);
  const old = of(stations.old).at(-1);
  return fresh === undefined || old === undefined ? 0 : Math.round(Math.max(0, old - fresh));
}
