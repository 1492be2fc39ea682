// Rules on addresses: once on those that the file has literally, and again when host names have become addresses.
import type { IpAddress } from '@piranha/domain';
import { familyOf, isLinkLocal } from '@piranha/domain';
import { forwardPortOf, forwardingOf, usesNat } from './forwarding.ts';
import { checkRelations } from './check-relations.ts';
import type { Names } from './host-address.ts';
import { addressOf } from './host-address.ts';
import type { ForwardingMethod, HostText } from './configuration.ts';
import type { Place, Report } from './diagnostic.ts';
import { quoted } from './diagnostic.ts';
import type { Draft, DraftServer, DraftVirtual } from './draft-blocks.ts';
import { isActive } from './draft-blocks.ts';
import { hasPartner } from './inert.ts';
import type { Mask } from './read.ts';
import type { AnySettings } from './settings.ts';

type Check = { readonly report: Report; readonly names: Names };

/** Checks active services and the pair; a name that is unknown as yet is equal to itself alone. */
export function checkAddresses(draft: Draft, names: Names, report: Report): void {
  const check: Check = { report, names };
  const { network } = draft.global.values;
  checkPair(draft, check);
  if (usesNat(draft)) {
    const { nat_router: router, nat_nmask: mask } = draft.global.values;
    checkMask(check, router?.host, mask, placeOf(draft.global, 'nat_nmask'));
  }
  const active = draft.virtuals.filter(isActive);
  for (const virtual of active) checkVirtual(check, virtual, network);
  checkUnique(check, active);
  checkRelations(draft, names, report);
}

const placeOf = (settings: AnySettings, key: string): Place => settings.given.get(key)?.value ?? { line: 1, column: 1 };

const known = ({ names }: Check, host: HostText | undefined): IpAddress | undefined =>
  host === undefined ? undefined : addressOf(host, names);

/** Two hosts are the same when their addresses are, or their names. */
const identity = (check: Check, host: HostText): string => known(check, host) ?? host;

function sameFamily(check: Check, a: HostText | undefined, b: HostText | undefined): boolean {
  const [one, other] = [known(check, a), known(check, b)];
  return one === undefined || other === undefined || familyOf(one) === familyOf(other);
}

function checkPair({ global }: Draft, check: Check): void {
  const { primary, backup, primary_private: ours, backup_private: theirs } = global.values;
  if (!hasPartner(global)) return;
  for (const { a, b, key } of [
    { a: primary, b: backup, key: 'backup' },
    { a: ours, b: theirs, key: 'backup_private' },
  ]) {
    if (a === undefined || b === undefined) continue;
    if (identity(check, a) === identity(check, b)) {
      const other = placeOf(global, key === 'backup' ? 'primary' : 'primary_private');
      const message = `${key} is the primary's own address (line ${other.line})`;
      check.report.error(placeOf(global, key), 'same-address', message);
    } else if (!sameFamily(check, a, b)) {
      check.report.error(placeOf(global, key), 'family', `${key} and the primary's address are not of one IP version`);
    }
  }
}

function checkMask(check: Check, host: HostText | undefined, mask: Mask | undefined, place: Place): void {
  const address = known(check, host);
  if (address === undefined || mask === undefined || familyOf(address) === mask.family) return;
  const wanted = mask.family === 4 ? 'a prefix length such as 64' : 'a netmask such as 255.255.255.0';
  check.report.error(place, 'family', `the address ${address} takes ${wanted}`);
}

function checkVirtual(check: Check, virtual: DraftVirtual, network: ForwardingMethod): void {
  const { values, servers } = virtual;
  const vip = values.address?.host;
  const { report } = check;
  checkMask(check, vip, values.vip_nmask, placeOf(virtual, 'vip_nmask'));
  checkMask(check, vip, values.pmask, placeOf(virtual, 'pmask'));
  if (!sameFamily(check, vip, values.sorry_server)) {
    const message = 'the sorry server and the virtual address are not of one IP version';
    report.error(placeOf(virtual, 'sorry_server'), 'family', message);
  }
  checkReachable(check, virtual, 'sorry_server', values.sorry_server);
  for (const server of servers.filter(isActive)) {
    checkReachable(check, server, 'address', server.values.address);
    checkLocalPort(check, server, virtual);
    // The kernel carries one version inside the other, but translates and rewrites neither.
    if (forwardingOf(server, virtual, network) === 'tunnel' || sameFamily(check, vip, server.values.address)) continue;
    const message = `server ${quoted(server.name)} and the virtual address are not of one IP version`;
    report.error(placeOf(server, 'address'), 'family', message);
  }
  checkUniqueServers(check, virtual, network);
}

/** The kernel takes no real server that it could reach only by naming an interface. */
function checkReachable(check: Check, block: AnySettings, key: string, host: HostText | undefined): void {
  const address = known(check, host);
  if (address === undefined || !isLinkLocal(address)) return;
  check.report.error(placeOf(block, key), 'bad-address', `${address} is an address of one link alone`);
}

/** On the router itself a packet arrives as it came from the client. A mark gathers packets for several ports. */
function checkLocalPort({ report }: Check, server: DraftServer, { port, values }: DraftVirtual): void {
  const isElsewhere = server.port !== undefined && port !== undefined && port !== 0 && server.port !== port;
  if (!server.onRouter || values.fwmark !== 0 || !isElsewhere) return;
  const message = `server ${quoted(server.name)} is on the router itself, where packets keep their port ${port}: nothing arrives at port ${server.port}`;
  const hint = `let it listen on port ${port} of all addresses, or name an address of the router that does not float`;
  report.error(placeOf(server, 'port'), 'loopback-port', message, hint);
}

function checkUnique(check: Check, active: readonly DraftVirtual[]): void {
  const services = new Map<string, DraftVirtual>();
  const devices = new Map<string, { readonly device: string; readonly line: number }>();
  for (const virtual of active) {
    const { values, bad, port } = virtual;
    const { address } = values;
    if (address?.host === undefined || bad.has('address')) continue;
    const host = identity(check, address.host);
    const place = placeOf(virtual, 'address');
    const other = devices.get(host);
    if (other === undefined) devices.set(host, { device: address.device, line: place.line });
    else if (other.device !== address.device) {
      const message = `${host} stands on ${other.device} already (line ${other.line}): ${address.device} is not used`;
      check.report.warning(place, 'same-vip', message);
    }
    if (port === undefined || bad.has('protocol') || bad.has('fwmark')) continue;
    checkUniqueService(check, virtual, host, services);
  }
}

function checkUniqueService(check: Check, virtual: DraftVirtual, host: string, seen: Map<string, DraftVirtual>): void {
  const { fwmark, protocol } = virtual.values;
  const [key, what, at] =
    fwmark === 0
      ? ([`${host} ${virtual.port ?? ''} ${protocol}`, 'address, port and protocol', 'address'] as const)
      : ([`mark ${fwmark} ${host.includes(':') ? 6 : 4}`, 'firewall mark', 'fwmark'] as const);
  const first = seen.get(key);
  if (first === undefined) {
    seen.set(key, virtual);
    return;
  }
  const message = `the same ${what} as virtual ${quoted(first.name)} in line ${first.place.line}`;
  const hint = fwmark === 0 ? undefined : 'a mark is one service with one address: give this one a mark of its own';
  check.report.error(placeOf(virtual, at), 'same-service', message, hint);
}

function checkUniqueServers(check: Check, virtual: DraftVirtual, network: ForwardingMethod): void {
  const seen = new Map<string, Place>();
  for (const server of virtual.servers.filter(isActive)) {
    const { address } = server.values;
    if (address === undefined || server.port === undefined) continue;
    // As the kernel tells them apart: without NAT packets keep the port of the virtual server.
    const port = forwardPortOf(server, virtual, forwardingOf(server, virtual, network));
    const key = `${identity(check, address)} ${port}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, server.place);
    else {
      const message = `the same address and port as the server in line ${first.line}`;
      check.report.error(placeOf(server, 'address'), 'same-server', message);
    }
  }
}
