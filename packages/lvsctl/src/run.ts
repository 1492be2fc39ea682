// One command of lvsctl, from its order to what is printed.
import { assertNever } from '@piranha/domain';
import { check } from './hands/check.ts';
import { giveOrder } from './hands/give-order.ts';
import { newKey } from './hands/new-key.ts';
import type { Order } from './hands/options.ts';
import { plan } from './hands/plan.ts';
import { reload } from './hands/reload.ts';
import type { Result } from './rules/result.ts';
import { status } from './hands/status.ts';

/** Does what was ordered. */
export function run(order: Order): Promise<Result> {
  switch (order.type) {
    case 'check':
      return check(order);
    case 'plan':
      return plan(order);
    case 'status':
      return status(order);
    case 'new-key':
      return newKey(order);
    case 'reload':
      return reload(order);
    case 'order-server':
    case 'switch':
      return giveOrder(order);
    default:
      return assertNever(order, 'order');
  }
}
