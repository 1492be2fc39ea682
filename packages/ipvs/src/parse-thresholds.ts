// Adds the connection thresholds, which `ipvsadm -S` leaves out, from what `ipvsadm -L -n --thresholds` prints.
import { parseListing } from './parse-listing.ts';
import type { Destination, DestinationKey, Service, Table } from './table.ts';

type Thresholds = NonNullable<Destination['thresholds']>;

const destinationLine = /^\s+->\s+(?<place>\S+)\s+(?<upper>\d+)\s+(?<lower>\d+)\s/;

/** The table with the thresholds of every destination that the listing names. Total, like the reading of `-S`. */
export function withThresholds(table: Table, listing: string): Table {
  const known = parseListing(listing, destinationLine, ({ upper, lower }) => ({
    upper: Number(upper),
    lower: Number(lower),
  }));
  return new Map([...table].map(([key, service]) => [key, addTo(service, known.get(key))]));
}

function addTo(service: Service, known: ReadonlyMap<string, Thresholds> | undefined): Service {
  const destinations = [...service.destinations].map(([key, destination]): [DestinationKey, Destination] => [
    key,
    { ...destination, thresholds: known?.get(key) ?? destination.thresholds },
  ]);
  return { ...service, destinations: new Map(destinations) };
}
