// All rows of the fault table, in the order in which they meet one pair.
import { balancer } from './balancer.ts';
import { cables } from './cables.ts';
import { floodRows } from './floods.ts';
import { heartbeats } from './heartbeats.ts';
import { wholeMachines } from './machines.ts';
import { nameRows } from './names.ts';
import { orders } from './orders.ts';
import { ownAddresses } from './own-addresses.ts';
import { processes } from './processes.ts';
import type { FaultRow } from './row.ts';
import { servers } from './servers.ts';
import { vipLinks } from './vip-links.ts';

export const faultRows: readonly FaultRow[] = [
  ...cables,
  ...processes,
  ...balancer,
  ...orders,
  ...heartbeats,
  ...floodRows,
  ...wholeMachines,
  ...vipLinks,
  ...ownAddresses,
  ...nameRows,
  ...servers,
];

/** The rows whose names contain one of these words, separated by semicolons; all without. */
export function rowsNamed(wanted: string): readonly FaultRow[] {
  const words = wanted.split(';').filter((word) => word !== '');
  return words.length === 0 ? faultRows : faultRows.filter(({ name }) => words.some((word) => name.includes(word)));
}

/** Whether a row cannot be done here. */
export const isSkipped = ({ guestOnly }: FaultRow): boolean => guestOnly === true && process.env['ON_IPVS'] !== 'guest';
