// Adds the connection thresholds, which `ipvsadm -S` leaves out, from what `ipvsadm -L -n --thresholds` prints.
import { readMark } from './parse-saved.ts';
import type { Destination, DestinationKey, Service, Table } from './table.ts';

type Thresholds = NonNullable<Destination['thresholds']>;

/** Of any protocol: the destinations below belong to no other service. */
const serviceLine = /^(?<protocol>[A-Z]+)\s+(?<rest>\S.*)$/;
const destinationLine = /^\s+->\s+(?<place>\S+)\s+(?<upper>\d+)\s+(?<lower>\d+)\s/;

/** The table with the thresholds of every destination that the listing names. Total, like the reading of `-S`. */
export function withThresholds(table: Table, listing: string): Table {
  const known = readListing(listing);
  return new Map([...table].map(([key, service]) => [key, addTo(service, known.get(key))]));
}

function addTo(service: Service, known: ReadonlyMap<string, Thresholds> | undefined): Service {
  const destinations = [...service.destinations].map(([key, destination]): [DestinationKey, Destination] => [
    key,
    { ...destination, thresholds: known?.get(key) ?? destination.thresholds },
  ]);
  return { ...service, destinations: new Map(destinations) };
}

/** Service keys, each with its destinations' keys. */
function readListing(listing: string): ReadonlyMap<string, ReadonlyMap<string, Thresholds>> {
  const services = new Map<string, Map<string, Thresholds>>();
  let current = new Map<string, Thresholds>();
  for (const line of listing.split('\n')) {
    const service = serviceLine.exec(line)?.groups;
    if (service !== undefined) services.set(keyOf(service), (current = new Map<string, Thresholds>()));
    const destination = destinationLine.exec(line)?.groups;
    if (destination !== undefined) {
      const { place, upper, lower } = destination;
      current.set(String(place), { upper: Number(upper), lower: Number(lower) });
    }
  }
  return services;
}

/** `TCP  10.0.0.1:80 wlc`, `FWM  5 wlc`, `FWM  5 IPv6 wlc`. */
function keyOf({ protocol = '', rest = '' }: Record<string, string>): string {
  const [place = '', next] = rest.split(/\s+/);
  if (protocol !== 'FWM') return `${protocol.toLowerCase()} ${place}`;
  return `fwmark ${readMark(place) ?? place}${next === 'IPv6' ? ' IPv6' : ''}`;
}
