// Work under way, each piece known by its number so that it can be called off.

/** Runs pieces of one kind of work. */
export type UnderWay<Task, Result> = {
  /** Runs one; undefined when it was called off. */
  readonly run: (run: number, task: Task) => Promise<Result | undefined>;
  readonly callOff: (run: number) => void;
  readonly callOffAll: () => void;
};

/** Starts with none. */
export function createUnderWay<Task, Result>(
  work: (task: Task, signal: AbortSignal) => Promise<Result>,
): UnderWay<Task, Result> {
  const underWay = new Map<number, AbortController>();
  return {
    run: async (run, task) => {
      const controller = new AbortController();
      underWay.set(run, controller);
      const result = await work(task, controller.signal);
      underWay.delete(run);
      return controller.signal.aborted ? undefined : result;
    },
    callOff: (run) => {
      underWay.get(run)?.abort();
    },
    callOffAll: () => {
      for (const controller of underWay.values()) controller.abort();
    },
  };
}
