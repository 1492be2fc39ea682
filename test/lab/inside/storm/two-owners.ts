// For how long both routers had the virtual address while something happened to them, and whether that explains it.
import { nowMs } from '../command.ts';
import { hasVip } from '../look.ts';
import type { Act, Cast } from './act.ts';
import type { Site } from './site.ts';
import { routerNames } from './site.ts';

export type TwoOwnersWatch = {
  /** In all, since `from` (ms, as nowMs() has it). */
  readonly msSince: (from: number) => number;
  readonly stop: () => void;
};

/** From one look to the next (ms). No process is started for it. */
const every = 25;

type Look = { readonly at: number; readonly both: boolean };

/** Looks until stopped. */
export function watchTwoOwners(site: Site): TwoOwnersWatch {
  const looks: Look[] = [];
  const timer = setInterval(() => {
    const both = routerNames.every((name) => hasVip(site.router(name)));
    if (both || looks.at(-1)?.both === true) looks.push({ at: nowMs(), both });
  }, every);
  return {
    msSince: (from) => twoOwnersMs(looks.filter(({ at }) => at >= from)),
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Between looks that saw both, and the next ones. Where nothing is recorded there were not two. Pure. */
export const twoOwnersMs = (looks: readonly Look[]): number =>
  Math.round(
    looks.slice(1).reduce((sum, { at }, index) => sum + (looks[index]?.both === true ? at - looks[index].at : 0), 0),
  );

/** While a clean handover is looked at, one router may be seen before it and the other one after it (ms). */
const most = 100;

type Done = { readonly act: Pick<Act, 'breaks'>; readonly cast: Pick<Cast, 'router'> };

/** In words; nothing where all is explained. */
export const unexplainedOwners = (ms: number, done: readonly Done[]): string[] =>
  ms <= most || explains(done) ? [] : [`both routers had the virtual address for ${ms} ms`];

/** Somebody put it there; the routers could not hear each other; or nobody was left who could take it down. */
function explains(done: readonly Done[]): boolean {
  const broken = (what: NonNullable<Act['breaks']>[number]) =>
    done.filter(({ act }) => act.breaks?.includes(what) === true);
  const deposed = (router: string, part: 'pulse' | 'lvs') => broken(part).some(({ cast }) => cast.router === router);
  return (
    broken('address').length > 0 ||
    (broken('pub').length > 0 && broken('prv').length > 0) ||
    routerNames.some((router) => deposed(router, 'pulse') && deposed(router, 'lvs'))
  );
}
