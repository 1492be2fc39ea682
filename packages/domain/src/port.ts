// TCP and UDP ports.
import type { IpAddress } from './address.ts';
import { familyOf } from './address.ts';
import type { Brand } from './brand.ts';

/** A port number, 0 to 65535. 0 means "every port" of a persistent virtual server. */
export type Port = Brand<number, 'Port'>;

/** Makes a port of a number, or gives undefined where it is none. */
export const asPort = (count: number): Port | undefined =>
  Number.isInteger(count) && count >= 0 && count <= 65535 ? (count as Port) : undefined;

/** An address and a port as one word: `10.2.0.11:80`, `[2001:db8::11]:80`. */
export const endpoint = (address: IpAddress, port: Port): string =>
  familyOf(address) === 4 ? `${address}:${port}` : `[${address}]:${port}`;
