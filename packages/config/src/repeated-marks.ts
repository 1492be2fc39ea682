// Blocks that share a firewall mark: one service of the kernel, as the original made it of the first of them.
import { familyOf } from '@piranha/domain';
import type { Names } from './host-address.ts';
import { addressOf } from './host-address.ts';
import type { Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';

/**
 * The draft without the active blocks whose mark an earlier one at the same address has: they count as inactive. One at
 * another address stays, and is refused later: without it nobody would have that address.
 */
export function leaveOutRepeated(draft: Draft, names: Names, report: Report): Draft {
  const seen = new Map<string, DraftVirtual>();
  const virtuals = draft.virtuals.map((virtual) => {
    const key = keyOf(virtual, names);
    const first = key === undefined ? undefined : seen.get(key);
    if (key !== undefined && first === undefined) seen.set(key, virtual);
    if (first === undefined) return virtual;
    const at = virtual.given.get('fwmark')?.value ?? virtual.place;
    const message = `virtual ${quoted(first.name)} in line ${first.place.line} has this firewall mark: virtual ${quoted(virtual.name)} is left out`;
    const hint =
      'one block with the mark serves every port that the mark is set for; remove this block, or give it a mark of its own';
    report.warning(at, 'same-mark', message, hint);
    return { ...virtual, values: { ...virtual.values, active: false } };
  });
  return { ...draft, virtuals };
}

/** Undefined for what has no mark, or none that could be read. */
function keyOf({ values, bad }: DraftVirtual, names: Names): string | undefined {
  const host = values.address?.host;
  const isUsable =
    values.active && values.fwmark !== 0 && ['active', 'fwmark', 'address'].every((key) => !bad.has(key));
  if (!isUsable || host === undefined) return undefined;
  const address = addressOf(host, names);
  return `${values.fwmark} ${address === undefined ? host : `${familyOf(address)} ${address}`}`;
}
