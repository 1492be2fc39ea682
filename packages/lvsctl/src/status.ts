// `lvsctl status`: how the pair, the addresses and the servers stand.
import { askPulse } from './ask-pulse.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { shown, unanswered } from './result.ts';
import { describeStatus, describeWaiting } from './status-text.ts';

/** Asks pulse and shows its answer. */
export async function status({ json, socket }: Extract<Order, { readonly type: 'status' }>): Promise<Result> {
  const asked = await askPulse(socket, { type: 'status' });
  const waiting = asked.ok ? undefined : asked.error.waiting;
  if (waiting !== undefined) return shown(json ? [waiting.line] : describeWaiting(waiting.answer));
  if (!asked.ok) return unanswered(asked.error);
  return shown(json ? [asked.value.line] : describeStatus(asked.value.answer));
}
