// A pure machine as a process on virtual time: it can be stopped by a signal, go on, and be killed.
import type { Instant } from '@piranha/domain';
import { mix } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import type { DriftingClock } from './clock.ts';

export type Program<State, Event, Action> = {
  readonly initial: State;
  readonly step: (state: State, event: Event) => { readonly state: State; readonly actions: readonly Action[] };
  readonly nextDeadline: (state: State) => Instant;
  readonly clockEvent: (at: Instant) => Event;
  readonly perform: (action: Action) => void;
};

/** `lossy`: from a socket, whose buffer drops what does not fit. `kept`: from a pipe or a child. */
type Source = 'lossy' | 'kept';

export type Give<Event> = (source: Source, event: (at: Instant) => Event) => void;

export type SimulatedProcess<Event> = {
  readonly give: Give<Event>;
  readonly hang: () => void;
  /** Goes on: which of timers and sockets is looked at first depends on where the loop was stopped. */
  readonly goOn: (first: 'timers' | 'sockets') => void;
  readonly kill: () => void;
  readonly hangs: () => boolean;
};

const isLossy = ({ source }: { readonly source: Source }): boolean => source === 'lossy';

/** What a socket's buffer holds of small datagrams. */
const bufferedDatagrams = 250;

export function startProcess<State, Event, Action>(
  program: Program<State, Event, Action>,
  agenda: Agenda,
  clock: DriftingClock,
  lateness: number,
): SimulatedProcess<Event> {
  let state = program.initial;
  let dead = false;
  let hanging = false;
  let wakeAt = Infinity;
  const queue: { readonly source: Source; readonly event: (at: Instant) => Event }[] = [];

  const arm = (): void => {
    const deadline = program.nextDeadline(state);
    if (deadline === Infinity) return;
    const due = Math.max(clock.whenItShows(deadline), agenda.now());
    if (due >= wakeAt) return;
    // Follows from the moment alone, so that what has nothing to do with a timer does not change it.
    const at = due + 0.01 + (lateness * (mix(Math.round(due * 64)) % 1024)) / 1024;
    wakeAt = due;
    agenda.put(at, () => {
      if (wakeAt === due) wake();
    });
  };

  const wake = (): void => {
    wakeAt = Infinity;
    if (dead || hanging) return;
    if (clock.now() >= program.nextDeadline(state)) handle(program.clockEvent(clock.now()));
    arm();
  };

  const handle = (event: Event): void => {
    const next = program.step(state, event);
    state = next.state;
    for (const action of next.actions) if (!dead) program.perform(action);
  };

  const give = (source: Source, event: (at: Instant) => Event): void => {
    if (dead) return;
    if (!hanging) {
      handle(event(clock.now()));
      arm();
    } else if (source === 'kept' || queue.length < bufferedDatagrams) queue.push({ source, event });
  };

  const goOn = (first: 'timers' | 'sockets'): void => {
    if (dead || !hanging) return;
    hanging = false;
    if (first === 'timers') wake();
    const waiting = queue.splice(0);
    // What was ready first is read to its end: a socket is that, to which something is sent all the time.
    const [ofSockets, others] = [waiting.filter(isLossy), waiting.filter((each) => !isLossy(each))];
    const inTurn = waiting[0]?.source === 'lossy' ? [...ofSockets, ...others] : [...others, ...ofSockets];
    for (const { source, event } of inTurn) give(source, event);
    wake();
  };

  arm();
  return {
    give,
    goOn,
    hang: () => {
      hanging = true;
    },
    kill: () => {
      dead = true;
      queue.length = 0;
    },
    hangs: () => hanging,
  };
}
