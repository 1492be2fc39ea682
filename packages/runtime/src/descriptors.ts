// Room for files and sockets, for this process and its children.
import type { DescriptorLimit } from '@piranha/libc';
import { descriptorLimits } from '@piranha/libc';

/** Enough for checks of some 16,000 servers in one process; more than is needed costs nothing. */
const plenty = 65_536;

type Limits = Pick<ReturnType<typeof descriptorLimits>, 'read' | 'set'>;

/**
 * Raises the limit of this process, and of the children that it starts from now on, as far as it may. Gives the limit that
 * holds then; Infinity where nobody can tell.
 */
export function raiseDescriptorLimit(limits: Limits = descriptorLimits()): number {
  const found = limits.read();
  if (!found.ok) return Infinity;
  const { soft, hard } = found.value;
  const wishes: readonly DescriptorLimit[] = [
    { soft: Math.max(soft, plenty), hard: Math.max(hard, plenty) },
    { soft: hard, hard },
  ];
  return wishes.find((wish) => wish.soft === soft || limits.set(wish).ok)?.soft ?? soft;
}
