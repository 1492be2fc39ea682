// The kernel's IPVS table as data: services by key, each with its destinations.
import type { Brand, IpAddress, IpFamily, Port } from '@piranha/domain';
import { endpoint } from '@piranha/domain';

/** What packets a service is for: an address, port and protocol, or a firewall mark. */
export type ServiceIdentity =
  | { readonly type: 'tcp' | 'udp'; readonly address: IpAddress; readonly port: Port }
  | { readonly type: 'fwmark'; readonly mark: number; readonly family: IpFamily };

/** A service's identity as one readable word: `tcp 10.0.0.1:80`, `udp [2001:db8::1]:53`, `fwmark 5`, `fwmark 5 IPv6`. */
export type ServiceKey = Brand<string, 'ServiceKey'>;

/** A destination within its service: `10.0.0.2:8080`, `[2001:db8::2]:8080`. */
export type DestinationKey = Brand<string, 'DestinationKey'>;

/** One real server in a service. */
export type Destination = {
  readonly address: IpAddress;
  readonly port: Port;
  readonly method: 'nat' | 'direct' | 'tunnel';
  readonly weight: number;
  /** Most and least connections (`-x`, `-y`), 0 is none; undefined where they were not read: `-S` leaves them out. */
  readonly thresholds: { readonly upper: number; readonly lower: number } | undefined;
  /** `--tun-…` options as they were read; empty is a plain IP-in-IP tunnel. */
  readonly tunnel: readonly string[];
};

/** One virtual server. */
export type Service = {
  readonly identity: ServiceIdentity;
  readonly scheduler: string;
  /** As ipvsadm's `-b` has them. */
  readonly schedulerFlags: readonly string[];
  /** Seconds; undefined for no persistence. */
  readonly persistent: number | undefined;
  /** Prefix length that groups clients; undefined for single clients. */
  readonly persistentPrefix: number | undefined;
  /** One-packet scheduling. */
  readonly onePacket: boolean;
  /** Persistence engine (`--pe`); the suite sets none. */
  readonly engine: string | undefined;
  readonly destinations: ReadonlyMap<DestinationKey, Destination>;
};

/** The whole table. */
export type Table = ReadonlyMap<ServiceKey, Service>;

/** A table without any service. */
export const emptyTable: Table = new Map();

/** The key of an identity; equal for equal identities only. */
export function serviceKey(identity: ServiceIdentity): ServiceKey {
  if (identity.type !== 'fwmark') return `${identity.type} ${endpoint(identity.address, identity.port)}` as ServiceKey;
  return `fwmark ${identity.mark}${identity.family === 6 ? ' IPv6' : ''}` as ServiceKey;
}

/** The key of a destination within its service. */
export const destinationKey = ({ address, port }: Pick<Destination, 'address' | 'port'>): DestinationKey =>
  endpoint(address, port) as DestinationKey;
