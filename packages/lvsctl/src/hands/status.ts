// `lvsctl status`: how the pair, the addresses and the servers stand.
import { askPulse } from '@piranha/control';
import type { Order } from './options.ts';
import type { Result } from '../rules/result.ts';
import { shown, shownJson, unanswered } from '../rules/result.ts';
import { describeStatus, describeWaiting } from '../rules/status-text.ts';

/** Asks pulse and shows its answer. */
export async function status({ json, socket }: Extract<Order, { readonly type: 'status' }>): Promise<Result> {
  const asked = await askPulse(socket, { type: 'status' });
  const waiting = asked.ok ? undefined : asked.error.waiting;
  if (waiting !== undefined) return json ? shownJson(waiting.line) : shown(describeWaiting(waiting.answer));
  if (!asked.ok) return unanswered(asked.error);
  return json ? shownJson(asked.value.line) : shown(describeStatus(asked.value.answer));
}
