// The pair of the fault table.
import { usualSettings } from '../lab.ts';
import type { PairSettings } from '../lab.ts';

/** Hot standby at usual timers. Its links are watched: a router has to know when it cannot reach the servers, or the clients, any more. */
export const faultSettings: PairSettings = {
  ...usualSettings,
  keepalive: 1,
  deadtime: 3,
  more: 'monitor_links = 1\n',
};
