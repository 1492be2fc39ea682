// How each real server is checked, from what lvs.cf says.
import { endpoint } from '@piranha/domain';
import type { Configuration, RealServer, VirtualServer } from '@piranha/config';
import type { ServerId } from '@piranha/ipvs';
import { destinationKeyOf, keyOf, serverId, weighingOf } from '@piranha/ipvs';
import type { Check, CheckParts } from '@piranha/protocol';
import { checkFrom, impliedHttpCheck } from '@piranha/protocol';
import { loadQuery } from './load-query.ts';
import type { CheckedServer, Watch, WatchId } from '../state-parts.ts';

/** The one check that the keys of a virtual server describe. */
const serviceCheck = 'service';

/** Names a check of a server. */
export const watchId = (server: ServerId, check = serviceCheck): WatchId => `${server} ${check}` as WatchId;

/** The checks of all active servers of all active virtual servers. */
export const checksOf = (configuration: Configuration): ReadonlyMap<WatchId, Omit<Watch, 'nanny'>> =>
  new Map(
    activeServers(configuration).map(({ id, virtual, server }) => [
      watchId(id),
      { server: id, check: checkOf(virtual, server, configuration.rshCommand) },
    ]),
  );

/** The servers that these checks are about. */
export const checkedServers = (configuration: Configuration): ReadonlyMap<ServerId, CheckedServer> =>
  new Map(
    activeServers(configuration).map(({ id, virtual, server }) => [
      id,
      {
        label: `${virtual.name}/${server.name}`,
        service: keyOf(virtual),
        destination: destinationKeyOf(server),
        weighing: weighingOf(virtual, server),
      },
    ]),
  );

const activeServers = ({ virtualServers }: Configuration) =>
  virtualServers
    .filter((virtual) => virtual.active)
    .flatMap((virtual) =>
      virtual.servers
        .filter((server) => server.active)
        .map((server) => ({ id: serverId(virtual, server), virtual, server })),
    );

function checkOf(virtual: VirtualServer, server: RealServer, rshCommand: readonly string[]): Check {
  const { timeout, reentry, fall, useRegex, sendProgram } = virtual.check;
  return checkFrom({
    virtual: virtual.fwmark === undefined ? endpoint(virtual.vip.address, virtual.port) : `fwmark ${virtual.fwmark}`,
    address: server.address,
    port: server.port,
    protocol: virtual.protocol,
    ...conversation(virtual),
    useRegex,
    program: sendProgram ?? null,
    timeout,
    fall,
    rise: Math.max(1, Math.floor(reentry / timeout)),
    load: loadQuery(virtual, server, rshCommand),
  });
}

/** A web server is asked for its page where nothing else is said. */
function conversation({ port, protocol, check }: VirtualServer): Pick<CheckParts, 'send' | 'expect'> {
  const { send, expect, sendProgram } = check;
  const nothing = send === undefined && expect === undefined && sendProgram === undefined;
  if (nothing && port === 80 && protocol === 'tcp') return impliedHttpCheck;
  return { send: send ?? null, expect: expect ?? null };
}
