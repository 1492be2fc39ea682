// When a sorry server goes in and out: what an administrator wants to read in the log.
import type { Wanted } from '@piranha/ipvs';
import { standingVirtuals } from './standing.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, log } from './transition.ts';

/** Logs each sorry server that begins or ceases to serve. */
export function noteSorryServers(state: LvsState, sorry: Wanted['sorry']): Transition {
  const lines = [...standingVirtuals(state)].flatMap(([key, { name, sorryServer }]) => {
    if (sorry.has(key) === state.sorry.has(key) || sorryServer === undefined) return [];
    return [
      sorry.has(key)
        ? log('warning', `no real server of ${name} is in service: the sorry server ${sorryServer} is`)
        : log('notice', `a real server of ${name} is in service again: the sorry server ${sorryServer} is out`),
    ];
  });
  return go({ ...state, sorry }, ...lines);
}
