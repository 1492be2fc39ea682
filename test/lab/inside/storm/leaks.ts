// Whether a process holds more than those of its name did at first.
import type { RouterFacts } from './facts.ts';

/** Over what the first one of that name held: a check, a question and a short command may be under way. */
const moreDescriptors = 8;

/** What V8 keeps until it collects comes and goes (KB). */
const moreMemory = 60_000;

type Holding = { readonly descriptors: number; readonly memory: number };

/** The least that each program was seen to hold while the pair was well, beside as many others of its router. */
export type LeakWatch = (facts: readonly RouterFacts[]) => readonly string[];

/** Judges each look against the least before. */
export function watchLeaks(): LeakWatch {
  const least = new Map<string, Holding>();
  return (facts) =>
    facts.flatMap(({ name, processes }) =>
      processes.flatMap(({ program, descriptors, memory }) => {
        if (program === undefined) return [];
        // An lvs with nannies has a pipe to each.
        const place = `${program} ${processes.filter((each) => each.program !== undefined).length}`;
        const before = least.get(place) ?? { descriptors, memory };
        least.set(place, {
          descriptors: Math.min(before.descriptors, descriptors),
          memory: Math.min(before.memory, memory),
        });
        return [
          ...more(`${name}: ${program} holds descriptors`, descriptors, before.descriptors, moreDescriptors),
          ...more(`${name}: ${program} holds KB`, memory, before.memory, moreMemory),
        ];
      }),
    );
}

const more = (what: string, now: number, before: number, most: number): string[] =>
  now - before > most ? [`${what}: ${now}, at first ${before}`] : [];
