// Work that must not overlap.

/** Runs each piece of work when the one before it has ended, in the order in which they were given. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue. Work that fails does not hold up the next. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
