// Orders about servers outlive lvs in a small file, until the next boot.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Outcome } from '@piranha/domain';
import { failure, never } from '@piranha/domain';
import type { Logger } from '@piranha/logging';
import type { StandingOrders } from '@piranha/protocol';
import { decodeStandingOrders, encodeLine } from '@piranha/protocol';
import { fromMachineTime, toMachineTime } from '@piranha/runtime';
import type { Order, Orders } from './state.ts';

/** Beside the control socket. */
const ordersPath = '/run/piranha/orders.json';

type Saved = StandingOrders['orders'][number];

/** The file; what goes wrong with it is logged, and lvs goes on. */
export function ordersFile(log: Logger, path = ordersPath) {
  const load = (): Orders => {
    if (!existsSync(path)) return new Map();
    const decoded = read(path);
    if (decoded.ok) return new Map(decoded.value.orders.map((saved) => [saved.server, orderOf(saved)]));
    log.error('orders about servers could not be read: give them again', { file: path, problem: decoded.error });
    return new Map();
  };

  const save = (orders: Orders): void => {
    const line = encodeLine({ type: 'orders', orders: [...orders].map(([server, order]) => savedOf(server, order)) });
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, line, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (error) {
      log.error('orders about servers could not be saved: a restart of lvs would forget them', {
        file: path,
        problem: String(error),
      });
    }
  };
  return { load, save };
}

function read(path: string): Outcome<StandingOrders, string> {
  try {
    return decodeStandingOrders(readFileSync(path, 'utf8'));
  } catch (error) {
    return failure(String(error));
  }
}

function orderOf(saved: Saved): Order {
  const since = fromMachineTime(saved.since);
  if (saved.type === 'force') return { type: 'force', to: saved.to, since };
  const deadline = saved.deadline === null ? never : fromMachineTime(saved.deadline);
  return { type: 'drain', since, deadline, drained: saved.drained };
}

function savedOf(server: string, order: Order): Saved {
  const since = toMachineTime(order.since);
  if (order.type === 'force') return { type: 'force', server, to: order.to, since };
  const deadline = order.deadline === never ? null : toMachineTime(order.deadline);
  return { type: 'drain', server, since, deadline, drained: order.drained };
}
