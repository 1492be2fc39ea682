// Which address makes this machine a router, where it has none yet.
import type { Configuration } from '@piranha/config';
import type { Interface } from '@piranha/protocol';

/** In words, for log lines; undefined where the file names no router. */
export function awaitedAddress(
  { primary, backup }: Configuration,
  interfaces: readonly Interface[],
): string | undefined {
  const known = [primary, backup].filter((each) => each !== undefined);
  const tentative = interfaces
    .flatMap((device) => device.addresses)
    .find((entry) => entry.tentative === true && known.includes(entry.address));
  if (tentative !== undefined) return `${tentative.address}, which is tentative`;
  return known.length === 0 ? undefined : known.join(' or ');
}
