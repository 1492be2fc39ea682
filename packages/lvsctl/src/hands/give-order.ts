// `lvsctl switch`, `drain`, `undrain` and `force`: what an administrator orders of the running pulse.
import { askPulse } from '@piranha/control';
import type { Order } from './options.ts';
import type { Result } from '../rules/result.ts';
import { complained, shown, shownJson, unanswered } from '../rules/result.ts';

type OrderForPulse = Extract<Order, { readonly type: 'switch' | 'order-server' }>;

/** Hands the order to pulse and says what comes of it. */
export async function giveOrder(given: OrderForPulse): Promise<Result> {
  const { json, socket } = given;
  const asked = await askPulse(socket, requestOf(given));
  if (!asked.ok) return unanswered(asked.error);
  const { line, answer } = asked.value;
  if (json) return shownJson(line);
  const unsaved = answer.type === 'order-server' ? answer.unsaved : null;
  return { ...shown([answer.text]), complaint: complained(unsaved === null ? [] : [`lvsctl: ${notKept(unsaved)}`]) };
}

/** The order counts all the same. */
const notKept = (problem: string): string => `done, but not saved: ${problem}: a restart of lvs would forget it`;

const requestOf = (given: OrderForPulse) =>
  given.type === 'switch'
    ? ({ type: 'switch', force: given.force } as const)
    : ({ type: 'order-server', order: given.order } as const);
