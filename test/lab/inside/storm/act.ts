// What a storm is made of: acts that chance picks, each with what it may cost a client.
import type { Random } from '@piranha/testing';
import type { RouterName, ServerName, Site } from './site.ts';

/** Whom an act hits, and chance for whatever else it has to choose. */
export type Cast = {
  readonly router: RouterName;
  readonly server: ServerName;
  readonly random: Random;
  readonly lastsMs: number;
};

/** Undoes an act as far as an administrator would have to. */
export type Undo = () => Promise<unknown>;

/** For acts that mend by themselves, or whose deed is all there is. */
export const nothing: Undo = () => Promise.resolve();

export type Act = {
  readonly name: string;
  readonly hits: 'router' | 'server' | 'pair';
  /** From the deed to its undoing (ms), at least and at most. */
  readonly lasts: readonly [number, number];
  /** For how long a client may get no answer (ms) when it hits the router that serves, and when it hits the other one. */
  readonly cost: Cost;
  /** Nobody can serve while it lasts. */
  readonly stopsAll?: true;
  /** It costs nothing by itself, but while it lasts a router may take longer to do what another act asks of it. */
  readonly slows?: true;
  /** Checks get no answer meanwhile, nor a refusal: one that began before its undoing may still fail after it. */
  readonly silencesServers?: true;
  /** What it takes away of that by which only one router has the address. */
  readonly breaks?: readonly ('address' | 'pub' | 'prv' | 'pulse' | 'lvs')[];
  readonly deed: (site: Site, cast: Cast) => Promise<Undo>;
  /** Watches while it lasts: what had to be said of it and was not, in words. What it waits for has a limit. */
  readonly watch?: (site: Site, cast: Cast) => Promise<readonly string[]>;
};

type Cost = { readonly owner: number; readonly standby: number };

export const free: Cost = { owner: 0, standby: 0 };
export const costsOwner = (owner: number): Cost => ({ owner, standby: 0 });
export const costsAnyway = (ms: number): Cost => ({ owner: ms, standby: ms });

/** The pair of a storm: short timers, so that a round is short, which a busy machine can still keep. */
export const [keepalive, deadtime] = [0.5, 2];

/** From the last heartbeat of a router to the answers of the other one (ms), on a machine that has other work, too. */
export const takeoverMs = deadtime * 1000 + keepalive * 1000 + 2000;

/** A clean handover (ms), from an order. */
export const handoverMs = 3000;

/** lvs looks every five seconds whether the table is as it left it (ms). */
export const repairMs = 7000;

/** A server that dies is found out by the second check at most: one every 2 s, with 2 s for its answer (ms). */
export const checkMs = 6000;
