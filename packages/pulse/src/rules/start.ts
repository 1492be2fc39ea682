// The first event of a pulse: alone, or with an lvs that an earlier pulse has left.
import type { Instant } from '@piranha/domain';
import { after, chain, never } from '@piranha/domain';
import { adoptBalancer, startBalancer } from './balancer.ts';
import { stranger } from './partner.ts';
import { announce, raising, takeOver } from './role-change.ts';
import type { AdoptedLvs, PulseEvent } from '../events.ts';
import type { PulseState } from '../state.ts';
import { startTimers } from './timers.ts';
import { say } from './trailer.ts';
import type { Transition } from './transition.ts';
import { go, stay, tell } from './transition.ts';

/** Begins: as the active router where this is it still, as an inactive one otherwise. */
export function onStarted(
  before: PulseState,
  { at, force, adopted, timers }: Extract<PulseEvent, { readonly type: 'started' }>,
): Transition {
  const begun = chain(
    before,
    (state) => go(state, tell({ type: 'started', role: state.settings.role })),
    (state) => startTimers(state, timers, at),
    (state) => stay(listening(state, at)),
  );
  const begin = (): Transition => begun;
  if (adopted?.serves === true) return chain(before, begin, (state) => goOnActive(state, at, adopted));
  return chain(
    before,
    begin,
    (state) => (adopted === undefined ? startBalancer(state, at) : adoptBalancer(state, at, adopted)),
    (state) => say(state, at),
    (state) =>
      go(
        state,
        // Left over from an earlier life that ended badly.
        { type: 'lower-addresses', addresses: state.settings.addresses },
        { type: 'run-command', which: 'inactive' },
        { type: 'sync-daemons', run: true },
      ),
    (state) => (force ? takeByForce(state, at) : stay(state)),
  );
}

/** `--forceactive`: an operator has placed the service here. */
function takeByForce(state: PulseState, at: Instant): Transition {
  const forced: PulseState = { ...state, own: { ...state.own, forced: true } };
  const taken = takeOver(forced, at, { type: 'forced' });
  return { ...taken, state: { ...taken.state, own: { ...taken.state.own, held: true } } };
}

/** The partner has deadtime to be heard. */
const listening = (state: PulseState, at: Instant): PulseState => ({
  ...state,
  sendAt: after(at, state.settings.keepalive),
  partner: stranger(state.settings.hasPartner ? after(at, state.settings.deadtime) : never),
});

/** Our predecessor owned the service a moment ago, and nobody else can own it yet: so do we, under its term. */
function goOnActive(state: PulseState, at: Instant, adopted: AdoptedLvs): Transition {
  const { settings, own } = state;
  const { term, held } = adopted;
  const active: PulseState = { ...state, phase: { type: 'active' }, own: { ...own, term, held } };
  return chain(
    active,
    (now) => go(now, tell({ type: 'went-on', term })),
    (now) => say(now, at),
    (now) => (adopted.lives ? adoptBalancer(now, at, adopted) : startBalancer(now, at)),
    (now) => go(now, raising(now, settings.addresses), { type: 'sync-daemons', run: true }),
    // Our predecessor may have died before it had told the neighbours.
    (now) => announce(now, at, false),
  );
}
