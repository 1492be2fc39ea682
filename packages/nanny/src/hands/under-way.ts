// Work under way, each piece known by its number so that it can be called off.

/** The pieces of one kind of work. */
export type UnderWay = {
  /** Takes note of one; the signal calls it off. */
  readonly begin: (run: number) => AbortSignal;
  /** It is over; tells whether anybody still wants its result: false where it was called off. */
  readonly end: (run: number) => boolean;
  readonly callOff: (run: number) => void;
  readonly callOffAll: () => void;
};

/** Starts with none. */
export function createUnderWay(): UnderWay {
  const underWay = new Map<number, AbortController>();
  const callOff = (run: number): void => {
    underWay.get(run)?.abort();
    underWay.delete(run);
  };
  return {
    begin: (run) => {
      const controller = new AbortController();
      underWay.set(run, controller);
      return controller.signal;
    },
    end: (run) => underWay.delete(run),
    callOff,
    callOffAll: () => {
      for (const run of [...underWay.keys()]) callOff(run);
    },
  };
}
