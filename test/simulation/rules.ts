// The rules that the routers go by; a simulation may change them, to see that they are needed.
import type { Instant } from '@piranha/domain';
import { allRules as pairRules, nextDeadlineBy, stepBy } from '@piranha/pulse/step';
import type { PulseAction, PulseEvent, PulseState, Rules as PairRules } from '@piranha/pulse/step';

export type Rules = {
  readonly pair: PairRules;
  /** What else is done to a state and an event before they meet, and to the state after that. */
  readonly before: (state: PulseState, event: PulseEvent) => readonly [PulseState, PulseEvent];
  readonly after: (state: PulseState) => PulseState;
  /** Whether a timer that fired late is noticed. */
  readonly noticesSleep: boolean;
  /** Whether an order to raise addresses that a beat gave is forgotten after a sleep. */
  readonly raisesInTime: boolean;
  /** Whether lvs is ticked by pulse alone, and told when it is gone. */
  readonly lifeline: boolean;
  /** Whether lvs greets another pulse before it tells it anything. */
  readonly greetsFirst: boolean;
  /** Whether the timers that count outlive pulse. */
  readonly keepsTimers: boolean;
  /** Whether pulse learns that the kernel takes no heartbeat of it. */
  readonly knowsItIsMute: boolean;
};

export const wholeRules: Rules = {
  pair: pairRules,
  before: (state, event) => [state, event],
  after: (state) => state,
  noticesSleep: true,
  raisesInTime: true,
  lifeline: true,
  greetsFirst: true,
  keepsTimers: true,
  knowsItIsMute: true,
};

/** pulse's step under these rules. */
export function machineUnder({ pair, before, after, noticesSleep }: Rules) {
  const nextDeadline = (state: PulseState): Instant => nextDeadlineBy(pair, state);
  const once = (state: PulseState, event: PulseEvent) => {
    const next = stepBy(pair, ...before(state, event));
    return { state: after(next.state), actions: next.actions };
  };
  const step = (state: PulseState, event: PulseEvent) => {
    if (noticesSleep) return once(state, event);
    const actions: PulseAction[] = [];
    let now = state;
    // As if each timer had fired in time.
    for (let due = nextDeadline(now); due < event.at && actions.length < 10_000; due = nextDeadline(now)) {
      const timely = once(now, clockEvent(due));
      now = timely.state;
      actions.push(...timely.actions);
    }
    const next = once(now, event);
    return { state: next.state, actions: [...actions, ...next.actions] };
  };
  return { step, nextDeadline };
}

export const clockEvent = (at: Instant): PulseEvent => ({ type: 'clock', at });
