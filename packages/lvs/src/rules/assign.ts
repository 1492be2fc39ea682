// Which nanny has which watch: one each until there are as many nannies as allowed, then the least busy one.
import type { LvsState } from '../state.ts';
import type { Watch, WatchId } from '../state-parts.ts';

/** Watches that have a nanny keep it; new ones are given one. */
export function assign(
  { watches, lastNanny }: Pick<LvsState, 'watches' | 'lastNanny'>,
  checks: ReadonlyMap<WatchId, Omit<Watch, 'nanny'>>,
  most: number,
): ReadonlyMap<WatchId, Watch> {
  const load = new Map<number, number>();
  const count = (nanny: number): number => {
    load.set(nanny, (load.get(nanny) ?? 0) + 1);
    return nanny;
  };
  for (const [id, { nanny }] of watches) if (checks.has(id)) count(nanny);
  let last = lastNanny;
  const leastBusy = (): number => [...load].reduce((best, each) => (each[1] < best[1] ? each : best))[0];
  const give = (): number => count(load.size < most || load.size === 0 ? ++last : leastBusy());
  return new Map([...checks].map(([id, check]) => [id, { ...check, nanny: watches.get(id)?.nanny ?? give() }]));
}
