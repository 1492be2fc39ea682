// The pair under its watch: logs, samples, owners and requests, from when it serves to the last request.
import { failed } from '../client.ts';
import { nowMs, pause } from '../command.ts';
import type { PairUnderFault } from '../faults/pair-under-fault.ts';
import { makePairUnderFault } from '../faults/pair-under-fault.ts';
import { ours } from '../faults/suites.ts';
import type { PairSettings } from '../lab.ts';
import type { Course, DeedDone } from './course.ts';
import { followLogs } from './log-lines.ts';
import { startSampling } from './sampling.ts';

/** What a soak does with the pair, and where what was seen so far is put away. */
export type Soak = {
  readonly settings: PairSettings;
  /** Tells each thing that it has done. */
  readonly act: (pair: PairUnderFault, done: (deed: DeedDone) => void) => Promise<void>;
  readonly keep: (course: Course) => void;
};

/** A soak that is stopped in the middle has told all but the last minute. */
const keepEvery = 60_000;

/** Starting takes all that an emulated machine has: the pair comes to rest before it is watched (ms). */
const settling = 30_000;

/** Makes the pair, lets `act` do its deeds, and gives what was seen meanwhile. */
export async function watchedPair({ settings, act, keep }: Soak): Promise<Course> {
  const pair = await makePairUnderFault(settings, ours);
  try {
    await pause(settling);
    const { r1, r2 } = pair.lab();
    const log = followLogs([r1, r2]);
    const sampler = startSampling([r1, r2], log);
    const deeds: DeedDone[] = [];
    const from = nowMs();
    const ahead = Date.now() - from;
    const seen = (): Course => {
      const requests = pair.traffic.since(from);
      return {
        ...{ from, to: nowMs(), deeds, samples: sampler.samples(), log: log.lines(), stalls: pair.stalls() },
        requests: requests.length,
        failures: failed(requests).map(({ sentAt, doneAt, outcome }) => ({
          ...{ sentAt, doneAt },
          problem: outcome.type === 'answered' ? '' : `${outcome.type} (${outcome.problem})`,
        })),
        moves: pair
          .moves()
          .map((move) => ({ ...move, at: move.at - ahead }))
          .filter(({ at }) => at >= from),
      };
    };
    const keeping = setInterval(() => {
      keep(seen());
    }, keepEvery);
    await act(pair, (deed) => deeds.push(deed)).finally(() => {
      clearInterval(keeping);
      sampler.stop();
    });
    const course = seen();
    await log.stop();
    return course;
  } finally {
    await pair.destroy();
  }
}
