// Who claims the virtual address on the wire: whose ARP packets have it as their sender.
import type { Capture } from './capture.ts';
import { vip } from './lab.ts';

/** A router said by ARP that the address is its own; in ms of the wall clock. */
export type ArpClaim = { readonly at: number; readonly mac: string };

const vipHex = vip
  .split('.')
  .map((byte) => Number(byte).toString(16).padStart(2, '0'))
  .join('');

/** Requests, answers and announcements alike, oldest first (RFC 826: sender's hardware and protocol address). */
export const arpClaims = (frames: Capture['frames']): readonly ArpClaim[] =>
  frames
    .filter(({ hex }) => hex.slice(56, 64) === vipHex)
    .map(({ at, hex }) => ({ at, mac: hex.slice(44, 56).replace(/(..)(?!$)/g, '$1:') }));
