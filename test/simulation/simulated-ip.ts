// The standing `ip` of a pulse: it takes its time, and does one thing after the other in the order in which it was told.
import type { Agenda } from './agenda.ts';

type Job = {
  readonly order: 'raise' | 'lower';
  /** Of the pulse and of the machine's run in which it was ordered. */
  readonly life: number;
  readonly boot: number;
  readonly takes: number;
  readonly act: () => void;
  readonly answer: () => void;
};

/** What an `ip` depends on. */
export type IpSurroundings = {
  readonly agenda: Agenda;
  /** Which pulse runs now. */
  readonly life: () => number;
  /** Which run of the machine this is: nothing goes on over a loss of power. */
  readonly boot: () => number;
  /** A pulse that hangs hands over nothing of what waits. */
  readonly hangs: () => boolean;
};

const glance = 2;

export type SimulatedIp = {
  /** What was ordered last and has not begun. */
  readonly lastWaiting: () => Job['order'] | undefined;
  /** Does it after `takes` ms of work; what was ordered by a pulse that has ended meanwhile is dropped where it waits. */
  readonly run: (job: Omit<Job, 'life' | 'boot'>) => void;
};

export function makeIp({ agenda, life, boot, hangs }: IpSurroundings): SimulatedIp {
  let waiting: Job[] = [];
  let busy = false;

  /** To raise is to look and then to tell `ip` more: for that pulse has to be awake. */
  const finish = (job: Job): void => {
    if (job.order === 'raise' && job.life === life() && job.boot === boot() && hangs()) {
      agenda.put(agenda.now() + glance, () => {
        finish(job);
      });
      return;
    }
    busy = false;
    if (job.boot === boot()) job.act();
    if (job.life === life()) job.answer();
    next();
  };

  const next = (): void => {
    waiting = waiting.filter((job) => job.life === life());
    if (busy || waiting.length === 0) return;
    if (hangs()) {
      agenda.put(agenda.now() + glance, next);
      return;
    }
    const [job, ...others] = waiting as [Job, ...Job[]];
    waiting = others;
    busy = true;
    agenda.put(agenda.now() + job.takes, () => {
      finish(job);
    });
  };

  return {
    lastWaiting: () => waiting.at(-1)?.order,
    run: (job) => {
      waiting.push({ ...job, life: life(), boot: boot() });
      next();
    },
  };
}
