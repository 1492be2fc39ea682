// Whether a neighbour that asks for an address gets an answer from this machine.
import { readFileSync } from 'node:fs';
import { familyOf } from '@piranha/domain';
import type { Interface } from '@piranha/protocol';
import type { Standing } from './rules/address-ownership.ts';

/**
 * An address of direct routing keeps quiet: the device answers nobody (arp_ignore = 8, ip-sysctl in the kernel's
 * documentation), or it knows no ARP, and all that do answer for their own addresses alone.
 */
export function keepsQuiet(
  { device, entry }: Standing,
  interfaces: readonly Interface[],
  arpIgnore: (device: string) => number,
): boolean {
  if (device.noArp !== true) return familyOf(entry.address) === 4 && arpIgnore(device.name) === 8;
  const speakers = interfaces.filter(({ noArp, loopback }) => noArp !== true && loopback !== true);
  return familyOf(entry.address) === 6 || speakers.every(({ name }) => [1, 2, 8].includes(arpIgnore(name)));
}

/** The higher one of the device's setting and that of all devices counts. */
export const arpIgnoreOf = (device: string): number => Math.max(readSetting(device), readSetting('all'));

function readSetting(device: string): number {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/conf/${device}/arp_ignore`, 'utf8'));
  } catch {
    // A device that has gone answers nobody; another one is taken for one that does.
    return 0;
  }
}
