// lvs under us: its messages, its death, and when it is started again.
import type { Instant } from '@piranha/domain';
import { after, backoff, between, never, seconds } from '@piranha/domain';
import type { Ending } from '@piranha/runtime';
import { raiseNewcomers } from './reload.ts';
import { raiseAddresses, saysRunning, yieldAddresses } from './role-change.ts';
import type { LvsNews, PulseState } from './state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, log, stay } from './transition.ts';

/** An lvs that lived this long is forgiven its earlier failures. */
const quietTime = seconds(60);
const firstRestart = seconds(0.2);
const slowestRestart = seconds(30);
/** How long a router that handed over because of lvs does not take over again; doubles with each failure. */
const firstUnfit = seconds(5);
const longestUnfit = seconds(600);

/** Starts lvs (again) and tells it where we stand. */
export function startBalancer(state: PulseState, at: Instant): Transition {
  const role = saysRunning(state) ? 'active' : 'standby';
  return go(
    {
      ...state,
      balancer: { ...state.balancer, running: true, table: 'unknown', unanswered: 1, startedAt: at, restartAt: never },
    },
    { type: 'start-lvs' },
    { type: 'tell-lvs', role },
  );
}

/** lvs tells how far it is. */
export function onLvsMessage(before: PulseState, message: LvsNews): Transition {
  const usable: PulseState = { ...before, balancer: { ...before.balancer, table: 'usable' } };
  switch (message.type) {
    case 'ready':
      return andThen(raiseAddresses(usable), (state) =>
        state.balancer.unanswered === 0 ? raiseNewcomers(state) : stay(state),
      );
    case 'standing-by':
    case 'written':
      return before.phase.type === 'taking-over' && before.phase.wait === 'no-longer'
        ? raiseAddresses(usable)
        : stay(usable);
    case 'unable':
      return onUnable(before, message.problem);
    case 'configured':
      return onConfigurationAnswer(before, message.digest);
    case 'rejected':
      return andThen(go(before, log('error', `lvs refused the configuration: ${message.problem}`)), (state) =>
        onConfigurationAnswer(state, undefined),
      );
  }
}

/** Only the answer to the last of several configurations has to fit. */
function onConfigurationAnswer(before: PulseState, digest: string | undefined): Transition {
  const unanswered = before.balancer.unanswered - 1;
  const state = { ...before, balancer: { ...before.balancer, unanswered } };
  if (unanswered > 0 || digest === before.settings.digest) return stay(state);
  return go(state, log('error', 'lvs runs another configuration than pulse: restart pulse'));
}

/** lvs can not balance: better nobody here than addresses without a service. */
function onUnable(before: PulseState, problem: string): Transition {
  const state: PulseState = { ...before, balancer: { ...before.balancer, table: 'unusable' } };
  const why = `lvs can not balance: ${problem}`;
  if (saysRunning(state)) return yieldAddresses(state, 'inactive', why);
  return before.balancer.table === 'unusable' ? stay(state) : go(state, log('error', why));
}

/** lvs has ended. Once it is restarted in place; after that a partner that was heard takes over. */
export function onLvsEnded(before: PulseState, at: Instant, ending: Ending, text: string): Transition {
  if (before.phase.type === 'ending') return go(before, { type: 'exit' });
  const { balancer } = before;
  const failures = between(balancer.startedAt, at) > quietTime ? 1 : balancer.failures + 1;
  const stopped: PulseState = { ...before, balancer: { ...balancer, running: false, failures } };
  const noticed = go(stopped, log('error', `lvs ${text}`));
  if (failures === 1 && ending.type !== 'not-started') return andThen(noticed, (state) => startBalancer(state, at));
  const wait = backoff(failures - 1, firstRestart, slowestRestart);
  const delayed: Transition = {
    ...noticed,
    state: { ...stopped, balancer: { ...stopped.balancer, restartAt: after(at, wait) } },
  };
  return saysRunning(stopped) && partnerStands(stopped, at)
    ? andThen(delayed, (state) => handOver(state, at))
    : delayed;
}

/** The other router was heard within deadtime and is free to take over. */
const partnerStands = (state: PulseState, at: Instant): boolean =>
  state.partner.said === 'stopped' && at < state.partner.deadAt;

function handOver(state: PulseState, at: Instant): Transition {
  const wait = backoff(state.balancer.failures - 1, firstUnfit, longestUnfit);
  const unfit = { ...state, balancer: { ...state.balancer, unfitUntil: after(at, wait) } };
  return yieldAddresses(unfit, 'inactive', 'lvs failed again: handing over to the partner');
}
