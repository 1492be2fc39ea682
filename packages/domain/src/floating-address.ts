// Addresses that move between the routers.
import type { IpAddress } from './address.ts';

/** A floating address, and the device (with its label) that carries it. */
export type FloatingAddress = {
  readonly address: IpAddress;
  readonly device: string;
  /** As lvs.cf says; undefined where it does not. */
  readonly prefix: number | undefined;
};

/** A floating address that somebody else has put on a device. */
export type ForeignAddress = { readonly address: IpAddress; readonly prefix: number; readonly device: string };
