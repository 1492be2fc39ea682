// What a round does, by its seed: which acts, on whom, when and for how long. The same seed gives the same plan.
import { mix, seededRandom } from '@piranha/testing';
import type { Random } from '@piranha/testing';
import type { PairSettings } from '../lab.ts';
import { labKeyFile, usualSettings } from '../lab.ts';
import type { Act, Cast } from './act.ts';
import { deadtime, keepalive } from './act.ts';
import { actsOnMachines } from './acts-on-machines.ts';
import { actsOnNetwork } from './acts-on-network.ts';
import { actsOnProcesses } from './acts-on-processes.ts';
import { actsOnService } from './acts-on-service.ts';
import { routerNames, serverNames } from './site.ts';

type Acts = readonly [Act, ...Act[]];

export const allActs = [...actsOnProcesses, ...actsOnService, ...actsOnNetwork, ...actsOnMachines] as unknown as Acts;

/** One act of a round; times in ms from its beginning. */
export type Planned = { readonly act: Act; readonly cast: Cast; readonly atMs: number };

/** Acts begin within this time, so that they overlap (ms). */
const within = 2000;

/** One to three acts, in the order in which they begin. */
export function planOf(seed: number, acts: Acts = allActs): readonly Planned[] {
  const random = seededRandom(seed);
  const count = random.whole(1, 3);
  return Array.from({ length: count }, (_none, index) => planned(random, acts, mix(seed * 4 + index))).toSorted(
    (one, other) => one.atMs - other.atMs,
  );
}

function planned(random: Random, acts: Acts, ownSeed: number): Planned {
  const act = random.pick(acts);
  const [shortest, longest] = act.lasts;
  const cast = {
    router: random.pick(routerNames),
    server: random.pick(serverNames),
    lastsMs: random.whole(shortest, longest),
    random: seededRandom(ownSeed),
  };
  return { act, cast, atMs: random.whole(0, within) };
}

const failback = 'failback = auto\nfailback_delay = 1\n';

const variants: readonly [PairSettings, ...PairSettings[]] = [
  pairWith({ hotStandby: true }),
  pairWith({ hotStandby: false }),
  pairWith({ hotStandby: true, more: failback }),
  pairWith({ hotStandby: false, more: failback }),
];

/** Its links are watched: otherwise a router without cables takes the service away from the other one when it is back. */
function pairWith({ hotStandby, more = '' }: Pick<PairSettings, 'hotStandby'> & { readonly more?: string }) {
  return {
    ...usualSettings,
    keepalive,
    deadtime,
    hotStandby,
    more: `monitor_links = 1\nheartbeat_key_file = ${labKeyFile}\n${more}`,
  };
}

/** A pair is built anew for each other file: so many rounds in a row have the same. */
const roundsOfVariant = 10;

/** The file of both routers in a round. */
export const settingsOf = (seed: number): PairSettings =>
  variants[Math.floor(seed / roundsOfVariant) % variants.length] ?? variants[0];

/** In words. */
export const wordsOf = ({ act, cast: { router, server, lastsMs }, atMs }: Planned): string =>
  `${(atMs / 1000).toFixed(1)} s: ${act.name}${act.hits === 'pair' ? '' : ` (${act.hits === 'server' ? server : router})`} for ${(lastsMs / 1000).toFixed(1)} s`;
