// How each real server is checked, from what lvs.cf says.
import { endpoint } from '@piranha/domain';
import type { Configuration, RealServer, VirtualServer } from '@piranha/config';
import type { ServerId } from '@piranha/ipvs';
import { destinationKeyOf, keyOf, serverId, weighingOf } from '@piranha/ipvs';
import type { Check, CheckParts } from '@piranha/protocol';
import { checkFrom, impliedHttpCheck } from '@piranha/protocol';
import { loadQuery } from './load-query.ts';
import type { Watch } from '../state-parts.ts';

/** The checks of all active servers of all active virtual servers. */
export function checksOf({ virtualServers, rshCommand }: Configuration): ReadonlyMap<ServerId, Omit<Watch, 'nanny'>> {
  const checks = virtualServers
    .filter((virtual) => virtual.active)
    .flatMap((virtual) =>
      virtual.servers
        .filter((server) => server.active)
        .map((server): [ServerId, Omit<Watch, 'nanny'>] => [
          serverId(virtual, server),
          {
            check: checkOf(virtual, server, rshCommand),
            label: `${virtual.name}/${server.name}`,
            service: keyOf(virtual),
            destination: destinationKeyOf(server),
            weighing: weighingOf(virtual, server),
          },
        ]),
    );
  return new Map(checks);
}

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
