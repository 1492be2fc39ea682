// lvs under us: its messages, its death, and when it is started again.
import type { Ending, Instant } from '@piranha/domain';
import { after, backoff, between, milliseconds, never, seconds } from '@piranha/domain';
import { lvsSilenceLimit } from '@piranha/protocol';
import { claimEnd } from './claim.ts';
import { raiseNewcomers } from './reload.ts';
import { broken, isActive } from './fitness.ts';
import { onOwnOrders } from './notes.ts';
import { leaveService, raiseAddresses, tick } from './role-change.ts';
import type { AdoptedLvs, LvsNews } from '../events.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { andThen, go, stay, tell } from './transition.ts';

/** An lvs that lived this long is forgiven its earlier failures. */
const quietTime = seconds(60);
const firstRestart = seconds(0.2);
const slowestRestart = seconds(30);

/** Starts lvs (again) and tells it where we stand. */
export function startBalancer(state: PulseState, at: Instant): Transition {
  const fresh = { running: true, fenced: false, unanswered: 1, startedAt: at, restartAt: never };
  const balancer = { ...state.balancer, ...fresh, heardAt: undefined, silentSince: at, hangs: false };
  const started: PulseState = {
    ...state,
    balancer: { ...balancer, table: 'unknown' },
    own: { ...state.own, living: undefined, connections: undefined },
  };
  return andThen(go(started, { type: 'start-lvs' }), (now) => tick(now, at));
}

/** Goes on with an lvs that lives. It is handed our configuration, for the file may have changed, and told where we stand. */
export function adoptBalancer(state: PulseState, at: Instant, { serves, fenced }: AdoptedLvs): Transition {
  const { balancer } = state;
  const heard = { running: true, fenced, startedAt: at, heardAt: at, silentSince: at, unanswered: 1 };
  const table = serves ? 'usable' : 'unknown';
  const adopted: PulseState = { ...state, balancer: { ...balancer, ...heard, table } };
  return andThen(go(adopted, { type: 'configure-lvs' }), (now) => tick(now, at));
}

/** lvs tells how far it is. */
export function onLvsMessage(silent: PulseState, message: LvsNews, at: Instant): Transition {
  const before: PulseState = { ...silent, balancer: { ...silent.balancer, heardAt: at, silentSince: at } };
  const usable: PulseState = { ...before, balancer: { ...before.balancer, table: 'usable', fenced: false } };
  switch (message.type) {
    case 'ready':
      return andThen(raiseAddresses(usable), (state) =>
        state.balancer.unanswered === 0 ? raiseNewcomers(state) : stay(state),
      );
    case 'standing-by':
    case 'written':
      return onWritten(usable);
    case 'alive':
      return stay(before);
    case 'living':
      return stay({ ...before, own: { ...before.own, living: message.count ?? undefined } });
    case 'orders':
      return stay(onOwnOrders(before, message.orders, at));
    case 'connections':
      return stay({ ...before, own: { ...before.own, connections: message.count ?? undefined } });
    case 'fencing':
      return stay({ ...before, balancer: { ...before.balancer, fenced: true } });
    case 'fenced':
      return onFenced(before, message.term, at);
    case 'unable':
      return onUnable(before, message.problem, at);
    case 'configured':
      return onConfigurationAnswer(before, message.digest);
    case 'rejected':
      return andThen(
        go(before, tell({ type: 'lvs-refused', because: { type: 'problem', problem: message.problem } })),
        (state) => onConfigurationAnswer(state, undefined),
      );
  }
}

/** Good enough for addresses that have waited long enough. */
const onWritten = (state: PulseState): Transition =>
  state.phase.type === 'taking-over' && state.phase.wait === 'no-longer' ? raiseAddresses(state) : stay(state);

/** Only the answer to the last of several configurations has to fit. */
function onConfigurationAnswer(before: PulseState, digest: string | undefined): Transition {
  const unanswered = before.balancer.unanswered - 1;
  const state = { ...before, balancer: { ...before.balancer, unanswered } };
  if (unanswered > 0 || digest === before.settings.digest) return stay(state);
  return go(state, tell({ type: 'lvs-differs' }));
}

/** lvs cannot balance: better nobody here than addresses without a service. */
function onUnable(before: PulseState, problem: string, at: Instant): Transition {
  const { table, brokenAt } = before.balancer;
  if (table === 'unusable' && brokenAt !== undefined) return stay(before);
  const failed = broken(before, at);
  const state: PulseState = { ...failed, balancer: { ...failed.balancer, table: 'unusable' } };
  return isActive(state)
    ? leaveService(state, { type: 'lvs-unable', problem })
    : go(state, tell({ type: 'lvs-unable', because: { type: 'problem', problem } }));
}

/**
 * It missed our ticks and took the addresses down; so we are no owner any more (docs/pair.md, L1). What it says of an
 * earlier term was said too late: since then this router was inactive, and lvs has another order.
 */
function onFenced(before: PulseState, term: number, at: Instant): Transition {
  const state: PulseState = { ...before, balancer: { ...before.balancer, fenced: true } };
  if (state.phase.type === 'inactive') return tick(state, at);
  if (!isActive(state) || term !== state.own.term) return stay(state);
  const noticed = go(state, tell({ type: 'lvs-fenced' }));
  // Down once more: what we ordered before may still bring one up.
  return andThen(noticed, (now) => leaveService(now, { type: 'lvs-fenced' }));
}

/**
 * Goes before whatever a router does that was asleep: an owner that has said nothing for so long is none any more, whatever
 * it still thinks. lvs has fenced itself or does so with the next tick, the partner takes over, and a word or an announcement
 * of ours would undo that: an original obeys the word, and never says again where its addresses are.
 */
export function endClaim(state: PulseState, at: Instant): Transition {
  if (!isActive(state) || at < claimEnd(state)) return stay(state);
  const noticed = go(state, tell({ type: 'claim-over' }));
  return andThen(noticed, (now) => leaveService(now, { type: 'claim-over' }));
}

/** lvs has ended. Once it is restarted in place; after that this router is the worse one until it has proved itself. */
export function onLvsEnded(before: PulseState, at: Instant, ending: Ending, text: string): Transition {
  // Until now the kernel may still have told the partner of connections.
  if (before.phase.type === 'ending') return go(before, { type: 'sync-daemons', run: false }, { type: 'exit' });
  const { balancer } = before;
  const failures = between(balancer.startedAt, at) > quietTime ? 1 : balancer.failures + 1;
  const stopped: PulseState = {
    ...before,
    balancer: { ...balancer, running: false, failures, tickAt: never },
    own: { ...before.own, living: undefined, connections: undefined },
  };
  const noticed = go(stopped, tell({ type: 'lvs-ended', because: { type: 'ended', how: text } }));
  if (failures === 1 && ending.type !== 'not-started') return andThen(noticed, (state) => startBalancer(state, at));
  const restartAt = after(at, backoff(failures - 1, firstRestart, slowestRestart));
  return andThen(noticed, (state) => {
    const now = broken(state, at);
    return stay({ ...now, balancer: { ...now.balancer, restartAt } });
  });
}

/** A process takes a while to say its first word, much longer on a busy machine. */
const firstWordLimit = seconds(20);

/** When lvs has given no sign of life for too long. */
export function lvsSilentAt({ balancer, settings, phase }: PulseState): Instant {
  if (!balancer.running || phase.type === 'ending') return never;
  const limit = lvsSilenceLimit(settings);
  const unheard = balancer.heardAt === undefined;
  return after(balancer.silentSince, unheard ? milliseconds(Math.max(limit, firstWordLimit)) : limit);
}

/** It hangs: it is killed, and what follows is as for any that dies. One that does not even die then is as good as none. */
export function killSilentLvs(before: PulseState, at: Instant): Transition {
  const { balancer } = before;
  const state: PulseState = { ...before, balancer: { ...balancer, hangs: true, silentSince: at } };
  const silent = between(balancer.silentSince, at);
  const noticed = tell({ type: 'lvs-hangs', because: { type: 'silence', silent } });
  return go(balancer.hangs ? broken(state, at) : state, noticed, { type: 'kill-lvs' });
}
