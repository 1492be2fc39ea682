// `lvsctl switch`, `drain`, `undrain` and `force`: what an administrator orders of the running pulse.
import { askPulse } from './ask-pulse.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { shown, unanswered } from './result.ts';

type OrderForPulse = Extract<Order, { readonly type: 'switch' | 'order-server' }>;

/** Hands the order to pulse and says what comes of it. */
export async function giveOrder(given: OrderForPulse): Promise<Result> {
  const { json, socket } = given;
  const asked = await askPulse(socket, requestOf(given));
  if (!asked.ok) return unanswered(asked.error);
  return shown([json ? asked.value.line : asked.value.answer.text]);
}

const requestOf = (given: OrderForPulse) =>
  given.type === 'switch'
    ? ({ type: 'switch', force: given.force } as const)
    : ({ type: 'order-server', order: given.order } as const);
