// `lvsctl reload`: the running pulse reads its file again, and says what comes of it.
import { seconds } from '@piranha/domain';
import { askPulse } from '@piranha/control';
import type { Order } from './options.ts';
import type { Result } from '../rules/result.ts';
import { complained, shownJson, unanswered } from '../rules/result.ts';

/** Host names are looked up meanwhile, and a reading before this one may not be done. */
const patience = seconds(60);

/** The file has mistakes: as the Linux Standard Base has it for what is not configured. */
const refused = 6;

/** Asks for it. Complaints go to standard error; pulse logs them, too. */
export async function reload({ json, socket }: Extract<Order, { readonly type: 'reload' }>): Promise<Result> {
  const asked = await askPulse(socket, { type: 'reload' }, patience);
  if (!asked.ok) return unanswered(asked.error);
  const { problems } = asked.value.answer;
  const status = problems.length > 0 ? refused : 0;
  if (json) return shownJson(asked.value.line, status);
  return { output: '', complaint: complained(problems), status };
}
