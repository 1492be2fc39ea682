// The order of deeds: each comes once before any comes again.
import type { Random } from '@piranha/testing';

/** A copy in an order by chance. */
export function shuffled<T>(list: readonly T[], { whole }: Pick<Random, 'whole'>): T[] {
  const cards = [...list];
  for (let last = cards.length - 1; last > 0; last -= 1) {
    const other = whole(0, last);
    const [one, two] = [cards[last], cards[other]] as [T, T];
    [cards[last], cards[other]] = [two, one];
  }
  return cards;
}
