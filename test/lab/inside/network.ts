// Two switches, public and private, and the cables that lead to them.
import type { Host } from './host.ts';
import { must, run } from './command.ts';
import { step } from './steps.ts';

/** The two networks of the pair. */
export type Net = 'pub' | 'prv';

/** A network card of a host: where it is plugged in and its address there. */
export type Card = { readonly net: Net; readonly address: string; readonly ipv6?: string };

const device = (net: Net): string => (net === 'pub' ? 'eth0' : 'eth1');
const port = (host: string, net: Net): string => `${host}-${net}`;

/** Makes the two switches. */
export async function makeSwitches(): Promise<void> {
  const lines = (['pub', 'prv'] as const).flatMap((net) => [
    `link add br-${net} type bridge stp_state 0 mcast_snooping 0`,
    `link set br-${net} up`,
  ]);
  await must(['ip', '-batch', '-'], lines.join('\n'));
}

/** Removes the switches. */
export async function removeSwitches(): Promise<void> {
  for (const net of ['pub', 'prv']) await must(['ip', 'link', 'delete', `br-${net}`]);
}

/** Gives a host its cards (eth0 public, eth1 private), plugged in and with an address. */
export async function plugIn(host: Host, cards: readonly Card[]): Promise<void> {
  const outside = cards.flatMap(({ net }) => [
    `link add ${port(host.name, net)} type veth peer name ${device(net)} netns ${host.pid}`,
    `link set ${port(host.name, net)} master br-${net} up`,
  ]);
  await must(['ip', '-batch', '-'], outside.join('\n'));
  const inside = cards.flatMap(({ net, address, ipv6 }) => [
    `address add ${address}/24 dev ${device(net)}`,
    ...(ipv6 === undefined ? [] : [`address add ${ipv6}/64 dev ${device(net)} nodad`]),
    `link set ${device(net)} up`,
  ]);
  await host.must(['ip', '-batch', '-'], inside.join('\n'));
}

/** Pulls cables of a host out of their switches at once, or puts them back. */
export async function setCables(
  host: string,
  state: 'up' | 'down',
  nets: readonly Net[] = ['pub', 'prv'],
): Promise<void> {
  step(`${host}: ${nets.join(' and ')} ${state === 'up' ? 'plugged in' : 'pulled'}`);
  const lines = nets.map((net) => `link set ${port(host, net)} ${state}`);
  await must(['ip', '-batch', '-'], lines.join('\n'));
}

const servers = ['10.2.0.11', '10.2.0.12'];

/** From this router no real server behind it can be reached any more, though its cables are in. */
export const hideServers = (router: Host): Promise<string> => routeServers(router, 'add');

/** The real servers can be reached from this router again. */
export const showServers = (router: Host): Promise<string> => routeServers(router, 'del');

const routeServers = (router: Host, verb: 'add' | 'del'): Promise<string> =>
  router.must(['ip', '-batch', '-'], servers.map((server) => `route ${verb} unreachable ${server}/32`).join('\n'));

/** Takes what is left of a host's cables out of the switches: the kernel removes them some time after the host's end. */
export async function unplug(host: string): Promise<void> {
  for (const net of ['pub', 'prv'] as const) await run(['ip', 'link', 'delete', port(host, net)]);
}
