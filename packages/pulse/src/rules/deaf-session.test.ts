// A forged sequence in the way: the router that is not heard any more begins a new session.
import { describe, expect, test } from '@jest/globals';
import type { Datagram, Trailer } from '@piranha/protocol';
import { router, sent, texts } from '../testing/fake-router.ts';
import { wordsOf } from './words.ts';
import { first, receiver } from '../testing/fake-receiver.ts';

type Node = ReturnType<typeof router>;

/** Heard once a second, for so many seconds. */
function hearFor(node: Node, lengthInSeconds: number, said: Partial<Trailer>): void {
  for (let second = 0; second < lengthInSeconds; second += 1) {
    node.hear(said);
    node.pass(1);
  }
}

const started = (auth: 'off' | 'accept' | 'require' = 'off'): Node => {
  const node = router({ auth });
  node.start();
  node.hear({ active: true, hears: true, echo: node.state().own.session });
  node.take();
  return node;
};

describe('a partner that knows the session, and hears nothing of it', () => {
  test('is sent a new one after deadtime, and not before', () => {
    const node = started();
    const { session, sequence } = node.state().own;
    const deaf = { active: true, hears: false, echo: session };
    hearFor(node, 3, deaf);
    expect(node.state().own.session).toBe(session);
    expect(node.state().own.sequence).toBeGreaterThan(sequence);
    node.hear(deaf);
    node.pass(1);
    const [last] = sent(node.take()).slice(-1);
    expect(last?.session).toBe(node.state().own.session);
    expect(last?.session).not.toBe(session);
    expect(last?.sequence).toBe(1n);
  });

  test('is sent another one each deadtime while it stays deaf, and the log has one line a minute', () => {
    const node = started();
    const sessions = new Set<bigint>();
    for (let second = 0; second < 30; second += 1) {
      hearFor(node, 1, { active: true, hears: false, echo: node.state().own.session });
      sessions.add(node.state().own.session);
    }
    expect(sessions.size).toBeLessThanOrEqual(11);
    const news = node.take().flatMap((action) => (action.type === 'news' ? [action.news] : []));
    const lines = news.filter(({ type }) => type === 'session-deaf').map(wordsOf);
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.every(({ kind }) => kind === 'session-deaf')).toBe(true);
  });

  test.each([
    ['it hears us', { hears: true }, 'off'],
    ['it knows another session', { hears: false, echo: 5n }, 'off'],
    ['everything has to be proved', { hears: false }, 'require'],
  ] as const)('is left alone where %s', (_, said, auth) => {
    const node = started(auth);
    const { session } = node.state().own;
    hearFor(node, 10, { active: true, echo: session, ...said });
    expect(node.state().own.session).toBe(session);
    expect(texts(node.take()).join()).not.toMatch(/a new one begins/);
  });
});

test('what was forged in the old session deafens nobody: the new one counts at once', () => {
  const partner = receiver('off');
  partner.say({ session: first, sequence: 10n });
  partner.say({ session: first, sequence: 2n ** 64n - 1n, at: 100 });
  expect(partner.say({ session: first, sequence: 11n, at: 1000 })).toMatchObject({ type: 'refused' });
  expect(partner.say({ session: first + 1n, sequence: 1n, at: 1100 })).toEqual({ type: 'state', session: 'new' });
});

test('what comes back of a former session of ours is nobody', () => {
  const node = started();
  const { session } = node.state().own;
  hearFor(node, 5, { active: true, hears: false, echo: session });
  const datagram: Datagram = {
    type: 'pair',
    signature: 'none',
    trailer: { ...sent(node.take()).slice(-1)[0], session, sequence: 999n } as Trailer,
  };
  const before = node.state().reception.refused['retired-session'];
  node.give({ type: 'datagram', at: node.now(), channel: 'public', datagram });
  expect(node.state().reception.refused['retired-session']).toBe(before + 1);
});
