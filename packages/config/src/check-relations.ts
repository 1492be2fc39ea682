// Relations between the addresses of a file: those of the routers, those that float, and those of servers.
import type { IpAddress } from '@piranha/domain';
import { broadcastAddress, familyOf, isLoopback } from '@piranha/domain';
import { forwardingOf, sorryMethodOf, usesNat } from './forwarding.ts';
import type { Names } from './host-address.ts';
import { addressOf } from './host-address.ts';
import type { ForwardingMethod, HostText } from './configuration.ts';
import type { Place, Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import type { Draft, DraftVirtual } from './draft-blocks.ts';
import { isActive } from './draft-blocks.ts';
import { hasPartner } from './inert.ts';
import type { AnySettings } from './settings.ts';
import { whyNoHost } from './single-host.ts';

/** One place of the file that names a host. */
type Use = {
  /** As a message has it: `primary`, `the address of virtual "web"`. */
  readonly what: string;
  readonly host: HostText;
  /** Undefined for a name that has not been looked up. */
  readonly address: IpAddress | undefined;
  readonly place: Place;
};

type Router = Use & { readonly key: string };
type Floating = Use & { readonly prefix: number | undefined };
type Server = Use & { readonly method: ForwardingMethod };

/** Checks what is active. A name that has not been looked up is equal to itself alone. */
export function checkRelations(draft: Draft, names: Names, report: Report): void {
  const [routers, floating, servers] = [routersOf(draft, names), floatingOf(draft, names), serversOf(draft, names)];
  checkSingleHosts([...routers, ...floating, ...servers], report);
  checkBroadcasts(floating, [...routers, ...floating, ...servers], report);
  checkLoopbacks(hasPartner(draft.global) ? [...routers, ...floating] : floating, report);
  checkFloating(draft, routers, floating, report);
  checkServers(draft, { routers, floating, servers }, report);
}

function useOf(settings: AnySettings, key: string, host: HostText | undefined, what: string, names: Names): Use[] {
  const place = settings.given.get(key)?.value;
  if (host === undefined || place === undefined || settings.bad.has(key)) return [];
  return [{ what, host, address: addressOf(host, names), place }];
}

/** Without a partner only the primary's own address is one. */
function routersOf({ global }: Draft, names: Names): readonly Router[] {
  const keys = hasPartner(global)
    ? (['primary', 'backup', 'primary_private', 'backup_private'] as const)
    : (['primary', 'primary_private'] as const);
  return keys.flatMap((key) =>
    useOf(global, key, global.values[key], key, names).map((use): Router => ({ ...use, key })),
  );
}

function floatingOf(draft: Draft, names: Names): readonly Floating[] {
  const { nat_router: nat, nat_nmask: natMask } = draft.global.values;
  const vips = draft.virtuals.filter(isActive).flatMap((virtual) => {
    const { address, vip_nmask: mask } = virtual.values;
    const what = `the address of virtual ${quoted(virtual.name)}`;
    return useOf(virtual, 'address', address?.host, what, names).map((use) => ({ ...use, prefix: mask?.prefix }));
  });
  if (!usesNat(draft)) return vips;
  const router = useOf(draft.global, 'nat_router', nat?.host, 'nat_router', names);
  return [...vips, ...router.map((use) => ({ ...use, prefix: natMask?.prefix }))];
}

const serversOf = (draft: Draft, names: Names): readonly Server[] =>
  draft.virtuals.filter(isActive).flatMap((virtual) => serversIn(virtual, draft.global.values.network, names));

function serversIn(virtual: DraftVirtual, network: ForwardingMethod, names: Names): readonly Server[] {
  const real = virtual.servers.filter(isActive).flatMap((server) => {
    const method = forwardingOf(server, virtual, network);
    const uses = useOf(server, 'address', server.values.address, `server ${quoted(server.name)}`, names);
    return uses.map((use) => ({ ...use, method }));
  });
  const sorry = useOf(virtual, 'sorry_server', virtual.values.sorry_server, 'sorry_server', names);
  return [...real, ...sorry.map((use) => ({ ...use, method: sorryMethodOf(virtual, network) }))];
}

const isSame = (a: Use, b: Use): boolean => (a.address ?? a.host) === (b.address ?? b.host);

const named = ({ what, place }: Use): string => `${what} (line ${place.line})`;

/** What the file may not have literally may not hide behind a name either. */
function checkSingleHosts(uses: readonly Use[], report: Report): void {
  for (const { address, host, place } of uses) {
    if (address === undefined || host === address) continue;
    const why = whyNoHost(address);
    if (why !== undefined) report.error(place, 'bad-address', `${quoted(host)} is ${address}, ${why}`);
  }
}

/** The last address of a network is that of all its hosts. Networks are known of floating addresses with a mask. */
function checkBroadcasts(floating: readonly Floating[], uses: readonly Use[], report: Report): void {
  const networks = new Map<string, Floating>();
  for (const use of floating) {
    const { address, prefix } = use;
    if (address === undefined || prefix === undefined || familyOf(address) === 6 || prefix > 30) continue;
    const broadcast = broadcastAddress(address, prefix);
    if (!networks.has(broadcast)) networks.set(broadcast, use);
  }
  for (const { address, place } of uses) {
    const network = address === undefined ? undefined : networks.get(address);
    if (network === undefined || address === undefined) continue;
    const message = `${address} is the broadcast address of the network of ${named(network)}`;
    report.error(place, 'bad-address', message);
  }
}

/** Only servers may be on the router itself. */
function checkLoopbacks(uses: readonly Use[], report: Report): void {
  for (const { what, address, place } of uses) {
    if (address === undefined || !isLoopback(address)) continue;
    report.error(
      place,
      'bad-address',
      `${what}: ${address} never leaves the machine`,
      'no other machine can send to it',
    );
  }
}

/** A floating address comes and goes; what belongs to one router must not go with it. */
function checkFloating(draft: Draft, routers: readonly Router[], floating: readonly Floating[], report: Report): void {
  for (const use of floating) {
    const own = routers.find((router) => isSame(router, use));
    if (own === undefined) continue;
    // A lone router may have its private address and that of the NAT network in one: pulse leaves it where it stands.
    const complain = hasPartner(draft.global) || own.key === 'primary' ? report.error : report.warning;
    const message = `${use.what} is ${named(own)}, an address of a router: it cannot float`;
    complain(use.place, 'router-address', message, 'give the service an address that no machine has by itself');
  }
}

type Uses = {
  readonly routers: readonly Router[];
  readonly floating: readonly Floating[];
  readonly servers: readonly Server[];
};

function checkServers(draft: Draft, { routers, floating, servers }: Uses, report: Report): void {
  for (const server of servers) {
    const moves = floating.find((use) => isSame(use, server));
    if (moves !== undefined) {
      const message = `${server.what} is ${named(moves)}, which the active router has: packets would never leave it`;
      const hint = 'name the server by an address of its own; 127.0.0.1 is a server on the router itself';
      report.error(server.place, 'floating-server', message, hint);
      continue;
    }
    const own = routers.find((router) => isSame(router, server));
    // The router that has the address serves it whatever the method; with NAT the answers to the other one go astray.
    if (own === undefined || server.method !== 'nat' || !hasPartner(draft.global)) continue;
    const message = `${server.what} is ${named(own)}: with nat it answers only while that router is the active one`;
    const hint = '127.0.0.1 is a server on whichever router is active; or use direct, as for any real server';
    report.warning(server.place, 'router-as-server', message, hint);
  }
}
