// One command of lvsctl, from its order to what is printed.
import { assertNever } from '@piranha/domain';
import { check } from './check.ts';
import { giveOrder } from './give-order.ts';
import { newKey } from './new-key.ts';
import type { Order } from './options.ts';
import { plan } from './plan.ts';
import { reload } from './reload.ts';
import type { Result } from './result.ts';
import { status } from './status.ts';

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
