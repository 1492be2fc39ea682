// Virtual time: what is to happen, in order. Nothing here takes real time.

type Entry = { readonly at: number; readonly order: number; readonly act: () => void };

/** Everything that is still to happen, soonest first; what is due at the same moment happens in the order it was put in. */
export type Agenda = {
  /** Milliseconds since the beginning of the simulation. */
  readonly now: () => number;
  readonly put: (at: number, act: () => void) => void;
  /** Lets time pass; gives the number of things that happened. */
  readonly runUntil: (end: number) => number;
};

const comesFirst = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap. */
export function makeAgenda(): Agenda {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;

  const rise = (entry: Entry): void => {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !comesFirst(entry, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  };

  const sink = (entry: Entry): void => {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const [child, at] = other !== undefined && comesFirst(other, one) ? [other, left + 1] : [one, left];
      if (!comesFirst(child, entry)) break;
      heap[index] = child;
      index = at;
    }
    heap[index] = entry;
  };

  const take = (): Entry | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && last !== first) sink(last);
    return first;
  };

  return {
    now: () => now,
    put: (at, act) => {
      rise({ at: Math.max(at, now), order: order++, act });
    },
    runUntil: (end) => {
      let count = 0;
      for (let next = heap[0]; next !== undefined && next.at <= end; next = heap[0]) {
        take();
        now = next.at;
        next.act();
        count += 1;
      }
      now = end;
      return count;
    },
  };
}
