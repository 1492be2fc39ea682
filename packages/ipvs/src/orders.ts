// What an administrator has ordered of servers goes before what their checks found.
import type { Known, ServerId, Standing } from './wanted.ts';

/** An order in force: in or out whatever the checks say, or drained of connections. */
export type ServerOrdered =
  { readonly type: 'force'; readonly to: 'up' | 'down' } | { readonly type: 'drain'; readonly drained: boolean };

/** What the table depends on, with orders. One that is forced up has the file's weight, one that drains has none. */
export function underOrders(known: Known, orders: ReadonlyMap<ServerId, ServerOrdered>): Known {
  if (orders.size === 0) return known;
  const health = new Map(known.health);
  const weights = new Map(known.weights);
  for (const [server, order] of orders) {
    const standing = standingBy(order);
    if (standing !== undefined && health.has(server)) health.set(server, standing);
    if (order.type === 'drain') weights.set(server, 0);
    else weights.delete(server);
  }
  return { ...known, health, weights };
}

/** Undefined where its health decides. */
function standingBy(order: ServerOrdered): Standing | undefined {
  if (order.type === 'drain') return order.drained ? 'out' : undefined;
  return order.to === 'up' ? 'up' : 'out';
}
