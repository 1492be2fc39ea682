// Blocks whose host names have no address count as inactive: one name must not keep the others from being served.
import { parseIpAddress } from '@piranha/domain';
import type { Names } from './host-address.ts';
import type { HostText } from './configuration.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';
import { hasPartner } from './inert.ts';

/** The draft without the servers, sorry servers and services whose name was looked up in vain (`null` in `names`). */
export function leaveOutLost(draft: Draft, names: Names): Draft {
  const lost = (host: HostText | undefined): boolean =>
    host !== undefined && parseIpAddress(host) === undefined && Object.hasOwn(names, host) && names[host] === null;
  return {
    ...draft,
    global: pairWithoutLost(draft.global, lost),
    virtuals: draft.virtuals.map((virtual) => withoutLost(virtual, lost)),
  };
}

/** Without a partner nothing depends on the addresses of the pair but the primary's. */
function pairWithoutLost(global: Draft['global'], lost: (host: HostText | undefined) => boolean): Draft['global'] {
  if (hasPartner(global)) return global;
  const found = (host: HostText | undefined): HostText | undefined => (lost(host) ? undefined : host);
  const { backup, primary_private: ours, backup_private: theirs } = global.values;
  const values = { backup: found(backup), primary_private: found(ours), backup_private: found(theirs) };
  return { ...global, values: { ...global.values, ...values } };
}

function withoutLost(virtual: DraftVirtual, lost: (host: HostText | undefined) => boolean): DraftVirtual {
  const { values, servers } = virtual;
  return {
    ...virtual,
    values: {
      ...values,
      active: values.active && !lost(values.address?.host),
      sorry_server: lost(values.sorry_server) ? undefined : values.sorry_server,
    },
    servers: servers.map((server) => ({
      ...server,
      values: { ...server.values, active: server.values.active && !lost(server.values.address) },
    })),
  };
}
