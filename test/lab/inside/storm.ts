// Storms over the installed programs: rounds of what nobody chose, each judged. Usage: storm [--seed N] [--rounds N]
// The first round has the seed N, each further one the next number: a round is played again by its own seed.
import { parseArgs } from 'node:util';
import { startTraffic } from './client.ts';
import { nowMs } from './command.ts';
import { vip } from './lab.ts';
import { watchStalls } from './stalls.ts';
import { watchSlowness } from './yardstick.ts';
import { watchLeaks } from './storm/leaks.ts';
import { planOf, settingsOf } from './storm/plan.ts';
import type { RoundSeen, Scene } from './storm/round.ts';
import { playRound, untilWell } from './storm/round.ts';
import { makeSite, routerNames } from './storm/site.ts';
import { watchTwoOwners } from './storm/two-owners.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, rounds: { type: 'string', default: '20' } },
});

const began = nowMs();
const say = (text: string): void => {
  process.stderr.write(`${((nowMs() - began) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
};

/** The suite starts on both routers, and a client asks (ms). */
const firstStart = 60_000;

/** A pair with the file of that seed, which serves. */
async function setTheScene(seed: number): Promise<Scene> {
  const site = await makeSite(settingsOf(seed));
  for (const router of routerNames) await site.service(router, 'start');
  const problems = await untilWell(site, firstStart);
  if (problems.length > 0) throw new Error(`the pair did not start: ${problems.join('; ')}`);
  const traffic = startTraffic(site.client, vip);
  await traffic.answeredAfter(0, 10_000);
  const watches = { stalls: watchStalls(), leaks: watchLeaks(), twoOwners: watchTwoOwners(site) };
  return { site, traffic, ...watches, yardstick: watchSlowness() };
}

async function leave({ site, traffic, stalls, twoOwners, yardstick }: Scene): Promise<void> {
  twoOwners.stop();
  await Promise.all([traffic.stop(), stalls.stop(), yardstick?.stop()]);
  await site.destroy();
}

const isSame = (scene: Scene, seed: number): boolean =>
  JSON.stringify(scene.site.settings) === JSON.stringify(settingsOf(seed));

async function tell(seed: number, { problems, acts, ...seen }: RoundSeen, { site }: Scene): Promise<void> {
  const { requests, lost, wellAfterMs, tooSlow } = seen;
  const unjudged = tooSlow === undefined ? '' : ` (not judged: ${tooSlow})`;
  say(
    `seed ${seed}: ${acts.join('; ')}: well after ${wellAfterMs} ms, ${requests} requests, ${lost === '' ? 'none lost' : `lost: ${lost}`}${unjudged}`,
  );
  if (problems.length === 0) return;
  const logs = await Promise.all(routerNames.map(async (name) => [`--- log of ${name}`, ...(await site.logOf(name))]));
  process.stdout.write(
    [
      `FAILED: seed ${seed} (play it again: scripts/storm --seed ${seed} --rounds 1)`,
      ...acts.map((act) => `  ${act}`),
      ...problems.map((problem) => `  problem: ${problem}`),
      ...logs.flat(),
      '',
    ].join('\n'),
  );
}

/** Seeds of the rounds that failed; rounds whose losses could not be judged. */
type Tally = { readonly bad: readonly number[]; readonly unjudged: number };

/** Plays all rounds; a pair that did not recover is left, and another one built. */
async function playAll(first: number, rounds: number): Promise<Tally> {
  const bad: number[] = [];
  let unjudged = 0;
  let scene: Scene | undefined;
  for (let seed = first; seed < first + rounds; seed += 1) {
    if (scene !== undefined && !isSame(scene, seed)) {
      await leave(scene);
      scene = undefined;
    }
    scene ??= await setTheScene(seed);
    const seen = await playRound(scene, planOf(seed));
    await tell(seed, seen, scene);
    if (seen.tooSlow !== undefined) unjudged += 1;
    if (seen.problems.length === 0) continue;
    bad.push(seed);
    await leave(scene);
    scene = undefined;
  }
  if (scene !== undefined) await leave(scene);
  return { bad, unjudged };
}

async function main(): Promise<void> {
  const rounds = Number(values.rounds);
  const { bad, unjudged } = await playAll(Number(values.seed), rounds);
  const which = bad.length === 0 ? '' : `: seeds ${bad.join(', ')}`;
  const slow = unjudged === 0 ? '' : `; in ${unjudged} the machine was too slow to judge what was lost`;
  process.stdout.write(`${rounds} rounds, ${bad.length} failed${which}${slow}
`);
  process.exitCode = bad.length === 0 ? 0 : 1;
}

void main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`storm: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(2);
  },
);
