// A router that is sent datagrams: what it accepts of them.
import { instant, milliseconds } from '@piranha/domain';
import type { Datagram, HeartbeatWord, Signature, Trailer } from '@piranha/protocol';
import type { Verdict } from '../rules/acceptance.ts';
import { accept, acceptedSession, firstReception } from '../rules/acceptance.ts';
import type { AuthMode, ChannelName, Refusal } from '../state-parts.ts';

/** Sessions: of the router that receives, and of others. */
export const own = 1000n;
export const [first, second, third] = [11n, 22n, 33n] as const;

/** What a partner says. */
export const plain: Trailer = {
  kind: 'heartbeat',
  active: false,
  hears: false,
  leaving: false,
  given: false,
  want: false,
  held: false,
  class: 2,
  living: 1,
  term: 0,
  session: first,
  echo: 0n,
  sequence: 1n,
  digest: '0123456789abcdef',
};

type Said = Partial<Trailer> & { readonly at?: number; readonly on?: ChannelName; readonly signature?: Signature };

/** A router that receives, from its first datagram on. */
export function receiver(initially: AuthMode) {
  let reception = firstReception;
  let auth = initially;
  const take = (datagram: Datagram, at: number, channel: ChannelName): Verdict => {
    const limits = { keepalive: milliseconds(1000), deadtime: milliseconds(3000) };
    const judged = accept(reception, { at: instant(at), channel, datagram, ownSession: own, auth, ...limits });
    reception = judged.reception;
    return judged.verdict;
  };
  return {
    take,
    say: ({ at = 0, on = 'public', signature = 'valid', ...fields }: Said): Verdict =>
      take({ type: 'pair', trailer: { ...plain, ...fields }, signature }, at, on),
    bare: (word: HeartbeatWord, at: number): Verdict => take({ type: 'bare', word }, at, 'public'),
    reload: (mode: AuthMode) => {
      auth = mode;
    },
    reception: () => reception,
    session: () => acceptedSession(reception),
  };
}

/** Verdicts. */
export const state = (session: 'known' | 'new' | 'none'): Verdict => ({ type: 'state', session });
export const channel: Verdict = { type: 'channel' };
export const refused = (why: Refusal, answer?: bigint): Verdict => ({
  type: 'refused',
  why,
  ...(answer === undefined ? {} : { answer }),
});
