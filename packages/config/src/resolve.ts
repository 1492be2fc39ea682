// Host names become addresses.
import type { FloatingAddress, IpAddress } from '@piranha/domain';
import { parseIpAddress } from '@piranha/domain';
import { noAddress } from './assemble.ts';
import { usesNat } from './forwarding.ts';
import type { Names } from './host-address.ts';
import { addressOf } from './host-address.ts';
import type {
  Configuration,
  FloatingAddressOf,
  HostText,
  UnresolvedConfiguration,
  VirtualServer,
  VirtualServerOf,
} from './configuration.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import type { Draft } from './draft-blocks.ts';
import { isActive } from './draft-blocks.ts';
import { hasPartner } from './inert.ts';
import type { AnySettings } from './settings.ts';

/** A host name that has to be looked up, and where the file has it. */
export type HostUse = {
  readonly name: HostText;
  readonly places: readonly Place[];
  /** Whether a router's own address depends on it: without that nothing starts. */
  readonly essential: boolean;
  /** Nothing depends on it: an address of the pair where there is no partner. */
  readonly idle: boolean;
};

/** A host name without an address, and why. */
export type LostHost = HostUse & { readonly reason: string };

type Importance = 'essential' | 'idle' | 'service';

/** Every distinct host name of what is active. Names in inactive blocks are not looked up. */
export function hostsOf(draft: Draft): readonly HostUse[] {
  const { global, virtuals } = draft;
  const uses = new Map<HostText, { readonly places: Place[]; readonly needs: Importance[] }>();
  const use = (settings: AnySettings, key: string, host: HostText | undefined, need: Importance = 'service'): void => {
    const place = settings.given.get(key)?.value;
    if (host === undefined || place === undefined || parseIpAddress(host) !== undefined) return;
    const sofar = uses.get(host) ?? { places: [], needs: [] };
    sofar.places.push({ line: place.line, column: place.column });
    sofar.needs.push(need);
    uses.set(host, sofar);
  };
  const { values } = global;
  const ofPair = hasPartner(global) ? 'essential' : 'idle';
  use(global, 'primary', values.primary, 'essential');
  for (const key of ['backup', 'primary_private', 'backup_private'] as const) use(global, key, values[key], ofPair);
  if (usesNat(draft)) use(global, 'nat_router', values.nat_router?.host, 'essential');
  for (const virtual of virtuals.filter(isActive)) {
    use(virtual, 'address', virtual.values.address?.host);
    use(virtual, 'sorry_server', virtual.values.sorry_server);
    for (const server of virtual.servers.filter(isActive)) use(server, 'address', server.values.address);
  }
  return [...uses].map(([name, { places, needs }]) => ({
    name,
    places,
    essential: needs.includes('essential'),
    idle: needs.every((need) => need === 'idle'),
  }));
}

/** One complaint for every place where the file has the name. */
export const unknownHost = ({ name, places, reason }: LostHost): readonly Diagnostic[] =>
  places.map(({ line, column }) => ({
    line,
    column,
    severity: 'error',
    code: 'unknown-host',
    message: `no address was found for the host name ${quoted(name)}`,
    hint: reason,
  }));

/** The same where the file is used all the same. */
export const leftOut = (lost: LostHost): readonly Diagnostic[] =>
  unknownHost(lost).map((each) => ({
    ...each,
    severity: 'warning',
    message: `${each.message}: what needs it is left out until there is one`,
  }));

/** Puts addresses in the place of names. Throws where the name of something active is missing: a bug of the caller. */
export function withAddresses(unresolved: UnresolvedConfiguration, names: Names): Configuration {
  const needed = (host: HostText): IpAddress => {
    const address = addressOf(host, names);
    if (address === undefined) throw new Error(`the host name ${host} was not looked up`);
    return address;
  };
  const optional = (host: HostText | undefined): IpAddress | undefined =>
    host === undefined ? undefined : needed(host);
  const floating = (at: FloatingAddressOf<HostText>): FloatingAddress => ({
    ...at,
    address: needed(at.address),
  });
  const { privateChannel, natRouter } = unresolved;
  const primary = optional(unresolved.primary);
  const channel = privateChannel && {
    primary: needed(privateChannel.primary),
    backup: needed(privateChannel.backup),
  };
  // Two names may be one address.
  const separate = channel?.primary !== primary;
  return {
    ...unresolved,
    primary,
    backup: optional(unresolved.backup),
    privateChannel: separate ? channel : undefined,
    natRouter: natRouter && floating(natRouter),
    virtualServers: unresolved.virtualServers.map((virtual) => serverWithAddresses(virtual, needed, names)),
  };
}

function serverWithAddresses(
  virtual: VirtualServerOf<HostText>,
  needed: (host: HostText) => IpAddress,
  names: Names,
): VirtualServer {
  // What is inactive was not looked up and carries nothing.
  const address = (active: boolean, host: HostText): IpAddress =>
    active ? needed(host) : (addressOf(host, names) ?? needed(noAddress));
  const { active, vip, sorryServer, servers } = virtual;
  return {
    ...virtual,
    vip: { ...vip, address: address(active, vip.address) },
    sorryServer: sorryServer === undefined ? undefined : address(active, sorryServer),
    servers: servers.map((server) => ({ ...server, address: address(active && server.active, server.address) })),
  };
}
