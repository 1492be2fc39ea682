// `lvsctl check`: everything that is wrong with a configuration.
import type { CheckedFile } from './checked-file.ts';
import { checkedAsJson, checkFile, describeChecked } from './checked-file.ts';
import type { Order } from './options.ts';
import type { Result } from './result.ts';
import { shown, shownAsJson } from './result.ts';

/** Checks a file. */
export async function check({ file, json }: Extract<Order, { readonly type: 'check' }>): Promise<Result> {
  return showChecked(await checkFile(file), json);
}

/** Shows what a check has found; the exit status tells of errors. */
export function showChecked(checked: CheckedFile, json: boolean): Result {
  const status = checked.diagnostics.some((one) => one.severity === 'error') ? 1 : 0;
  return json ? shownAsJson(checkedAsJson(checked), status) : shown(describeChecked(checked), status);
}
