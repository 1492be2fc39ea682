// One check under way: it settles once, by what it finds, at its limit or when it is called off, and leaves nothing open.
import type { Millis } from '@piranha/domain';
import { failure } from '@piranha/domain';
import type { Checked } from '../rules/check-result.ts';

/** What ends a check that finds nothing by itself. */
export type Bounds = { readonly limit: Millis; readonly signal: AbortSignal };

/** What a check in progress has to offer. */
export type Attempt<T = null> = {
  /** The finding when time is up. */
  readonly atLimit: () => Checked<T>;
  /** Closes everything. Called exactly once. */
  readonly close: () => void;
};

/** Ends the check; the first call counts. */
export type Settle<T = null> = (result: Checked<T>) => void;

/** Runs a check. `begin` must not settle before it returns. */
export function attempt<T = null>(bounds: Bounds, begin: (settle: Settle<T>) => Attempt<T>): Promise<Checked<T>> {
  return new Promise((resolve) => {
    let settled = false;
    const settle: Settle<T> = (result) => {
      if (settled) return;
      settled = true;
      disarm();
      bounds.signal.removeEventListener('abort', callOff);
      underWay.close();
      resolve(result);
    };
    const callOff = (): void => {
      settle(failure('the check was called off'));
    };
    const underWay = begin(settle);
    const disarm = startLimit(bounds.limit, () => {
      settle(underWay.atLimit());
    });
    bounds.signal.addEventListener('abort', callOff, { once: true });
    if (bounds.signal.aborted) callOff();
  });
}

/** A timer that fires this much too late (ms) tells that we ourselves were asleep. */
const overslept = 200;

/** Node's timers count in 31 bits of milliseconds. */
const longestTimer = 2 ** 31 - 1;

/**
 * Calls back when `limit` has passed and all that arrived within it has been read. If this process was itself stopped
 * or starved meanwhile, the server gets its time once more: it is not to blame.
 */
function startLimit(limit: Millis, onPassed: () => void): () => void {
  const length = Math.min(limit, longestTimer);
  const began = performance.now();
  let reading: NodeJS.Immediate | undefined;
  const passed = (): void => {
    // Timers come before sockets in Node's loop, immediates after them.
    reading = setImmediate(onPassed);
  };
  let timer = setTimeout(() => {
    if (performance.now() - began < length + overslept) passed();
    else timer = setTimeout(passed, length);
  }, length);
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}
