// Checks that this router could not make: told once, and once more when all can be made again. Pure.
import type { Instant } from '@piranha/domain';
import { between, instant, seconds } from '@piranha/domain';

/** What cannot be done now. */
export type Trouble = {
  /** Checks and queries that could not be made the last time. */
  readonly unmade: ReadonlySet<string>;
  /** As it was told; undefined where nothing is wrong. */
  readonly told: string | undefined;
  readonly lastAt: Instant;
};

/** All checks can be made. */
export const noTrouble: Trouble = { unmade: new Set(), told: undefined, lastAt: instant(-Infinity) };

/** A router at its limit fails now and then: it is well again when nothing has failed for so long. */
const quietTime = seconds(10);

/** `news` is what to tell: the problem, null when it is over, undefined for nothing. */
type Noted = { readonly trouble: Trouble; readonly news: string | null | undefined };

/** Takes note of one that could not be made. */
export const noteUnmade = (before: Trouble, what: string, problem: string, at: Instant): Noted => ({
  trouble: { unmade: new Set(before.unmade).add(what), told: before.told ?? problem, lastAt: at },
  news: before.told === undefined ? problem : undefined,
});

/** Takes note of one that was made. */
export function noteMade(before: Trouble, what: string, at: Instant): Noted {
  if (before.told === undefined) return { trouble: before, news: undefined };
  const trouble = forgetUnmade(before, what);
  const over = trouble.unmade.size === 0 && between(trouble.lastAt, at) >= quietTime;
  return over ? { trouble: noTrouble, news: null } : { trouble, news: undefined };
}

/** It is not to be made any more. */
export function forgetUnmade(before: Trouble, what: string): Trouble {
  if (!before.unmade.has(what)) return before;
  return { ...before, unmade: new Set([...before.unmade].filter((each) => each !== what)) };
}
