// How packets reach the servers of a file, and by which port.
import type { Port } from '@piranha/domain';
import type { ForwardingMethod } from './configuration.ts';
import type { Draft, DraftServer, DraftVirtual } from './draft-blocks.ts';

/** The forwarding method of a server: the nearest `network` line counts, wherever it stands. */
export const forwardingOf = (
  server: DraftServer,
  virtual: DraftVirtual,
  network: ForwardingMethod,
): ForwardingMethod => (server.onRouter ? 'direct' : (server.values.network ?? virtual.values.network ?? network));

/** The forwarding method of a sorry server. */
export const sorryMethodOf = ({ values, sorryOnRouter }: DraftVirtual, network: ForwardingMethod): ForwardingMethod =>
  sorryOnRouter ? 'direct' : (values.network ?? network);

/** Of a service for several ports. */
export const everyPort = 0 as Port;

/**
 * The port that packets leave for. Only masquerading can change it. A firewall mark, like port 0, gathers packets for
 * several ports: they stay apart unless the block of a masqueraded server names one port for all of them.
 */
export function forwardPortOf(server: DraftServer, virtual: DraftVirtual, method: ForwardingMethod): Port {
  const { port } = virtual;
  const several = virtual.values.fwmark !== 0;
  const own = method === 'nat' && (several ? server.given.has('port') : port !== 0);
  return (own ? server.port : several ? everyPort : port) ?? everyPort;
}

/** The router address of a NAT network floats only while something is forwarded by NAT. */
export function usesNat({ global, virtuals }: Pick<Draft, 'global' | 'virtuals'>): boolean {
  const { network } = global.values;
  const own = virtuals
    .filter((virtual) => virtual.values.active)
    .flatMap((virtual) =>
      virtual.servers.filter((each) => each.values.active).map((each) => forwardingOf(each, virtual, network)),
    );
  return network === 'nat' || own.includes('nat');
}
