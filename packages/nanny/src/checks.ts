// Checks under way, each known by its number so that it can be called off.
import type { Check } from '@piranha/protocol';
import type { CheckResult } from './check-result.ts';
import type { Probe } from './probe.ts';
import { prepareProbe } from './probe.ts';

/** Runs checks. */
export type Checks = {
  /** Runs one; undefined when it was called off. */
  readonly run: (run: number, check: Check) => Promise<CheckResult | undefined>;
  readonly callOff: (run: number) => void;
  readonly callOffAll: () => void;
};

/** Starts with none. */
export function createChecks(): Checks {
  // A check comes again with each run: what was made ready for it is kept as long as the check itself.
  const probes = new WeakMap<Check, Promise<Probe>>();
  const underWay = new Map<number, AbortController>();

  const probeOf = (check: Check): Promise<Probe> => {
    const probe = probes.get(check) ?? prepareProbe(check);
    probes.set(check, probe);
    return probe;
  };

  return {
    run: async (run, check) => {
      const controller = new AbortController();
      underWay.set(run, controller);
      const probe = await probeOf(check);
      const result = await probe(controller.signal);
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
