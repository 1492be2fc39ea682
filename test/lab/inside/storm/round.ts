// One round: acts of chance are done to a pair that is well, everything is healed, and what is then is judged.
import type { Traffic } from '../client.ts';
import { failed, summary } from '../client.ts';
import { nowMs, pause } from '../command.ts';
import type { Request } from '../probe.ts';
import type { StallWatch } from '../stalls.ts';
import { longestStall } from '../stalls.ts';
import { vip } from '../lab.ts';
import { withPatience } from '../patience.ts';
import type { Yardstick } from '../yardstick.ts';
import type { RouterFacts } from './facts.ts';
import { factsOf } from './facts.ts';
import { heal } from './heal.ts';
import { problemsOf } from './judge.ts';
import type { LeakWatch } from './leaks.ts';
import type { Done } from './losses.ts';
import { unexplained } from './losses.ts';
import type { Planned } from './plan.ts';
import { wordsOf } from './plan.ts';
import type { Site } from './site.ts';
import type { TwoOwnersWatch } from './two-owners.ts';
import { unexplainedOwners } from './two-owners.ts';

/** A pair that is watched. */
export type Scene = {
  readonly site: Site;
  readonly traffic: Traffic;
  readonly stalls: StallWatch;
  readonly leaks: LeakWatch;
  readonly twoOwners: TwoOwnersWatch;
  readonly yardstick: Yardstick | undefined;
};

export type RoundSeen = {
  readonly problems: readonly string[];
  /** What was done, and what went wrong with that itself. */
  readonly acts: readonly string[];
  readonly wellAfterMs: number;
  readonly requests: number;
  /** How many, how, and when they were sent (s since the beginning); empty where none was. */
  readonly lost: string;
  /** Why nobody can tell who lost the requests, or was late; undefined where that was judged. */
  readonly tooSlow: string | undefined;
};

/** From the end of the heal until all is well (ms). */
const longestHeal = 45_000;

/** A check waits two seconds for its answer (ms). */
const lateCheck = 2500;

/** The guest emulates. */
const patience = process.env['ON_IPVS'] === 'guest' ? withPatience : (ms: number): number => ms;

/** From the first try of a request to what became of it, and some time to tell it (ms). */
const longestRequest = 2500;

/** Then nothing may happen for so long (ms). */
const quiet = 1100;

/** Where a processor stood still for this long (ms), or all was so many times as slow as usual, a loss is nobody's fault. */
const longStall = 400;
const slow = 4;

export async function playRound(scene: Scene, plan: readonly Planned[]): Promise<RoundSeen> {
  const { site, traffic, leaks, twoOwners } = scene;
  await site.forgetLogs();
  const began = nowMs();
  const done: Done[] = [];
  const performed = await Promise.all(plan.map((each) => perform(site, each, done)));
  await heal(site);
  const healed = nowMs();
  const problems = await untilWell(site, longestHeal);
  const wellAt = nowMs();
  if (problems.length === 0) problems.push(...(await staysWell({ site, leaks }, plan, healed)));
  const ended = nowMs();
  const requests = await requestsBetween(traffic, began, ended);
  const tooSlow = slownessOf(scene, began, ended);
  const late = [
    ...performed.flatMap(({ unsaid }) => unsaid),
    ...unexplainedOwners(twoOwners.msSince(began), done),
    ...(problems.length > 0 ? [] : unexplained({ requests, done, wellAt, patience })),
  ];
  return {
    problems: tooSlow === undefined ? [...problems, ...late] : problems,
    ...{ acts: performed.map(({ words }) => words), wellAfterMs: Math.round(wellAt - healed), tooSlow },
    ...{ requests: requests.length, lost: lostOf(failed(requests), began) },
  };
}

function lostOf(lost: readonly Request[], began: number): string {
  const times = lost.map(({ sentAt }) => (sentAt - began) / 1000);
  return lost.length === 0
    ? ''
    : `${summary(lost)}, sent ${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} s`;
}

/** All that were sent then, with their ends: one that gets no answer waits for it. */
async function requestsBetween(traffic: Traffic, from: number, to: number): Promise<readonly Request[]> {
  for (const limit = nowMs() + longestRequest; nowMs() < limit && !traffic.since(to).some(isAnswered);) await pause(20);
  const [next] = traffic.since(to);
  if (next !== undefined) await traffic.allBefore(next);
  return traffic.since(from).filter(({ sentAt }) => sentAt < to);
}

const isAnswered = ({ outcome }: Request): boolean => outcome.type === 'answered';

function slownessOf({ stalls, yardstick }: Scene, from: number, to: number): string | undefined {
  const stood = longestStall(stalls.between(from, to));
  if (stood > longStall) return `a processor stood still for ${stood} ms`;
  const times = yardstick?.slownessSince(from) ?? 0;
  return times > slow ? `the machine was ${times.toFixed(1)} times as slow as an idle one` : undefined;
}

/** What was done, in words, and what should have been said of it. */
type Performed = { readonly words: string; readonly unsaid: readonly string[] };

/** Waits for its time, does it, lets it last, and undoes it. What cannot be done (the router is off) is told. */
async function perform(site: Site, planned: Planned, done: Done[]): Promise<Performed> {
  const { act, cast, atMs } = planned;
  await pause(atMs);
  const onOwner = ownersOf(await factsOf(site)).includes(cast.router) || act.hits === 'pair';
  done.push({ act, cast, onOwner, from: nowMs() });
  const words = `${wordsOf(planned)}${onOwner && act.hits === 'router' ? ', which serves' : ''}`;
  try {
    const undo = await act.deed(site, cast);
    const [unsaid = []] = await Promise.all([act.watch?.(site, cast), pause(cast.lastsMs)]);
    await undo();
    return { words, unsaid };
  } catch (error) {
    return { words: `${words} (${error instanceof Error ? error.message : String(error)})`, unsaid: [] };
  }
}

const ownersOf = (facts: readonly RouterFacts[]): string[] =>
  facts.filter(({ addresses }) => addresses.includes(vip)).map(({ name }) => name);

/** What is not well when the limit has passed; nothing as soon as all is. */
export async function untilWell(site: Site, limitMs: number): Promise<string[]> {
  for (const end = nowMs() + limitMs; ;) {
    const problems = problemsOf(await factsOf(site), site.settings);
    if (problems.length === 0 || nowMs() > end) return problems;
    await pause(150);
  }
}

/** Well, and with the same owner, from now on. In vain a check may have begun before the heal: then there is a second look. */
async function staysWell(around: Pick<Scene, 'site' | 'leaks'>, plan: readonly Planned[], healed: number) {
  const owner = ownersOf(await factsOf(around.site)).join();
  const problems = await stillWell(around, owner);
  const mayBeLate = plan.some(({ act }) => act.silencesServers === true || act.breaks?.includes('prv') === true);
  if (problems.length === 0 || !mayBeLate || nowMs() > healed + lateCheck) return problems;
  const remaining = await untilWell(around.site, longestHeal);
  return remaining.length > 0 ? remaining : stillWell(around, owner);
}

/** After a while in which nobody did anything, with that owner; nothing has leaked. */
async function stillWell({ site, leaks }: Pick<Scene, 'site' | 'leaks'>, before: string): Promise<string[]> {
  await pause(quiet);
  const facts = await factsOf(site);
  const after = ownersOf(facts).join();
  return [
    ...problemsOf(facts, site.settings).map((problem) => `no longer well: ${problem}`),
    ...(after === before ? [] : [`the owner changed from ${before} to ${after} though nothing was done`]),
    ...leaks(facts),
  ];
}
