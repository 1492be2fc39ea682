// What the log hears of the kernel's settings: changes, ours and those of somebody else.
import type { SettingResult } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, log, stay } from './transition.ts';

/** The settings were looked after. One that can not be made is no reason to stop. */
export function onSettings(state: LvsState, results: readonly SettingResult[]): Transition {
  if (results.length === 0) return stay(state);
  const before = state.keeper.settings;
  const settings = new Map([...before, ...results.map((each) => [each.name, outcomeOf(each)] as const)]);
  return go({ ...state, keeper: { ...state.keeper, settings } }, ...results.flatMap((each) => newsOf(before, each)));
}

const outcomeOf = ({ wanted, problem }: SettingResult): number | string => (problem === '' ? wanted : problem);

function newsOf(before: LvsState['keeper']['settings'], { name, wanted, found, problem }: SettingResult) {
  const known = before.get(name);
  const sysctl = `net.ipv4.vs.${name}`;
  if (problem !== '')
    return known === problem ? [] : [log('warning', `${sysctl} can not be set to ${wanted}`, { problem })];
  if (found === wanted) return [];
  if (known === wanted) return [log('warning', `somebody else set ${sysctl} to ${found}: it is ${wanted} again`)];
  return [log('notice', `${sysctl} is ${wanted} now, was ${found}`)];
}
