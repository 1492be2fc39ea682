// Checks under way.
import type { Outcome } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import type { CheckResult } from '../rules/check-result.ts';
import { isNotMade, systemFailure } from '../rules/check-result.ts';
import type { Probe } from './probe.ts';
import { prepareProbe } from './probe.ts';
import type { UnderWay } from '../rules/under-way.ts';
import { createUnderWay } from '../rules/under-way.ts';

/** Runs checks. */
export type Checks = UnderWay<Check, CheckResult>;

/** Starts with none. */
export function createChecks(): Checks {
  // A check comes again with each run: what was made ready for it is kept as long as the check itself.
  const probes = new WeakMap<Check, Promise<Outcome<Probe, string>>>();

  const probeOf = (check: Check): Promise<Outcome<Probe, string>> => {
    const probe = probes.get(check) ?? prepareProbe(check);
    probes.set(check, probe);
    return probe;
  };

  return createUnderWay(async (check, signal) => {
    try {
      const probe = await probeOf(check);
      return probe.ok ? await probe.value(signal) : probe;
    } catch (error) {
      // The engine for regular expressions is a file that is opened when it is first needed.
      const failed = systemFailure(error as NodeJS.ErrnoException);
      if (!isNotMade(failed)) throw error;
      probes.delete(check);
      return failed;
    }
  });
}
