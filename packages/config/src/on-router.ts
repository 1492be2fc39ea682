// Servers at a loopback address: pages of the router itself.
import { isLoopback } from '@piranha/domain';
import { forwardingOf, sorryMethodOf } from './forwarding.ts';
import type { Names } from './host-address.ts';
import { addressOf } from './host-address.ts';
import type { ForwardingMethod, HostText } from './configuration.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';

/**
 * The draft with masqueraded loopback addresses reached directly. The kernel drops what comes from outside and is
 * rewritten to such an address; with direct routing it hands the packet, as it is, to the router's own programs. Other
 * addresses of the router work with NAT, too.
 */
export function reachOnRouter(draft: Draft, names: Names): Draft {
  const { network } = draft.global.values;
  return { ...draft, virtuals: draft.virtuals.map((virtual) => withLocalServers(virtual, network, names)) };
}

function withLocalServers(virtual: DraftVirtual, network: ForwardingMethod, names: Names): DraftVirtual {
  const isHere = (host: HostText | undefined, method: ForwardingMethod): boolean => {
    const address = host === undefined ? undefined : addressOf(host, names);
    return method === 'nat' && address !== undefined && isLoopback(address);
  };
  const { values, sorryOnRouter, servers } = virtual;
  return {
    ...virtual,
    sorryOnRouter: sorryOnRouter || isHere(values.sorry_server, sorryMethodOf(virtual, network)),
    servers: servers.map((server) =>
      isHere(server.values.address, forwardingOf(server, virtual, network)) ? { ...server, onRouter: true } : server,
    ),
  };
}
