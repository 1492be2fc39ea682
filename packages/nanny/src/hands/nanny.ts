// A running nanny: takes commands, reports to its listener.
import type { NannyCommand } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { drive } from '@piranha/runtime/drive';
import { preparedChecks } from './prepared-checks.ts';
import { createUnderWay } from './under-way.ts';
import type { Listener } from '../perform.ts';
import { perform } from '../perform.ts';
import type { NannyAction, NannyEvent, NannyState } from '../state.ts';
import { initialState } from '../state.ts';
import { nextDeadline, step } from '../step.ts';

/** Obeys commands until it is stopped; then nothing of it is left. */
export type Nanny = {
  readonly obey: (command: NannyCommand) => void;
  /** An administrator has sent a signal. */
  readonly force: (to: 'up' | 'down' | 'auto') => void;
  readonly stop: () => void;
};

/** Starts with nothing to watch. */
export function startNanny(listener: Listener): Nanny {
  const checks = createUnderWay();
  const queries = createUnderWay();
  const makeCheck = preparedChecks();
  const driver = drive<NannyState, NannyEvent, NannyAction>({
    initial: initialState,
    step,
    nextDeadline,
    hands: (dispatch) => (action) => {
      perform(action, { checks, queries, makeCheck, clock: systemClock, listener, dispatch });
    },
    clockEvent: (at) => ({ type: 'clock', at }),
    clock: systemClock,
    onBug: (error) => {
      throw error;
    },
  });
  return {
    obey: (command) => {
      driver.dispatch({ type: 'command', at: systemClock.now(), command });
    },
    force: (to) => {
      driver.dispatch({ type: 'signal', to });
    },
    stop: () => {
      driver.stop();
      checks.callOffAll();
      queries.callOffAll();
    },
  };
}
