// Whether what was done explains what a client lost. Pure; times in ms on one clock.
import type { Request } from '../probe.ts';
import { failed, longestGap, summary } from '../client.ts';
import type { Act, Cast } from './act.ts';

/** An act that was done. */
export type Done = {
  readonly act: Pick<Act, 'name' | 'hits' | 'cost' | 'stopsAll' | 'slows' | 'breaks'>;
  readonly cast: Pick<Cast, 'router' | 'server' | 'lastsMs'>;
  readonly from: number;
  /** Whether it hit the router that served. */
  readonly onOwner: boolean;
};

export type Losses = {
  readonly requests: readonly Request[];
  readonly done: readonly Done[];
  readonly wellAt: number;
  /** How long (ms) what should take so long may take on this machine; of nothing, how long all may stand still. */
  readonly patience: (ms: number) => number;
};

/** After it was seen to be well: what was sent shortly before may end in vain (ms). */
const tail = 200;

/** In words; nothing where all is explained. */
export function unexplained({ requests, done, wellAt, patience }: Losses): string[] {
  const lossy = done.filter((each) => costOf(each) > 0 || leavesNoServer(each, done));
  const first = Math.min(...lossy.map(({ from }) => from));
  const missed = failed(requests);
  const outside = missed.filter(({ doneAt, sentAt }) => doneAt < first || sentAt > wellAt + tail);
  const gap = longestGap(requests);
  const most = patience(mostOutage(done));
  return [
    ...(outside.length === 0 || gap <= patience(0)
      ? []
      : [`lost though nothing was done that explains it: ${summary(outside)}, ${timesOf(outside, wellAt)}`]),
    ...(missed.length === 0 || gap <= most
      ? []
      : [`no answer for ${Math.round(gap)} ms, ${most} are explained: ${summary(missed)}`]),
  ];
}

/** When the first and the last were sent, against the moment at which all was seen to be well. */
function timesOf(lost: readonly Request[], wellAt: number): string {
  const times = lost.map(({ sentAt }) => Math.round(sentAt - wellAt));
  return `sent ${Math.min(...times)} to ${Math.max(...times)} ms after all was well`;
}

const costOf = ({ act, onOwner }: Done): number => (onOwner ? act.cost.owner : act.cost.standby);

/** Two orders or deaths that together leave no server. */
const leavesNoServer = ({ act, cast }: Done, done: readonly Done[]): boolean =>
  act.hits === 'server' && done.some((other) => other.act.hits === 'server' && other.cast.server !== cast.server);

/** One act alone has its own cost; several may stand in each other's way for as long as they last. */
function mostOutage(done: readonly Done[]): number {
  const counts = done.length === 1 ? ({ act }: Done) => act.stopsAll === true : (each: Done) => isInTheWay(each, done);
  const costs = done.reduce((sum, each) => sum + costOf(each), 0);
  const lasting = done.filter(counts).reduce((sum, { cast }) => sum + cast.lastsMs, 0);
  const noServer = done.some((each) => leavesNoServer(each, done)) ? noServerMs : 0;
  return costs + lasting + noServer;
}

/** What costs nothing on either router keeps neither from serving. */
const isInTheWay = (each: Done, done: readonly Done[]): boolean =>
  each.act.cost.owner > 0 || each.act.cost.standby > 0 || each.act.slows === true || leavesNoServer(each, done);

/** Until servers that were both out serve again. */
const noServerMs = 8000;
