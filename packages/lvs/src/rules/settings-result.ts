// What the log hears of the kernel's settings: changes, ours and those of somebody else.
import type { SettingResult } from '../keeper.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tellNews } from './transition.ts';

/** The settings were looked after. One that cannot be made is no reason to stop. */
export function onSettings(state: LvsState, results: readonly SettingResult[]): Transition {
  if (results.length === 0) return stay(state);
  const before = state.keeper.settings;
  const settings = new Map([...before, ...results.map((each) => [each.name, outcomeOf(each)] as const)]);
  return go({ ...state, keeper: { ...state.keeper, settings } }, ...results.flatMap((each) => newsOf(before, each)));
}

const outcomeOf = ({ wanted, problem }: SettingResult): number | string => (problem === '' ? wanted : problem);

function newsOf(before: LvsState['keeper']['settings'], { name, wanted, found, problem }: SettingResult) {
  const known = before.get(name);
  if (problem !== '') {
    const because = { type: 'problem', problem } as const;
    return known === problem ? [] : [tellNews({ type: 'setting-failed', name, wanted, because })];
  }
  if (found === wanted) return [];
  const because = { type: known === wanted ? 'somebody-else' : 'configured' } as const;
  return [tellNews({ type: 'setting-made', name, wanted, found, because })];
}
