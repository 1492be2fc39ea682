// When servers that are up are asked for their load, and what becomes of the answers. Pure; checks go their own way.
import type { Instant, Millis } from '@piranha/domain';
import { after, milliseconds, never, seconds } from '@piranha/domain';
import type { Check } from '@piranha/protocol';
import type { CheckNews, Place } from '../news.ts';
import type { Checked } from './check-result.ts';
import { isNotMade } from './check-result.ts';
import { fractionOf, nextAtRate } from './schedule.ts';

/** One query about one server. */
export type LoadQuery = { readonly program: readonly string[]; readonly host: string | null; readonly limit: Millis };

/** A server that is asked. */
type Asked = {
  readonly query: LoadQuery;
  readonly every: Millis;
  /** Whose load it is. */
  readonly place: Place;
  readonly nextAt: Instant;
  /** The number of the query under way. */
  readonly running: number | undefined;
  readonly failing: boolean;
};

/** All that are asked, by the names of their watches. */
export type Loads = {
  readonly watches: ReadonlyMap<string, Asked>;
  readonly lastQuery: number;
  readonly underWay: number;
  /** When there is something to do. */
  readonly due: Instant;
};

/** What is to be done about loads. */
export type LoadAction =
  | { readonly type: 'start-query'; readonly watch: string; readonly run: number; readonly query: LoadQuery }
  | { readonly type: 'cancel-query'; readonly run: number };

/** How a query ends: with the load, or with the reason why there is none. */
export type LoadResult = Checked<number>;

/** What there is to tell of an answer. */
export type Answered = {
  readonly loads: Loads;
  readonly load: number | undefined;
  readonly news: CheckNews | undefined;
};

type LoadStep = { readonly loads: Loads; readonly actions: readonly LoadAction[] };

/** Nobody is asked. */
export const noLoads: Loads = { watches: new Map(), lastQuery: 0, underWay: 0, due: never };

/** So many queries of one nanny run at once; the others wait their turn. Each of them is a process. */
const mostAtOnce = 16;

/** A query may take as long as a check, and this at least: a login takes seconds on a busy server. */
const leastLimit = seconds(10);

/** The server is up: it is asked, at a moment of its own within one period from its next check. */
export function beginAsking(loads: Loads, watch: string, check: Check, nextCheckAt: Instant): Loads {
  if (check.load === null) return loads;
  const { program, every, host } = check.load;
  const asked: Asked = {
    query: { program, host, limit: milliseconds(Math.max(check.timeout, leastLimit)) },
    every,
    place: placeOf(check),
    // Not the fraction of its checks: what follows from both would not be spread evenly.
    nextAt: after(nextCheckAt, milliseconds(every * fractionOf(`load of ${watch}`))),
    running: undefined,
    failing: false,
  };
  return settled(new Map(loads.watches).set(watch, asked), loads.lastQuery);
}

/** The server is down or not watched any more. */
export function endAsking(loads: Loads, watch: string): LoadStep {
  const asked = loads.watches.get(watch);
  if (asked === undefined) return { loads, actions: [] };
  const watches = new Map(loads.watches);
  watches.delete(watch);
  return {
    loads: settled(watches, loads.lastQuery),
    actions: asked.running === undefined ? [] : [{ type: 'cancel-query', run: asked.running }],
  };
}

/** Starts the queries that are due, those first that have waited longest. */
export function startDueQueries(loads: Loads, at: Instant): LoadStep {
  if (loads.due > at) return { loads, actions: [] };
  const watches = new Map(loads.watches);
  const due: (readonly [string, Asked])[] = [];
  for (const [watch, asked] of watches) {
    if (asked.running === undefined && asked.nextAt <= at) due.push([watch, asked]);
  }
  due.sort(([, one], [, other]) => one.nextAt - other.nextAt);
  const actions: LoadAction[] = [];
  let run = loads.lastQuery;
  for (const [watch, asked] of due.slice(0, mostAtOnce - loads.underWay)) {
    run++;
    watches.set(watch, { ...asked, running: run, nextAt: nextAtRate(asked.nextAt, asked.every, at) });
    actions.push({ type: 'start-query', watch, run, query: asked.query });
  }
  return { loads: settled(watches, run), actions };
}

/** The query is over; undefined where nobody waits for it any more. */
export function onAnswer(loads: Loads, watch: string, run: number, result: LoadResult): Answered | undefined {
  const asked = loads.watches.get(watch);
  if (asked?.running !== run) return undefined;
  // A query that could not be made is told as trouble of this router, not server by server.
  const failing = isNotMade(result) ? asked.failing : !result.ok;
  return {
    loads: settled(new Map(loads.watches).set(watch, { ...asked, running: undefined, failing }), loads.lastQuery),
    load: result.ok ? result.value : undefined,
    news: failing === asked.failing ? undefined : newsOf(asked, result),
  };
}

const newsOf = ({ place }: Asked, result: LoadResult): CheckNews =>
  result.ok ? { type: 'load-known', place } : { type: 'load-unknown', place, because: { problem: result.error } };

/** The server that a check is about. */
export const placeOf = ({ address, port, virtual }: Check): Place => ({ address, port, virtual });

/** With as many under way as there may be, the end of one of them is what there is to wait for. */
function settled(watches: Loads['watches'], lastQuery: number): Loads {
  let due = never;
  let underWay = 0;
  for (const { running, nextAt } of watches.values()) {
    if (running !== undefined) underWay++;
    else if (nextAt < due) due = nextAt;
  }
  return { watches, lastQuery, underWay, due: underWay < mostAtOnce ? due : never };
}
