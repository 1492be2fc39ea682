// Reads what `ipvsadm -L -n` prints: weight and connections of every real server. Total: other lines say nothing.
import { parseIpAddress } from '@piranha/domain';
import type { DestinationKey, ServiceKey } from './table.ts';

/** What the kernel does with one real server at the moment. */
export type Load = {
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
};

/** Real servers with their load, by service. */
export type Loads = ReadonlyMap<ServiceKey, ReadonlyMap<DestinationKey, Load>>;

const serviceLine = /^(?<protocol>TCP|UDP|FWM|SCTP)\s+(?<place>\S+)\s+(?<next>\S+)/;
const destinationLine = /^\s+->\s+(?<place>\S+)\s+[A-Z]\w+\s+(?<weight>\d+)\s+(?<active>\d+)\s+(?<inactive>\d+)\s*$/;

/** Reads the whole output. */
export function parseConnections(listing: string): Loads {
  const services = new Map<ServiceKey, Map<DestinationKey, Load>>();
  let current = new Map<DestinationKey, Load>();
  for (const line of listing.split('\n')) {
    const service = serviceLine.exec(line)?.groups;
    if (service !== undefined) services.set(keyOf(service), (current = new Map<DestinationKey, Load>()));
    const destination = destinationLine.exec(line)?.groups;
    if (destination === undefined) continue;
    const { place = '', weight, active, inactive } = destination;
    const [activeConnections, inactiveConnections] = [Number(active), Number(inactive)];
    current.set(canonical(place) as DestinationKey, { weight: Number(weight), activeConnections, inactiveConnections });
  }
  return services;
}

/** `TCP  10.0.0.1:80 wlc`, `FWM  5 wlc`, `FWM  5 IPv6 wlc`. */
function keyOf({ protocol = '', place = '', next }: Record<string, string>): ServiceKey {
  if (protocol !== 'FWM') return `${protocol.toLowerCase()} ${canonical(place)}` as ServiceKey;
  return `fwmark ${place}${next === 'IPv6' ? ' IPv6' : ''}` as ServiceKey;
}

/** `[ADDRESS]:PORT` with the address in the one spelling that our keys have. */
const canonical = (place: string): string =>
  place.replace(/^\[(.+)\]/, (_, six: string) => `[${parseIpAddress(six) ?? six}]`);
