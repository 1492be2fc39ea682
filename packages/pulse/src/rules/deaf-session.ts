// A partner that knows this router's session and hears nothing of it. Where nothing is proved, a forged sequence may stand in
// the way of all that are sent: a new session begins.
import type { Instant } from '@piranha/domain';
import { between } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { retire } from './acceptance.ts';
import { partnerName } from './role-change.ts';
import type { PulseState } from '../state.ts';
import type { Transition } from './transition.ts';
import { go, isProved, stay, tell } from './transition.ts';

/** The partner has said this. In a cut of one direction it helps nothing, and does no harm. */
export const leaveDeafSession =
  (said: Trailer, at: Instant) =>
  (state: PulseState): Transition => {
    const { own, settings } = state;
    if (settings.auth === 'require' || said.hears || said.echo !== own.session) return stay(heardAgain(state));
    const since = own.unheardSince ?? at;
    if (between(since, at) < settings.deadtime) return stay({ ...state, own: { ...own, unheardSince: since } });
    return go(renewed(state, at), tell({ type: 'session-deaf', partner: partnerName(state), proved: isProved(state) }));
  };

const heardAgain = (state: PulseState): PulseState =>
  state.own.unheardSince === undefined ? state : { ...state, own: { ...state.own, unheardSince: undefined } };

/** Starts a new session. A later datagram of the old one can only be a replay, so the old one is retired. */
const renewed = ({ own, reception, ...state }: PulseState, at: Instant): PulseState => ({
  ...state,
  own: { ...own, session: nextSession(own.session), sequence: 0n, unheardSince: at },
  reception: { ...reception, retired: retire(reception.retired, own.session) },
});

/** It need not be secret: with one that is known nothing more can be done than with the one before. Never 0n. */
const nextSession = (session: bigint): bigint => BigInt.asUintN(64, session * 6_364_136_223_846_793_005n + 1n) || 1n;
