// Whether an earlier pulse has left something on this machine that serves: a start must not end that.
import type { Configuration } from '@piranha/config';
import { floatingAddresses } from '@piranha/config';
import type { Interface } from '@piranha/protocol';
import { lifelineLimit } from '@piranha/protocol';
import { missing, othersShown, shownLvs } from '@piranha/runtime';
import type { Ownership } from './ownership.ts';

/** An lvs that lives, or else addresses that stand and whose owner spoke a moment ago. */
export function somebodyServes(
  configuration: Configuration,
  interfaces: readonly Interface[],
  ownership: Pick<Ownership, 'recall'>,
  livingLvs: () => readonly unknown[] = () => othersShown(shownLvs),
): boolean {
  if (livingLvs().length > 0) return true;
  const stands = missing(interfaces, floatingAddresses(configuration)).length === 0;
  return stands && ownership.recall(lifelineLimit(configuration)) !== undefined;
}
