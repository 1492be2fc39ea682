// What `ip` says of addresses that were to come up.
import type { Instant } from '@piranha/domain';
import { chain } from '@piranha/domain';
import { announce, settledAddresses } from './role-change.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** They are up; `added` were not before. */
export function onAddressesUp(before: PulseState, at: Instant, added: readonly string[]): Transition {
  const state = { ...before, addressProblem: undefined };
  if (state.phase.type === 'taking-over') return settleIn(state, at);
  if (state.phase.type !== 'active' || added.length === 0) return stay(state);
  const expected = new Set<string>(state.newcomers.expected);
  const [fresh, lost] = [added.filter((each) => expected.has(each)), added.filter((each) => !expected.has(each))];
  const left = state.newcomers.expected.filter((each) => !fresh.includes(each));
  const noticed = go(
    { ...state, newcomers: { ...state.newcomers, expected: left } },
    ...(fresh.length > 0 ? [tell({ type: 'addresses-new', addresses: fresh })] : []),
    ...(lost.length > 0 ? [tell({ type: 'addresses-put-back', addresses: lost })] : []),
  );
  // Whoever took it down may have put it somewhere else.
  const addresses = settledAddresses(state).filter((each) => added.includes(each.address));
  return chain(
    state,
    () => noticed,
    (next) => go(next, { type: 'probe', addresses }),
    (next) => announce(next, at, false),
  );
}

/** Serve on with what is up; the next heartbeat tries again. */
export function onAddressesNotUp(before: PulseState, at: Instant, problem: string): Transition {
  const state = { ...before, addressProblem: problem };
  const trouble = tell({ type: 'address-not-up', because: { type: 'problem', problem } });
  const noticed = problem === before.addressProblem ? stay(state) : go(state, trouble);
  if (state.phase.type !== 'taking-over') return noticed;
  return chain(
    state,
    () => noticed,
    (next) => settleIn(next, at),
  );
}

/** The addresses are up, as was just read: the neighbours learn it, for longer where the partner had them, too. */
const settleIn = (state: PulseState, at: Instant): Transition =>
  announce({ ...state, phase: { type: 'active' }, announceHeldUntil: at }, at, state.conflict !== undefined);
