// `lvsctl check`: everything that is wrong with a configuration, and with this machine if asked for.
import type { CheckedFile } from './checked-file.ts';
import { checkedAsJson, checkFile, describeChecked, isRefused } from './checked-file.ts';
import type { Order } from './options.ts';
import type { Result } from '../rules/result.ts';
import { shown, shownAsJson } from '../rules/result.ts';
import type { SystemCheck } from './system.ts';
import { checkSystem, describeSystem } from './system.ts';

/** Checks a file, and with it the machine where that is asked for and the file itself has no errors. */
export async function check({ file, json, system }: Extract<Order, { readonly type: 'check' }>): Promise<Result> {
  const checked = await checkFile(file, { type: 'check', strict: system });
  const { loaded } = checked;
  return showChecked(
    checked,
    json,
    system && loaded !== undefined ? await checkSystem(loaded.configuration) : undefined,
  );
}

/** Shows what a check has found; the exit status tells of errors. */
export function showChecked(checked: CheckedFile, json: boolean, system?: SystemCheck): Result {
  const status = isRefused(checked) ? 1 : 0;
  if (json) return shownAsJson({ ...checkedAsJson(checked), system: system ?? null }, status);
  return shown([...(system === undefined ? [] : describeSystem(system)), ...describeChecked(checked)], status);
}
