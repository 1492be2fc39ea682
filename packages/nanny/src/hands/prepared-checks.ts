// Runs checks, each made ready once.
import type { Outcome } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import type { CheckResult } from '../rules/check-result.ts';
import { isNotMade, systemFailure } from '../rules/check-result.ts';
import type { Probe } from './probe.ts';
import { prepareProbe } from './probe.ts';

/** Makes one check; the signal calls it off. */
export type MakeCheck = (check: Check, signal: AbortSignal) => Promise<CheckResult>;

/** Starts with none ready. */
export function preparedChecks(): MakeCheck {
  // A check comes again with each run: what was made ready for it is kept as long as the check itself.
  const probes = new WeakMap<Check, Promise<Outcome<Probe, string>>>();

  return async (check, signal) => {
    const prepared = probes.get(check) ?? prepareProbe(check);
    probes.set(check, prepared);
    try {
      const probe = await prepared;
      return probe.ok ? await probe.value(signal) : probe;
    } catch (error) {
      // The engine for regular expressions is a file that is opened when it is first needed.
      const failed = systemFailure(error as NodeJS.ErrnoException);
      if (!isNotMade(failed)) throw error;
      probes.delete(check);
      return failed;
    }
  };
}
