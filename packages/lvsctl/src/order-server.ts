// `lvsctl drain`, `undrain` and `force`: what an administrator orders about one real server.
import { askPulse } from './ask-pulse.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { shown, unanswered } from './result.ts';

/** Hands the order to pulse and says what came of it. */
export async function orderServer({
  order,
  json,
  socket,
}: Extract<Order, { readonly type: 'order-server' }>): Promise<Result> {
  const asked = await askPulse(socket, { type: 'order-server', order });
  if (!asked.ok) return unanswered(asked.error);
  return shown([json ? asked.value.line : asked.value.answer.text]);
}
