import { describe, expect, test } from '@jest/globals';
import type { Datagram, Trailer } from '@piranha/protocol';
import { decodeDatagram, encodeDatagram } from '@piranha/protocol';
import fc from 'fast-check';
import type { Verdict } from './acceptance.ts';
import { first, own, plain, receiver, second, state, third } from '../testing/fake-receiver.ts';

describe('an attacker without the key, under require', () => {
  const key = new Uint8Array(32).fill(1);
  const signed = (fields: Partial<Trailer>): Uint8Array => encodeDatagram({ ...plain, ...fields }, key);
  /** What was on the wire: two former sessions, one of them retired here, and the one in force up to 20. */
  const recorded: readonly Uint8Array[] = [
    ...[1n, 2n, 3n].map((sequence) => signed({ session: third, echo: 900n, sequence, active: true, term: 8 })),
    ...[1n, 2n, 3n].map((sequence) => signed({ session: first, echo: own, sequence, active: true, term: 9 })),
    ...Array.from({ length: 20 }, (_, index) => signed({ session: second, echo: own, sequence: BigInt(index + 1) })),
    ...[1n, 2n].map((sequence) => signed({ session: own, echo: second, sequence })),
  ];
  const forged = fc.record({
    session: fc.constantFrom(first, second, third, own, 77n),
    echo: fc.constantFrom(0n, own),
    sequence: fc.bigInt(0n, 2n ** 64n - 1n),
    term: fc.constantFrom(0, 2 ** 32 - 1),
    active: fc.boolean(),
    kind: fc.constantFrom('heartbeat', 'answer'),
  });
  const attack = fc.oneof(
    fc.constantFrom(...recorded),
    forged.map((fields) => encodeDatagram({ ...plain, ...fields }, undefined)),
    forged.map((fields) => encodeDatagram({ ...plain, ...fields }, new Uint8Array(32).fill(2))),
    fc.constantFrom(Buffer.from('dadbadbd', 'hex'), Buffer.from('bddabdad', 'hex')),
  );
  const steps = fc.array(fc.tuple(attack, fc.constantFrom('public', 'private'), fc.nat(5000)), { maxLength: 60 });

  const read = (bytes: Uint8Array): Datagram => {
    const datagram = decodeDatagram(bytes, [key]);
    if (typeof datagram === 'string') throw new Error(datagram);
    return datagram;
  };

  /** The partner was restarted once, and was last heard at 0. */
  const standing = (): ReturnType<typeof receiver> => {
    const router = receiver('require');
    router.say({ session: first, echo: own, sequence: 3n });
    for (let count = 1; count <= 20; count += 1) router.say({ session: second, echo: own, sequence: BigInt(count) });
    return router;
  };

  test('changes no state, and keeps nobody alive beyond a keepalive', () => {
    const aliveAt: number[] = [];
    fc.assert(
      fc.property(steps, (each) => {
        const router = standing();
        const verdicts: Verdict['type'][] = [];
        let at = 0;
        for (const [bytes, on, wait] of each) {
          at += wait;
          const verdict = router.take(read(bytes), at, on);
          verdicts.push(verdict.type);
          if (verdict.type === 'channel') aliveAt.push(at);
        }
        expect(verdicts).not.toContain('state');
        expect(router.session()).toBe(second);
        // And the partner is believed as ever.
        expect(router.say({ session: second, echo: own, sequence: 21n, at })).toEqual(state('known'));
      }),
      { numRuns: 1000 },
    );
    // Without a single one the bound would not have been tried.
    expect(aliveAt.length).toBeGreaterThan(0);
    expect(Math.max(...aliveAt)).toBeLessThan(1000);
  });

  test('does not keep the restarted partner out', () => {
    fc.assert(
      fc.property(steps, (each) => {
        const router = standing();
        let at = 0;
        const answers: (bigint | undefined)[] = [];
        const note = (verdict: Verdict): void => {
          if (verdict.type === 'refused') answers.push(verdict.answer);
        };
        for (const [bytes, on, wait] of each) {
          at += wait;
          note(router.take(read(bytes), at, on));
        }
        note(router.say({ session: 44n, echo: 0n, sequence: 1n, at }));
        for (const [bytes, on] of each) note(router.take(read(bytes), at + 999, on));
        expect(answers).toContain(44n);
        expect(router.say({ session: 44n, echo: own, sequence: 2n, at: at + 1000 })).toEqual(state('new'));
      }),
      { numRuns: 300 },
    );
  });
});
