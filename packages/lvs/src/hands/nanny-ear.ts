// How much lvs listens to one nanny: it reads what strangers send, and must not take lvs or the log with it.
import type { Clock, Instant, Millis } from '@piranha/domain';
import { between, instant, seconds } from '@piranha/domain';

/** So much of one kind in so long. */
type Budget = { readonly most: number; readonly length: Millis };

/** Many times what a nanny with a thousand servers says at once. */
const lines: Budget = { most: 20_000, length: seconds(1) };
/** A nanny of a later version may say something that this lvs does not know. */
const unknownLines: Budget = { most: 100, length: seconds(1) };
/** Lines for the log. */
const logLines: Budget = { most: 3000, length: seconds(60) };

/** What may be said and what becomes of it. */
export type Ear = {
  /** A line of its output; the answer is why it could not be read, or nothing. */
  readonly hear: (line: string) => string | undefined;
  /** It says more than it can have to say: it is to be ended. Called once; nothing is heard after that. */
  readonly onBroken: (problem: string) => void;
  /** Lines for the log that were left out. */
  readonly onLeftOut: (count: number) => void;
};

/** Listens to one nanny. */
export function nannyEar(clock: Clock, { hear, onBroken, onLeftOut }: Ear) {
  let broken = false;
  const [all, unknown, logged] = [counter(lines), counter(unknownLines), counter(logLines)];
  const stop = (problem: string): void => {
    broken = true;
    onBroken(problem);
  };
  return {
    onLine: (line: string): void => {
      if (broken) return;
      if (all.over(clock.now())) stop(`it says more than ${lines.most} lines a second`);
      else if (hear(line) !== undefined && unknown.over(clock.now()))
        stop('it says what nobody understands, again and again');
    },
    /** Whether one more thing of it may go into the log, whichever way it came. */
    mayLog: (): boolean => {
      if (broken) return false;
      const isOver = logged.over(clock.now());
      const before = logged.leftOut();
      if (before > 0) onLeftOut(before);
      return !isOver;
    },
  };
}

/** Counts from the first thing after a pause on. */
function counter({ most, length }: Budget) {
  let since: Instant = instant(-Infinity);
  let count = 0;
  let ended = 0;
  return {
    /** Whether this one is over the budget. */
    over: (at: Instant): boolean => {
      if (between(since, at) >= length) {
        ended = Math.max(0, count - most);
        [since, count] = [at, 0];
      }
      count += 1;
      return count > most;
    },
    /** How many were over it in the last time, told once. */
    leftOut: (): number => {
      const told = ended;
      ended = 0;
      return told;
    },
  };
}
