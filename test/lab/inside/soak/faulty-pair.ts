// Faults of the fault table, one after the other by a seed, with quiet stretches between them.
import { seededRandom } from '@piranha/testing';
import { nowMs, pause } from '../command.ts';
import type { PairUnderFault } from '../faults/pair-under-fault.ts';
import type { FaultRow } from '../faults/row.ts';
import { faultSettings } from '../faults/settings.ts';
import { faultRows } from '../faults/table.ts';
import type { Course, DeedDone } from './course.ts';
import { shuffled } from './deck.ts';
import type { Soak } from './watched-pair.ts';
import { watchedPair } from './watched-pair.ts';

/** Those that leave the routers and their clock as they are: the watch goes on. */
export const deeds: readonly FaultRow[] = faultRows.filter(
  ({ switchesOff, guestOnly, network }) => switchesOff !== true && guestOnly !== true && network !== 'direct',
);

/** Those that leave all processes of the suite as they are. */
export const gentleDeeds: readonly FaultRow[] = deeds.filter(({ endsProcesses }) => endsProcesses !== true);

/** For this part of the time all deeds are done; then the gentle ones, for what leaks shows in long lives only. */
const firstPart = 1 / 3;

/** In this time no request may fail (ms). */
const quiet = 30_000;

/** What a deed usually takes with its end; no more are begun so shortly before the end (ms). */
const usualDeed = 30_000;

/** How long, by which seed, and who is told. */
type Plan = { readonly minutes: number; readonly seed: number; readonly say: (text: string) => void };

export async function faultyPair({ minutes, seed, say }: Plan, keep: Soak['keep']): Promise<Course> {
  const random = seededRandom(seed);
  const act: Soak['act'] = async (pair, done) => {
    const [begun, length] = [nowMs(), minutes * 60_000];
    const end = begun + length;
    const play = async (pack: readonly FaultRow[], until: number): Promise<void> => {
      let deck: readonly FaultRow[] = [];
      while (nowMs() < until) {
        if (deck.length === 0) deck = shuffled(pack, random);
        const [next, ...rest] = deck;
        deck = rest;
        if (next !== undefined) done(await perform(next, pair, say));
        await pause(quiet);
      }
    };
    say(`seed ${seed}; the pair serves`);
    await pause(quiet);
    await play(deeds, begun + length * firstPart);
    say('from here on no process is ended');
    await play(gentleDeeds, end - usualDeed - quiet);
    await pause(Math.max(0, end - nowMs()));
  };
  const course = await watchedPair({ settings: { ...faultSettings, collects: true }, act, keep });
  if (!hasHeaps(course)) throw new Error('no program of the suite has noted what lives in its heap');
  return course;
}

/** Whether any program noted its heap: without that a leak would not be seen. */
export const hasHeaps = ({ samples }: Course): boolean =>
  samples.some(({ processes }) => processes.some(({ figures }) => figures.heap !== undefined));

async function perform(row: FaultRow, pair: PairUnderFault, say: Plan['say']): Promise<DeedDone> {
  const from = nowMs();
  const { problem, owner, outageMs, failed } = await pair.meet(row);
  if (problem !== null) await pair.restart();
  const to = nowMs();
  const detail = `${owner} owner, outage ${outageMs} ms`;
  const took = Math.round((to - from) / 1000);
  say(`${row.name}: ${detail}, ${failed} requests failed, ${took} s${problem === null ? '' : `: ${problem}`}`);
  const deed = { name: row.name, detail, from, to, losesNothing: row.expect.failedAtMost === 0 };
  return problem === null ? deed : { ...deed, problem };
}
