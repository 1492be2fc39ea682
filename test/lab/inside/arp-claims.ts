// Who claims the virtual address on the wire: whose ARP packets have it as their sender.
import type { Capture } from './capture.ts';
import { vip } from './lab.ts';

/** A router said by ARP that the address is its own; in ms of the wall clock. */
export type ArpClaim = { readonly at: number; readonly mac: string };

const vipHex = vip
  .split('.')
  .map((byte) => Number(byte).toString(16).padStart(2, '0'))
  .join('');

/** A frame of ARP that has the address as its sender's (RFC 826): a request, an answer or an announcement. */
export const claimsVip = ({ hex }: { readonly hex: string }): boolean => hex.slice(56, 64) === vipHex;

/** Oldest first. */
export const arpClaims = (frames: Capture['frames']): readonly ArpClaim[] =>
  frames.filter(claimsVip).map(({ at, hex }) => ({ at, mac: hex.slice(44, 56).replace(/(..)(?!$)/g, '$1:') }));
