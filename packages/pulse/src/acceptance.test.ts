import { describe, expect, test } from '@jest/globals';
import { instant, milliseconds } from '@piranha/domain';
import type { Datagram, HeartbeatWord, Signature, Trailer } from '@piranha/protocol';
import { decodeDatagram, encodeDatagram } from '@piranha/protocol';
import fc from 'fast-check';
import type { AuthMode, Reception, Refusal, Verdict } from './acceptance.ts';
import { accept, acceptedSession, firstReception } from './acceptance.ts';
import type { ChannelName } from './state.ts';

const own = 1000n;
const [first, second, third] = [11n, 22n, 33n] as const;

const plain: Trailer = {
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
function receiver(initially: AuthMode, begin: Reception = firstReception) {
  let reception = begin;
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

const state = (session: 'known' | 'new' | 'none'): Verdict => ({ type: 'state', session });
const channel: Verdict = { type: 'channel' };
const refused = (why: Refusal, answer?: bigint): Verdict => ({
  type: 'refused',
  why,
  ...(answer === undefined ? {} : { answer }),
});

const modes: readonly AuthMode[] = ['off', 'accept', 'require'];

describe('S1, signatures', () => {
  test.each(['none', 'wrong', 'valid', 'unchecked'] as const)('off: one that is %s counts', (signature) => {
    const { say, reception } = receiver('off');
    expect(say({ signature })).toEqual(state('new'));
    expect(reception().tolerated).toEqual({ unsigned: 0, 'wrong-signature': 0 });
  });

  test('accept: unsigned and wrong ones count, and are counted', () => {
    const { say, reception } = receiver('accept');
    expect(say({ sequence: 1n, signature: 'none' })).toEqual(state('new'));
    expect(say({ sequence: 2n, signature: 'wrong' })).toEqual(state('known'));
    expect(say({ sequence: 3n, signature: 'wrong' })).toEqual(state('known'));
    expect(say({ sequence: 4n, signature: 'valid' })).toEqual(state('known'));
    expect(reception().tolerated).toEqual({ unsigned: 1, 'wrong-signature': 2 });
  });

  test('require: all but valid ones are refused, and are counted', () => {
    const { say, reception } = receiver('require');
    expect(say({ echo: own, signature: 'none' })).toEqual(refused('unsigned'));
    expect(say({ echo: own, signature: 'unchecked' })).toEqual(refused('unsigned'));
    expect(say({ echo: own, signature: 'wrong' })).toEqual(refused('wrong-signature'));
    expect(reception().refused).toMatchObject({ unsigned: 2, 'wrong-signature': 1 });
    expect(reception().candidates.sessions).toEqual([]);
    expect(say({ echo: own, signature: 'valid' })).toEqual(state('new'));
  });
});

describe('S2, retired sessions', () => {
  test.each(modes)('%s: a session that was replaced is refused from then on', (auth) => {
    const { say, session, reception } = receiver(auth);
    say({ session: first, echo: own, sequence: 5n });
    expect(say({ session: second, echo: own, sequence: 1n })).toEqual(state('new'));
    for (const at of [1, 5000, 1e9])
      expect(say({ session: first, echo: own, sequence: 1000n, at })).toEqual(refused('retired-session'));
    expect(session()).toBe(second);
    expect(reception().refused['retired-session']).toBe(3);
  });

  test('the newest 1024 are remembered', () => {
    const { say, reception } = receiver('off');
    for (let session = 1n; session <= 999n; session += 1n) say({ session });
    for (let session = 2001n; session <= 3000n; session += 1n) say({ session });
    expect(reception().retired.size).toBe(1024);
    expect(say({ session: 2999n })).toEqual(refused('retired-session'));
  });
});

describe('S3, new sessions', () => {
  test.each(['off', 'accept'] as const)('%s: one counts at once', (auth) => {
    const { say, session } = receiver(auth);
    expect(say({ session: first, echo: 0n })).toEqual(state('new'));
    expect(say({ session: second, echo: 0n })).toEqual(state('new'));
    expect(session()).toBe(second);
  });

  test('require: one is answered and changes nothing until it echoes ours', () => {
    const { say, session, reception } = receiver('require');
    say({ session: first, echo: own, sequence: 9n });
    const before = reception();
    expect(say({ session: second, echo: 0n, active: true, term: 99 })).toEqual(refused('unproved-session', second));
    expect(say({ session: second, echo: first, sequence: 2n })).toEqual(refused('unproved-session', second));
    const { candidates, refused: counted, ...rest } = reception();
    const { candidates: noneYet, refused: countedBefore, ...restBefore } = before;
    expect(rest).toEqual(restBefore);
    expect([noneYet.sessions.length, candidates.sessions.length]).toEqual([0, 1]);
    expect([countedBefore['unproved-session'], counted['unproved-session']]).toEqual([0, 2]);
    expect(session()).toBe(first);
    expect(say({ session: first, echo: own, sequence: 10n })).toEqual(state('known'));
    expect(say({ session: second, echo: own, sequence: 3n })).toEqual(state('new'));
    expect(session()).toBe(second);
    expect(reception().candidates.sessions).toEqual([]);
  });

  test('require: an answer that echoes ours proves, too', () => {
    expect(receiver('require').say({ kind: 'answer', echo: own })).toEqual(state('new'));
  });

  test('require: one session is answered four times within a keepalive', () => {
    const { say } = receiver('require');
    const answers = [0, 1, 2, 3, 4, 1000].map((at, index) => say({ session: second, sequence: BigInt(index), at }));
    expect(answers).toEqual([
      ...Array.from({ length: 4 }, () => refused('unproved-session', second)),
      refused('unproved-session'),
      refused('unproved-session', second),
    ]);
  });

  test('two routers that start together accept each other within three datagrams', () => {
    const [a, b] = [500n, 600n];
    type End = { readonly session: bigint; reception: Reception };
    const ends: Record<'a' | 'b', End> = {
      a: { session: a, reception: firstReception },
      b: { session: b, reception: firstReception },
    };
    const send = (to: End, from: bigint, echo: bigint, sequence: bigint): Verdict => {
      const datagram: Datagram = {
        type: 'pair',
        trailer: { ...plain, session: from, echo, sequence },
        signature: 'valid',
      };
      const limits = { keepalive: milliseconds(1000), deadtime: milliseconds(3000) };
      const arrival = { at: instant(0), channel: 'public', datagram, ownSession: to.session, ...limits } as const;
      const judged = accept(to.reception, { ...arrival, auth: 'require' });
      to.reception = judged.reception;
      return judged.verdict;
    };
    expect(send(ends.b, a, acceptedSession(ends.a.reception), 1n)).toEqual(refused('unproved-session', a));
    expect(send(ends.a, b, a, 1n)).toEqual(state('new'));
    expect(send(ends.b, a, acceptedSession(ends.a.reception), 2n)).toEqual(state('new'));
    expect([acceptedSession(ends.a.reception), acceptedSession(ends.b.reception)]).toEqual([b, a]);
  });

  test('what we have sent ourselves is refused', () => {
    for (const auth of modes) {
      const { say, session } = receiver(auth);
      expect(say({ session: own, echo: own })).toEqual(refused('own-session'));
      expect(session()).toBe(0n);
    }
  });
});

describe('S3, when require comes into force', () => {
  test('a partner that has echoed ours under a signature stays accepted', () => {
    const { say, reload } = receiver('accept');
    say({ sequence: 1n });
    say({ sequence: 2n, echo: own });
    reload('require');
    expect(say({ sequence: 3n, echo: 0n })).toEqual(state('known'));
  });

  test.each(['none', 'valid'] as const)(
    'a session that was only believed (signature %s) has to prove itself',
    (how) => {
      const { say, reload } = receiver('accept');
      say({ sequence: 1n, signature: how, echo: how === 'none' ? own : 0n });
      reload('require');
      expect(say({ sequence: 2n })).toEqual(refused('unproved-session', first));
      expect(say({ sequence: 3n, echo: own })).toEqual(state('known'));
      expect(say({ sequence: 4n })).toEqual(state('known'));
    },
  );
});

describe('S4, sequences', () => {
  test.each(modes)('%s: the copy on the other channel only keeps that channel alive', (auth) => {
    const { say } = receiver(auth);
    expect(say({ echo: own, sequence: 1n, on: 'public' })).toEqual(state('new'));
    expect(say({ echo: own, sequence: 1n, on: 'private' })).toEqual(channel);
    expect(say({ echo: own, sequence: 2n, on: 'private' })).toEqual(state('known'));
    expect(say({ echo: own, sequence: 2n, on: 'public' })).toEqual(channel);
  });

  test('an old one on its channel is refused, also the first number of all', () => {
    const { say, reception } = receiver('require');
    expect(say({ echo: own, sequence: 0n })).toEqual(state('new'));
    for (const sequence of [3n, 5n]) say({ sequence });
    for (const sequence of [0n, 3n, 4n, 5n]) expect(say({ sequence })).toEqual(refused('old-sequence'));
    expect(reception().refused['old-sequence']).toBe(4);
    expect(say({ sequence: 0n, on: 'private' })).toEqual(channel);
  });

  test('numbers may be left out, up to the highest', () => {
    const { say } = receiver('require');
    say({ echo: own, sequence: 1n });
    expect(say({ sequence: 2n ** 64n - 1n })).toEqual(state('known'));
  });

  test('a new session begins again, on every channel', () => {
    const { say } = receiver('require');
    say({ session: first, echo: own, sequence: 100n, on: 'public' });
    say({ session: first, sequence: 100n, on: 'private' });
    expect(say({ session: second, echo: own, sequence: 1n, on: 'private' })).toEqual(state('new'));
    expect(say({ session: second, sequence: 1n, on: 'public' })).toEqual(channel);
    expect(say({ session: second, sequence: 2n, on: 'public' })).toEqual(state('known'));
  });

  test('recordings of one channel do not keep a dead partner alive on the other', () => {
    const { say } = receiver('require');
    for (let count = 1; count <= 50; count += 1) say({ echo: own, sequence: BigInt(count), at: count * 1000 });
    expect(say({ sequence: 10n, at: 50_999, on: 'private' })).toEqual(channel);
    for (let count = 11; count <= 50; count += 1) {
      const replayed = say({ sequence: BigInt(count), at: 50_000 + count * 1000, on: 'private' });
      expect(replayed).toEqual(refused('old-sequence'));
    }
  });
});

describe('O0, bare datagrams', () => {
  test.each(['off', 'accept'] as const)('%s: they count where no trailer was ever accepted', (auth) => {
    const { bare } = receiver(auth);
    expect(bare('stopped', 0)).toEqual(state('none'));
    expect(bare('running', 1)).toEqual(state('none'));
  });

  test("the words of the original's failover services only show that it lives", () => {
    const { bare } = receiver('off');
    expect((['stop-me', 'hold', 'held'] as const).map((word) => bare(word, 0))).toEqual([channel, channel, channel]);
  });

  test('they do not count until no trailer was accepted for deadtime', () => {
    const { say, bare, reception } = receiver('accept');
    say({ sequence: 1n, at: 0 });
    expect(bare('stopped', 0)).toEqual(refused('bare-beside-trailer'));
    say({ sequence: 2n, at: 2000 });
    expect(bare('running', 4999)).toEqual(refused('bare-beside-trailer'));
    expect(bare('running', 5000)).toEqual(state('none'));
    expect(say({ sequence: 3n, at: 5001 })).toEqual(state('known'));
    expect(bare('running', 8000)).toEqual(refused('bare-beside-trailer'));
    expect(reception().refused['bare-beside-trailer']).toBe(3);
  });

  test('a refused trailer does not keep them out', () => {
    const { say, bare } = receiver('off');
    say({ session: first, at: 0 });
    say({ session: second, at: 1 });
    expect(say({ session: first, sequence: 9n, at: 2900 })).toEqual(refused('retired-session'));
    expect(bare('stopped', 3001)).toEqual(state('none'));
  });

  test('require: they never count', () => {
    const { bare, reception } = receiver('require');
    expect(bare('stopped', 0)).toEqual(refused('bare-under-require'));
    expect(bare('hold', 1e9)).toEqual(refused('bare-under-require'));
    expect(reception().refused['bare-under-require']).toBe(2);
  });
});

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
    const datagram = decodeDatagram(bytes, key);
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
