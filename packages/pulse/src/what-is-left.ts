// What an earlier pulse has left on this machine, and what that is still worth.
import { lifelineLimit } from '@piranha/protocol';
import type { Interface } from '@piranha/protocol';
import { missing } from '@piranha/runtime';
import type { LivingLvs } from './adopted-lvs.ts';
import type { Ownership } from './ownership.ts';
import { fenceAtStart } from './fence-timers.ts';
import type { AdoptedLvs, KeptTimers, PulseSettings } from './state.ts';

/** Where this pulse begins. */
type Found = {
  readonly lvs: Pick<LivingLvs, 'standing'> | undefined;
  readonly settings: PulseSettings;
  /** The timers that counted before. */
  readonly kept: KeptTimers | undefined;
  readonly interfaces: readonly Interface[];
  readonly ownership: Pick<Ownership, 'recall'>;
  /** The machine's monotonic clock, in ms. */
  readonly now: number;
};

/**
 * The word of its lvs, or else what it wrote down itself and the kernel still has. An lvs that was active when it was asked
 * may have had to fence itself since.
 */
export function whatIsLeft({ lvs, settings, kept, interfaces, ownership, now }: Found): AdoptedLvs | undefined {
  if (lvs === undefined) {
    const owned = ownership.recall(lifelineLimit(fenceAtStart(settings, kept)));
    const stands = missing(interfaces, settings.addresses).length === 0;
    return owned !== undefined && stands ? { ...owned, lives: false, serves: true, fenced: false } : undefined;
  }
  const { role, term, held, fencesAt = Infinity } = lvs.standing;
  const overdue = role === 'active' && now >= fencesAt;
  const fenced = overdue || role === 'fencing' || role === 'fenced';
  return { lives: true, serves: role === 'active' && !overdue, fenced, term, held };
}
