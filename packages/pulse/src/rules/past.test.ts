import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { instant, milliseconds } from '@piranha/domain';
import type { Datagram } from '@piranha/protocol';
import fc from 'fast-check';
import { accept, firstReception, whyPast } from './acceptance.ts';
import { first, own, plain, receiver, second } from '../testing/fake-receiver.ts';
import type { AuthMode, ChannelName, Reception } from '../state-parts.ts';

describe('what is of the past whatever its signature is worth', () => {
  const anyAuth = fc.constantFrom<AuthMode>('off', 'accept', 'require');
  const anyDatagram = fc.record({
    session: fc.constantFrom(first, second, own),
    echo: fc.constantFrom(0n, own),
    sequence: fc.bigInt(0n, 9n),
    signature: fc.constantFrom('none', 'wrong', 'valid', 'unchecked'),
    on: fc.constantFrom('public', 'private'),
    wait: fc.nat(3000),
  });

  /** Without `require` an old one may prove its session; the next new one does it as well. */
  const withoutCounts = (reception: Reception) => ({ ...reception, refused: 0, tolerated: 0, proved: false });

  test('the rules would have refused it, too, without a word', () => {
    let found = 0;
    fc.assert(
      fc.property(anyAuth, fc.array(anyDatagram, { maxLength: 30 }), (auth, arrivals) => {
        let [reception, at]: [Reception, number] = [firstReception, 0];
        return arrivals.every(({ on, wait, signature, ...fields }) => {
          at += wait;
          const datagram: Datagram = { type: 'pair', trailer: { ...plain, ...fields }, signature };
          const settings = { keepalive: milliseconds(1000), deadtime: milliseconds(3000), auth, ownSession: own };
          const arrival = { at: instant(at), channel: on, datagram, ...settings } as const;
          const [before, past] = [reception, whyPast(reception, arrival, datagram.trailer)];
          const { reception: next, verdict } = accept(before, arrival);
          reception = next;
          if (past === undefined) return true;
          found += 1;
          const silent = verdict.type === 'refused' && verdict.answer === undefined;
          return silent && isDeepStrictEqual(withoutCounts(next), withoutCounts(before));
        });
      }),
    );
    expect(found).toBeGreaterThan(50);
  });

  test('of the session that counts it is every sequence that the channel has had; of others only our own', () => {
    const { say, reception } = receiver('require');
    say({ session: first, echo: own, sequence: 5n });
    const why = (session: bigint, sequence: bigint, on: ChannelName = 'public') =>
      whyPast(reception(), { channel: on, ownSession: own, auth: 'require' }, { ...plain, session, sequence });
    expect([why(first, 5n), why(first, 6n), why(first, 5n, 'private')]).toEqual(['old-sequence', undefined, undefined]);
    expect([why(own, 9n), why(second, 1n)]).toEqual(['own-session', undefined]);
  });
});
