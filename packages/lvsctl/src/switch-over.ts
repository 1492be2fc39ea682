// `lvsctl switch`: the two routers are to change places.
import { askPulse } from './ask-pulse.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { shown, unanswered } from './result.ts';

/** Hands the order to pulse and says what comes of it. */
export async function switchOver({
  force,
  json,
  socket,
}: Extract<Order, { readonly type: 'switch' }>): Promise<Result> {
  const asked = await askPulse(socket, { type: 'switch', force });
  if (!asked.ok) return unanswered(asked.error);
  return shown([json ? asked.value.line : asked.value.answer.text]);
}
