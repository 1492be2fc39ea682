// Turns a pure machine into a running daemon: events in, actions out, one timer for the nearest deadline.
import type { Clock, Instant, Step } from '@piranha/domain';

/** A daemon's pure part, and the hands it works with. */
export type Machine<State, Event, Action> = {
  readonly initial: State;
  readonly step: (state: State, event: Event) => Step<State, Action>;
  readonly nextDeadline: (state: State) => Instant;
  /** Makes the hands: they do one action and return at once; what comes of it they dispatch as an event later. */
  readonly hands: (dispatch: (event: Event) => void) => (action: Action) => void;
  /** Sees every event with what was decided, before it is done. */
  readonly onStep?: (event: Event, actions: readonly Action[]) => void;
  readonly clockEvent: (at: Instant) => Event;
  readonly clock: Clock;
  /** A bug: something threw. The daemon has to end in an orderly way. */
  readonly onBug: (error: unknown) => void;
};

/** A running machine. */
export type Driver<State, Event> = {
  readonly dispatch: (event: Event) => void;
  readonly state: () => State;
  /** After this every event is ignored and no timer is left. */
  readonly stop: () => void;
};

/** Node's timers count in 31 bits of milliseconds; a farther deadline is reached by waking early. */
const longestTimer = 2 ** 31 - 1;

/** Starts a machine. Events that arrive while one is being handled wait their turn. */
export function drive<State, Event, Action>(machine: Machine<State, Event, Action>): Driver<State, Event> {
  const queue: Event[] = [];
  let state = machine.initial;
  let busy = false;
  let stopped = false;

  const arm = (): void => {
    alarm.clear();
    const deadline = machine.nextDeadline(state);
    if (stopped || deadline === Infinity) return;
    alarm.set(Math.min(Math.max(deadline - machine.clock.now(), 0), longestTimer));
  };

  const alarm = makeAlarm(() => {
    const now = machine.clock.now();
    if (now >= machine.nextDeadline(state)) dispatch(machine.clockEvent(now));
    else arm();
  });

  const handle = (event: Event): void => {
    const next = machine.step(state, event);
    state = next.state;
    machine.onStep?.(event, next.actions);
    for (const action of next.actions) perform(action);
  };

  const work = (): void => {
    for (let event = queue.shift(); event !== undefined && !isStopped(); event = queue.shift()) handle(event);
  };
  const isStopped = (): boolean => stopped;

  const dispatch = (event: Event): void => {
    if (stopped) return;
    queue.push(event);
    if (busy) return;
    busy = true;
    try {
      work();
      arm();
    } catch (error) {
      stop();
      machine.onBug(error);
    } finally {
      busy = false;
    }
  };

  const stop = (): void => {
    stopped = true;
    queue.length = 0;
    alarm.clear();
  };

  const perform = machine.hands(dispatch);
  arm();
  return { dispatch, state: () => state, stop };
}

/**
 * A timer that lets go first what has arrived by then: a process that was busy would take unread words for silence. Once it
 * has fired it is not put off again, however much arrives.
 */
function makeAlarm(onTime: () => void) {
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  const fire = (): void => {
    soon = undefined;
    onTime();
  };
  return {
    set: (wait: number): void => {
      if (soon === undefined) timer = setTimeout(() => (soon = setImmediate(fire)), Math.ceil(wait));
    },
    clear: (): void => {
      clearTimeout(timer);
    },
  };
}
