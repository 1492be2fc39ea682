// The first event of a pulse: alone, or with an lvs that an earlier pulse has left.
import type { Instant } from '@piranha/domain';
import { after, never } from '@piranha/domain';
import { adoptBalancer, startBalancer } from './balancer.ts';
import { stranger } from './partner.ts';
import { announce, raising, takeOver } from './role-change.ts';
import type { AdoptedLvs, PulseEvent, PulseState } from '../state.ts';
import { startTimers } from './timers.ts';
import { say } from './trailer.ts';
import type { Transition } from './transition.ts';
import { andThen, go, stay, tell } from './transition.ts';

/** Begins: as the active router where this is it still, as an inactive one otherwise. */
export function onStarted(
  before: PulseState,
  { at, force, adopted, timers }: Extract<PulseEvent, { readonly type: 'started' }>,
): Transition {
  const begun = andThen(go(before, tell({ type: 'started', role: before.settings.role })), (state) =>
    andThen(startTimers(state, timers, at), (timed) => stay(listening(timed, at))),
  );
  if (adopted?.serves === true) return andThen(begun, (state) => goOnActive(state, at, adopted));
  const balanced = andThen(begun, (state) =>
    adopted === undefined ? startBalancer(state, at) : adoptBalancer(state, at, adopted),
  );
  const idle = andThen(balanced, (state) =>
    andThen(say(state, at), (said) =>
      go(
        said,
        // Left over from an earlier life that ended badly.
        { type: 'lower-addresses', addresses: said.settings.addresses },
        { type: 'run-command', which: 'inactive' },
        { type: 'sync-daemons', run: true },
      ),
    ),
  );
  if (!force) return idle;
  return andThen(idle, (state) => {
    const forced: PulseState = { ...state, own: { ...state.own, forced: true } };
    const taken = takeOver(forced, at, { type: 'forced' });
    return { ...taken, state: { ...taken.state, own: { ...taken.state.own, held: true } } };
  });
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
  const going = andThen(go(active, tell({ type: 'went-on', term })), (now) => say(now, at));
  const ticked = andThen(going, (now) => (adopted.lives ? adoptBalancer(now, at, adopted) : startBalancer(now, at)));
  const standing = andThen(ticked, (now) =>
    go(now, raising(now, settings.addresses), { type: 'sync-daemons', run: true }),
  );
  // Our predecessor may have died before it had told the neighbours.
  return andThen(standing, (now) => announce(now, at, false));
}
