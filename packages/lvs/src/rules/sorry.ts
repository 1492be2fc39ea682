// When a sorry server goes in and out: what an administrator wants to read in the log.
import { sorryServes } from '@piranha/ipvs';
import { knownNow, standingVirtuals } from './standing.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, log } from './transition.ts';

/** Logs each sorry server that begins or ceases to serve. */
export function noteSorryServers(state: LvsState): Transition {
  const virtuals = [...standingVirtuals(state)].filter(([, virtual]) => virtual.sorryServer !== undefined);
  const known = knownNow(state);
  const serving = virtuals.filter(([, virtual]) => sorryServes(virtual, known)).map(([key]) => key);
  const sorry = new Set(serving);
  const lines = virtuals.flatMap(([key, { name, sorryServer }]) => {
    if (sorry.has(key) === state.sorry.has(key) || sorryServer === undefined) return [];
    return [
      sorry.has(key)
        ? log('warning', `no real server of ${name} is in service: the sorry server ${sorryServer} is`)
        : log('notice', `a real server of ${name} is in service again: the sorry server ${sorryServer} is out`),
    ];
  });
  return go({ ...state, sorry }, ...lines);
}
