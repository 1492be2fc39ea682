// What an earlier pulse has left on this machine, and what that is still worth.
import type { Configuration } from '@piranha/config';
import { floatingAddresses } from '@piranha/config';
import { lifelineLimit } from '@piranha/protocol';
import type { Interface } from '@piranha/protocol';
import { missing } from '@piranha/runtime/addresses';
import { othersShown, shownLvs } from '@piranha/runtime/processes';
import type { LivingLvs } from './adopted-lvs.ts';
import type { Owned, Ownership } from './ownership.ts';
import { fenceAtStart } from '../rules/fence-timers.ts';
import type { AdoptedLvs } from '../events.ts';
import type { KeptTimers, PulseSettings } from '../state.ts';
import type { TimersFile } from './timers-file.ts';

/** Where this pulse begins. */
type Begin = {
  readonly settings: Pick<PulseSettings, 'keepalive' | 'deadtime' | 'addresses'>;
  /** The timers that counted before. */
  readonly kept: KeptTimers | undefined;
  readonly interfaces: readonly Interface[];
  readonly ownership: Pick<Ownership, 'recall'>;
};

/**
 * What an earlier pulse wrote down as the owner: it counts for as long as the partner waited for that pulse, while the
 * kernel still has all addresses.
 */
function ownedStill({ settings, kept, interfaces, ownership }: Begin): Owned | undefined {
  const owned = ownership.recall(lifelineLimit(fenceAtStart(settings, kept)));
  return missing(interfaces, settings.addresses).length === 0 ? owned : undefined;
}

/** What an earlier pulse may have kept in files. */
type Memories = { readonly ownership: Pick<Ownership, 'recall'>; readonly timers: Pick<TimersFile, 'recall'> };

/** Whether something that an earlier pulse has left serves: a start must not end that. A living lvs cannot be asked yet. */
export function somebodyServes(
  configuration: Configuration,
  interfaces: readonly Interface[],
  { ownership, timers }: Memories,
  livingLvs: () => readonly unknown[] = () => othersShown(shownLvs),
): boolean {
  if (livingLvs().length > 0) return true;
  const settings = { ...configuration, addresses: floatingAddresses(configuration) };
  return ownedStill({ settings, kept: timers.recall(), interfaces, ownership }) !== undefined;
}

type Found = Begin & {
  readonly lvs: Pick<LivingLvs, 'standing'> | undefined;
  /** The machine's monotonic clock, in ms. */
  readonly now: number;
};

/**
 * The word of its lvs, or else what it wrote down itself and the kernel still has. An lvs that was active when it was asked
 * may have had to fence itself since.
 */
export function whatIsLeft({ lvs, now, ...begin }: Found): AdoptedLvs | undefined {
  if (lvs === undefined) {
    const owned = ownedStill(begin);
    return owned === undefined ? undefined : { ...owned, lives: false, serves: true, fenced: false };
  }
  const { role, term, held, fencesAt = Infinity } = lvs.standing;
  const overdue = role === 'active' && now >= fencesAt;
  const fenced = overdue || role === 'fencing' || role === 'fenced';
  return { lives: true, serves: role === 'active' && !overdue, fenced, term, held };
}
