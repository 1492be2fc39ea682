// The weights of the servers that are up: begun, doubled when it is time, moved by their loads, fitted to a new file.
import type { Instant } from '@piranha/domain';
import { earliest } from '@piranha/domain';
import type { Ramp, ServerId } from '@piranha/ipvs';
import { adoptedRamp, afterLoad, doubled, firstRamp, reweighed } from '@piranha/ipvs';
import type { LvsState } from '../state.ts';
import type { CheckedServer } from '../state-parts.ts';
import type { Transition } from './transition.ts';
import { stay } from './transition.ts';

type Ramps = LvsState['ramps'];

/** The ramp of a server that has come up. One that we found in service when nothing was known of it yet keeps its weight. */
export function beginRamp({ health, keeper }: LvsState, id: ServerId, server: CheckedServer, at: Instant): Ramp {
  const { service, destination, weighing } = server;
  const there = keeper.found?.get(service)?.destinations.get(destination)?.weight ?? 0;
  const known = (health.get(id) ?? 'unknown') !== 'unknown';
  return known || there === 0 ? firstRamp(weighing, at) : adoptedRamp(there, weighing, at);
}

/** The ramp after a look at the server's load. */
export const loaded = (ramp: Ramp, load: number, { weighing }: CheckedServer): Ramp => afterLoad(ramp, load, weighing);

/** Fits all weights to the configuration in force. */
export function fitRamps(state: LvsState, at: Instant): Ramps {
  const kept = [...state.ramps].flatMap(([id, ramp]) => {
    const server = state.servers.get(id);
    return server === undefined ? [] : [[id, reweighed(ramp, server.weighing, at)] as const];
  });
  return new Map(kept);
}

/** Doubles the weights whose time has come. */
export function doubleWeights(state: LvsState, at: Instant): Transition {
  if (nextDoubling(state) > at) return stay(state);
  const ramps = [...state.ramps].map(([id, ramp]) => {
    const server = state.servers.get(id);
    return [id, server === undefined || ramp.doubleAt > at ? ramp : doubled(ramp, server.weighing, at)] as const;
  });
  return stay({ ...state, ramps: new Map(ramps) });
}

/** When the next weight doubles. */
export function nextDoubling({ ramps }: LvsState): Instant {
  let next = Infinity as Instant;
  for (const { doubleAt } of ramps.values()) next = earliest(next, doubleAt);
  return next;
}
