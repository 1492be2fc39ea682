// The addresses of hosts, as far as they are known.
import type { IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import type { HostText } from './configuration.ts';

/** Host names with the addresses that were found for them; null where none was. */
export type Names = Readonly<Record<string, IpAddress | null>>;

/** The address of a host; undefined for a name without one. */
export const addressOf = (host: HostText, names: Names): IpAddress | undefined =>
  parseIpAddress(host) ?? (Object.hasOwn(names, host) ? (names[host] ?? undefined) : undefined);
