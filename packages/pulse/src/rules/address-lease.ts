// The last resort: the kernel itself takes the floating addresses away when nobody is left to do it.
import type { Timers } from '@piranha/protocol';
import { silenceLimit } from '@piranha/protocol';

/**
 * How late Linux may be with an address whose time is over, in ms: it looks once a second, and rounds by a quarter of one
 * (check_lifetime in net/ipv4/devinet.c; net/ipv6/addrconf.c has the same).
 */
const expiryDelay = 1250;

/**
 * For how many seconds an address stands unless a heartbeat renews it: so that it is gone when lvs would have taken it
 * down, before the partner takes over. Undefined, which is for good, without a partner, and where whole seconds leave no
 * room: one heartbeat may be lost, and half of deadtime may pass.
 */
export function addressLease(timers: Timers, hasPartner: boolean): number | undefined {
  const lease = Math.floor((silenceLimit(timers) - expiryDelay) / 1000);
  const isRoom = lease >= 1 && 1000 * lease >= Math.max(2 * timers.keepalive, timers.deadtime / 2);
  return hasPartner && isRoom ? lease : undefined;
}
