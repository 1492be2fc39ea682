// Reads what `ipvsadm -L -n` prints: weight and connections of every real server.
import type { Listing } from './parse-listing.ts';
import { parseListing } from './parse-listing.ts';

/** What the kernel does with one real server at the moment. */
export type Load = {
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
};

/** Real servers with their load, by service. */
export type Loads = Listing<Load>;

const destinationLine = /^\s+->\s+(?<place>\S+)\s+[A-Z]\w+\s+(?<weight>\d+)\s+(?<active>\d+)\s+(?<inactive>\d+)\s*$/;

/** Reads the whole output. */
export const parseConnections = (listing: string): Loads =>
  parseListing(listing, destinationLine, ({ weight, active, inactive }) => ({
    weight: Number(weight),
    activeConnections: Number(active),
    inactiveConnections: Number(inactive),
  }));
