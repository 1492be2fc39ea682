// `lvsctl status`: how the pair, the addresses and the servers stand.
import { askPulse } from './ask-pulse.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { failed, shown } from './result.ts';
import { describeStatus } from './status-text.ts';

/** As the Linux Standard Base has it for `status`. */
const notRunning = 3;

/** Asks pulse and shows its answer. */
export async function status({ json, socket }: Extract<Order, { readonly type: 'status' }>): Promise<Result> {
  const asked = await askPulse(socket, 'status');
  if (!asked.ok) return failed(asked.error.problem, asked.error.type === 'absent' ? notRunning : 1);
  return shown(json ? [asked.value.line] : describeStatus(asked.value.answer));
}
