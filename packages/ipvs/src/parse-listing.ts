// What `ipvsadm -L -n` prints in any of its forms: services, and one line for each of their destinations.
import { parseIpAddress } from '@piranha/domain';
import { readMark } from './parse-saved.ts';
import type { DestinationKey, ServiceKey } from './table.ts';

/** Something of every destination, by service. */
export type Listing<T> = ReadonlyMap<ServiceKey, ReadonlyMap<DestinationKey, T>>;

/** Of all protocols that ipvsadm has: the destinations below belong to no other service. */
const serviceLine = /^(?<protocol>TCP|UDP|SCTP|FWM)\s+(?<place>\S+)\s+(?<next>\S+)/;

/** Reads all of it. `destinationLine` has a group `place`, and `read` gets its groups. Total: other lines say nothing. */
export function parseListing<T>(
  listing: string,
  destinationLine: RegExp,
  read: (groups: Readonly<Record<string, string>>) => T,
): Listing<T> {
  const services = new Map<ServiceKey, Map<DestinationKey, T>>();
  let current = new Map<DestinationKey, T>();
  for (const line of listing.split('\n')) {
    const service = serviceLine.exec(line)?.groups;
    if (service !== undefined) services.set(keyOf(service), (current = new Map<DestinationKey, T>()));
    const destination = destinationLine.exec(line)?.groups;
    if (destination !== undefined)
      current.set(canonical(destination['place'] ?? '') as DestinationKey, read(destination));
  }
  return services;
}

/** `TCP  10.0.0.1:80 wlc`, `FWM  5 wlc`, `FWM  5 IPv6 wlc`. */
function keyOf({ protocol = '', place = '', next }: Readonly<Record<string, string>>): ServiceKey {
  if (protocol !== 'FWM') return `${protocol.toLowerCase()} ${canonical(place)}` as ServiceKey;
  return `fwmark ${readMark(place) ?? place}${next === 'IPv6' ? ' IPv6' : ''}` as ServiceKey;
}

/** `[ADDRESS]:PORT` with the address in the one spelling that our keys have. */
const canonical = (place: string): string =>
  place.replace(/^\[(.+)\]/, (_, six: string) => `[${parseIpAddress(six) ?? six}]`);
