// Whether this machine is a router for IPv6, as its kernel says.
import { readFileSync } from 'node:fs';

/** Of the packets that come in on a device. What cannot be read forwards nothing: a kernel without IPv6 does not. */
export function forwards(device: string): boolean {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv6/conf/${device}/forwarding`, 'utf8')) > 0;
  } catch {
    return false;
  }
}
