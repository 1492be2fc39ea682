// Which real server an administrator means: by the names of the blocks in lvs.cf, or by addresses.
import type { Configuration, RealServer, VirtualServer } from '@piranha/config';
import type { Outcome } from '@piranha/domain';
import { endpoint, failure, success } from '@piranha/domain';
import type { ServerId } from '@piranha/ipvs';
import { keyOf, serverId } from '@piranha/ipvs';

/** The server, and `VIRTUAL/REAL` by the names of the blocks. */
export type FoundServer = { readonly id: ServerId; readonly label: string };

/** Finds an active server of an active virtual server; the error says which there are. */
export function findServer(
  { virtualServers }: Configuration,
  names: { readonly virtual: string; readonly server: string },
): Outcome<FoundServer, string> {
  const active = virtualServers.filter((each) => each.active);
  const virtual = theOne('virtual server', names.virtual, active, virtualWords);
  if (!virtual.ok) return virtual;
  const servers = virtual.value.servers.filter((each) => each.active);
  const server = theOne(`real server of ${virtual.value.name}`, names.server, servers, serverWords);
  if (!server.ok) return server;
  return success({
    id: serverId(virtual.value, server.value),
    label: `${virtual.value.name}/${server.value.name}`,
  });
}

/** The words that mean it, its name first. */
const virtualWords = (virtual: VirtualServer): readonly string[] => [
  virtual.name,
  keyOf(virtual),
  ...(virtual.fwmark === undefined ? [endpoint(virtual.vip.address, virtual.port)] : []),
];

const serverWords = ({ name, address, port }: RealServer): readonly string[] => [
  name,
  address,
  endpoint(address, port),
];

/** So many are named to who looks for another. */
const shown = 10;

function theOne<T>(
  kind: string,
  word: string,
  all: readonly T[],
  wordsOf: (each: T) => readonly string[],
): Outcome<T, string> {
  const [found, other] = all.filter((each) => wordsOf(each).includes(word));
  if (found !== undefined && other === undefined) return success(found);
  const names = (some: readonly T[], index: number): string =>
    some
      .slice(0, shown)
      .map((each) => wordsOf(each)[index] ?? wordsOf(each)[0])
      .join(', ') + (some.length > shown ? ` and ${some.length - shown} more` : '');
  if (other !== undefined) {
    const several = all.filter((each) => wordsOf(each).includes(word));
    return failure(`"${word}" is more than one active ${kind}: say which of ${names(several, 1)}`);
  }
  if (all.length === 0) return failure(`there is no active ${kind}`);
  return failure(`no active ${kind} is called "${word}"; there are ${names(all, 0)}`);
}
