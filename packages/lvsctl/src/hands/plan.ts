// `lvsctl plan`: what a reload would change, line by line.
import type { Configuration, Need } from '@piranha/config';
import { configurationFromText, readServices } from '@piranha/config';
import { seconds } from '@piranha/domain';
import { parseConnections, readTable } from '@piranha/ipvs';
import { asking } from '@piranha/runtime';
import { findCheckUser } from '@piranha/runtime/trust';
import { askPulse } from '@piranha/control';
import { showChecked } from './check.ts';
import { checkFile, isRefused } from './checked-file.ts';
import type { InForce } from '../rules/in-force.ts';
import { inForceOf, nothingInForce } from '../rules/in-force.ts';
import type { Order } from './options.ts';
import { describePlan, planAsJson } from '../rules/plan-text.ts';
import { planReload } from '../rules/reload-plan.ts';
import type { Result } from '../rules/result.ts';
import { failed, shown, shownAsJson } from '../rules/result.ts';

/** Compares a file with what stands in the kernel's table and with what runs. */
export async function plan({ file, json, socket }: Extract<Order, { readonly type: 'plan' }>): Promise<Result> {
  const { inForce, needs } = await findInForce(socket);
  const checked = await checkFile(file, { type: 'check', strict: false, before: needs });
  if (checked.loaded === undefined || isRefused(checked)) return showChecked(checked, json);
  const { configuration, digest } = checked.loaded;
  const ask = asking(configuration.ipvsadm, limit);
  const found = await readTable(ask, true);
  if (!found.ok) return failed(`the IPVS table cannot be read: ${found.error}`);
  const listed = await ask('-L', '-n');
  const loads = parseConnections(listed.ok ? listed.value : '');
  const users = { before: await userOf(inForce.configuration ?? configuration), now: await userOf(configuration) };
  const planned = planReload({ configuration, digest, inForce, found: found.value, loads, users });
  return json ? shownAsJson(planAsJson(file, digest, planned, inForce)) : shown(describePlan(file, planned, inForce));
}

/** Under whom nannies run; undefined: root. */
async function userOf({ checkUser }: Configuration): Promise<string | undefined> {
  const user = await findCheckUser(checkUser);
  return user.type === 'user' ? `${user.uid}:${user.gid}` : undefined;
}

/** One run takes some 10 ms; after this long it hangs. */
const limit = seconds(5);

/** What runs, and what its file needs of this machine. */
type Running = { readonly inForce: InForce; readonly needs: readonly Need[] };

const nothing = (problem: string): Running => ({ inForce: nothingInForce(problem), needs: [] });

/** Asks pulse what runs; without an answer nothing does. */
async function findInForce(socket: string): Promise<Running> {
  const status = await askPulse(socket, { type: 'status' });
  if (!status.ok) return nothing(status.error.problem);
  const asked = await askPulse(socket, { type: 'configuration' });
  if (!asked.ok) return nothing(asked.error.problem);
  const { file, text, names } = asked.value.answer;
  const loaded = configurationFromText(file, text, names, await readServices());
  if (!loaded.ok) return nothing('this lvsctl does not understand the configuration of the running pulse');
  const { configuration, needs } = loaded.value;
  return { inForce: inForceOf(status.value.answer, configuration), needs };
}
