// When a sorry server goes in and out: what an administrator wants to read in the log.
import type { Wanted } from '@piranha/ipvs';
import { standingVirtuals } from './standing.ts';
import type { LvsState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, tellNews } from './transition.ts';

/** Logs each sorry server that begins or ceases to serve. */
export function noteSorryServers(state: LvsState, sorry: Wanted['sorry']): Transition {
  const news = [...standingVirtuals(state)].flatMap(([key, { name, sorryServer }]) => {
    const serves = sorry.has(key);
    if (serves === state.sorry.has(key) || sorryServer === undefined) return [];
    return [
      tellNews({ type: 'sorry-server', virtual: name, sorryServer, because: { type: 'servers', inService: !serves } }),
    ];
  });
  return go({ ...state, sorry }, ...news);
}
