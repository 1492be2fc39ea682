// The packets of the pair that a firewall has to let in.
import type { IpAddress, Port } from '@piranha/domain';
import { familyOf } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Facts } from './facts.ts';
import type { Packet } from './match.ts';
import { contains } from './match.ts';
import type { Ends } from './subjects.ts';

const interfacesIn = ({ interfaces }: Facts): readonly Interface[] => (interfaces.ok ? interfaces.value : []);

/** Whether an address is in a network of the interface. */
const isNear = (device: Interface, address: IpAddress): boolean =>
  device.addresses.some((network) => contains(network, address));

/**
 * A heartbeat of the partner. Both routers send from the port that they listen on: a rule for what belongs to a known
 * exchange lets it in. It comes by the interface with our end, unless a route leads elsewhere.
 */
export function heartbeatOn({ own, partner }: Ends, port: Port, facts: Facts): Packet {
  const holder = interfacesIn(facts).find(({ addresses }) => addresses.some(({ address }) => address === own));
  return {
    family: familyOf(partner),
    source: partner,
    destination: own,
    port,
    device: holder !== undefined && isNear(holder, partner) ? holder.name : undefined,
    states: ['new', 'established'],
  };
}

/** Where the kernel's sync daemons listen, and nothing of ours says otherwise. */
export const syncGroup = '224.0.0.81' as IpAddress;
export const syncPort = 8848 as Port;

/**
 * What the partner's kernel tells: one packet for each address that it may come from. That is the partner's on this
 * interface, which need not be in the file. A group never answers, so every packet is the first of its exchange.
 */
export function syncPackets(device: string, partners: readonly IpAddress[], facts: Facts): readonly Packet[] {
  const packet = (source: IpAddress | undefined): Packet => ({
    family: 4,
    source,
    destination: syncGroup,
    port: syncPort,
    device,
    states: ['new'],
  });
  const own = interfacesIn(facts).find(({ name }) => name === device);
  const ipv4 = partners.filter((address) => familyOf(address) === 4);
  const near = own === undefined ? ipv4 : ipv4.filter((address) => isNear(own, address));
  return near.length > 0 ? near.map(packet) : [packet(undefined)];
}
