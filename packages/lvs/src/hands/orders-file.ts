// Orders about servers outlive lvs in a small file, until the next boot.
import { existsSync } from 'node:fs';
import type { Outcome } from '@piranha/domain';
import { failure, never } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { StandingOrders } from '@piranha/protocol';
import { decodeStandingOrders, encodeLine } from '@piranha/protocol';
import type { KeptFile } from '@piranha/runtime/sockets';
import { fromMachineTime, readStateFile, toMachineTime, writeStateFile } from '@piranha/runtime';
import type { Order, OrderBook, Release } from '../order-book.ts';
import { routerOf } from '../order-book.ts';

/** Beside the control socket. */
const ordersPath = '/run/piranha/orders.json';

const emptyBook: OrderBook = { orders: new Map(), releases: new Map(), lastStamp: 0 };

type Saved = StandingOrders['orders'][number];

/** The file; what goes wrong with it is logged, and lvs goes on. */
export function ordersFile(log: Logger, path = ordersPath) {
  /** What the file has to say; undefined as long as nothing was saved. */
  let saved: string | undefined;

  const load = (): OrderBook => {
    const decoded = read(path);
    if (decoded === undefined) return emptyBook;
    if (decoded.ok) {
      saved = encodeLine(decoded.value);
      return bookOf(decoded.value);
    }
    log.error('orders about servers could not be read: give them again', { file: path, problem: decoded.error });
    return emptyBook;
  };

  /** Why they cannot be saved; undefined where they are. */
  const save = ({ orders, releases, lastStamp }: OrderBook): string | undefined => {
    saved = encodeLine({
      type: 'orders',
      orders: [...orders].map(([server, order]) => savedOf(server, order)),
      released: [...releases].map(([server, { since, stamp, from }]) => ({
        ...{ server, since: toMachineTime(since), stamp, from },
      })),
      lastStamp,
    });
    try {
      writeStateFile(path, saved);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const kept: KeptFile = {
    path,
    stands: () => saved === undefined || existsSync(path),
    restore: () => {
      if (saved !== undefined) writeStateFile(path, saved);
    },
  };
  return { load, save, kept };
}

function read(path: string): Outcome<StandingOrders, string> | undefined {
  try {
    const text = readStateFile(path);
    return text === undefined ? undefined : decodeStandingOrders(text);
  } catch (error) {
    return failure(String(error));
  }
}

/** A file of an earlier version has no stamps: any later word counts before it. */
function bookOf({ orders, released, lastStamp }: StandingOrders): OrderBook {
  const releases = released.map(({ server, since, stamp, from }) => {
    const release: Release = { type: 'release', since: fromMachineTime(since), stamp, from };
    return [server, release] as const;
  });
  return {
    orders: new Map(orders.map((saved) => [saved.server, orderOf(saved)])),
    releases: new Map(releases),
    lastStamp: Math.max(lastStamp, ...[...orders, ...released].map(({ stamp }) => stamp)),
  };
}

function orderOf(saved: Saved): Order {
  const { stamp, from } = saved;
  const given = { since: fromMachineTime(saved.since), stamp, from };
  if (saved.type === 'force') return { type: 'force', to: saved.to, ...given };
  const deadline = saved.deadline === null ? never : fromMachineTime(saved.deadline);
  return { type: 'drain', ...given, timeoutMs: saved.timeoutMs, deadline, drained: saved.drained };
}

function savedOf(server: string, order: Order): Saved {
  const given = { server, since: toMachineTime(order.since), stamp: order.stamp, from: routerOf(order) };
  if (order.type === 'force') return { type: 'force', to: order.to, ...given };
  const deadline = order.deadline === never ? null : toMachineTime(order.deadline);
  return { type: 'drain', ...given, deadline, drained: order.drained, timeoutMs: order.timeoutMs };
}
