import { describe, expect, test } from '@jest/globals';
import { instant, milliseconds } from '@piranha/domain';
import type { Datagram } from '@piranha/protocol';
import type { Verdict } from './acceptance.ts';
import { accept, acceptedSession, firstReception } from './acceptance.ts';
import { channel, first, own, plain, receiver, refused, second, state, third } from '../testing/fake-receiver.ts';
import type { AuthMode, Reception } from '../state-parts.ts';

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
  test.each(['off', 'accept'] as const)(
    'under %s the true one counts again once the one that took its place was silent for two keepalives',
    (auth) => {
      const { say, session } = receiver(auth);
      say({ session: first });
      say({ session: second, at: 100 });
      expect(say({ session: first, sequence: 2n, at: 2099 })).toEqual(refused('retired-session'));
      expect(say({ session: first, sequence: 3n, at: 2100 })).toEqual(state('new'));
      expect(say({ session: first, sequence: 4n, at: 2101 })).toEqual(state('known'));
      expect(session()).toBe(first);
      expect(say({ session: second, sequence: 2n, at: 2102 })).toEqual(refused('retired-session'));
    },
  );

  test('one that asked later than the one that proves itself is no former one: its proof counts', () => {
    const { say, session } = receiver('require');
    say({ session: first, echo: 0n });
    say({ session: second, echo: 0n, at: 10 });
    say({ session: third, echo: 0n, at: 20 });
    expect(say({ session: second, echo: own, sequence: 2n, at: 30 })).toEqual(state('new'));
    expect(say({ session: first, echo: own, sequence: 2n, at: 40 })).toEqual(refused('retired-session'));
    expect(say({ session: third, echo: own, sequence: 2n, at: 50 })).toEqual(state('new'));
    expect(session()).toBe(third);
  });

  test('under require it does not, however long the other is silent', () => {
    const { say } = receiver('require');
    say({ session: first, echo: own });
    say({ session: second, echo: own, at: 100 });
    expect(say({ session: first, echo: own, sequence: 2n, at: 1e9 })).toEqual(refused('retired-session'));
  });

  test.each(modes)('%s: a session that was replaced is refused', (auth) => {
    const { say, session, reception } = receiver(auth);
    say({ session: first, echo: own, sequence: 5n });
    expect(say({ session: second, echo: own, sequence: 1n })).toEqual(state('new'));
    for (const at of [1, 1000, 1999])
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
