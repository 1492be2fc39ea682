// What of a configuration the checks are about.
import type { Configuration, ForwardingMethod, VirtualServer } from '@piranha/config';
import type { IpAddress, IpFamily } from '@piranha/domain';
import { familyOf } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Facts } from './facts.ts';

export type Role = 'primary' | 'backup';

export const activeVirtuals = ({ virtualServers }: Configuration): readonly VirtualServer[] =>
  virtualServers.filter((virtual) => virtual.active);

/** The real servers in use that are reached in this way, the sorry server among them. */
export const reachedBy = (virtual: VirtualServer, methods: readonly ForwardingMethod[]): readonly IpAddress[] => [
  ...virtual.servers.filter((each) => each.active && methods.includes(each.network)).map((each) => each.address),
  ...(virtual.sorryServer !== undefined && methods.includes(virtual.network) ? [virtual.sorryServer] : []),
];

/** The active virtual servers of an IP version with servers that are reached in this way. */
export const virtualsBy = (
  configuration: Configuration,
  family: IpFamily,
  ...methods: readonly ForwardingMethod[]
): readonly VirtualServer[] =>
  activeVirtuals(configuration).filter(
    (virtual) => familyOf(virtual.vip.address) === family && reachedBy(virtual, methods).length > 0,
  );

/** As words of a sentence: `virtual server web`, `virtual servers web, mail`. */
export function namesOf(virtuals: readonly VirtualServer[]): string {
  const shown = virtuals.slice(0, 5).map((virtual) => virtual.name);
  const more = virtuals.length > shown.length ? ` and ${virtuals.length - shown.length} more` : '';
  return `virtual server${virtuals.length === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
}

/** Which router this is: the one that has the primary's or the backup's address on any interface. */
export function roleAmong({ primary, backup }: Configuration, interfaces: readonly Interface[]): Role | undefined {
  const entries = interfaces.flatMap((device) => device.addresses);
  // With a tentative address nothing can be done yet (RFC 4862, 5.4).
  const own = new Set(entries.filter((entry) => entry.tentative !== true).map((entry) => entry.address));
  if (primary !== undefined && own.has(primary)) return 'primary';
  return backup !== undefined && own.has(backup) ? 'backup' : undefined;
}

/** Undefined where neither of the routers' addresses, or nothing at all, is known to be on this machine. */
export const roleOf = (configuration: Configuration, { interfaces }: Facts): Role | undefined =>
  interfaces.ok ? roleAmong(configuration, interfaces.value) : undefined;

/** One way of heartbeats, as this router has it. */
export type Ends = { readonly own: IpAddress; readonly partner: IpAddress };

/** The ways by which the partner's heartbeats come; none without a partner. */
export function channelsOf(configuration: Configuration, role: Role | undefined): readonly Ends[] {
  const { backupActive, primary, backup, privateChannel } = configuration;
  if (!backupActive || role === undefined) return [];
  return [{ primary, backup }, privateChannel].flatMap((ends) => {
    const [own, partner] = role === 'primary' ? [ends?.primary, ends?.backup] : [ends?.backup, ends?.primary];
    return own === undefined || partner === undefined ? [] : [{ own, partner }];
  });
}

/** The partner's addresses. */
export const partnersOf = (configuration: Configuration, role: Role | undefined): readonly IpAddress[] =>
  channelsOf(configuration, role).map(({ partner }) => partner);
