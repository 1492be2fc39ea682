// Heartbeats from the partner's address that do not count: what an administrator is told of them.
import { expect, test } from '@jest/globals';
import type { Datagram } from '@piranha/protocol';
import { alarmOf } from './alarm.ts';
import { activeRouter, texts, types } from '../testing/fake-router.ts';

type Node = ReturnType<typeof activeRouter>;

/** What the partner says under `require`, each time with the next sequence. */
function partner(node: Node) {
  let sequence = 0n;
  return (signature: 'valid' | 'wrong' | 'none', active: boolean, echo = 0n): void => {
    sequence += 1n;
    const said = { kind: 'heartbeat', hears: true, leaving: false, given: false, want: false, held: false } as const;
    const trailer = {
      ...said,
      class: 2,
      living: undefined,
      term: 0,
      digest: '',
      active,
      session: 5n,
      sequence,
      echo,
    } as const;
    const datagram: Datagram = { type: 'pair', trailer, signature };
    node.give({ type: 'datagram', at: node.now(), channel: 'public', datagram });
  };
}

const lone = (): Node => {
  const node = activeRouter({ auth: 'require' });
  node.pass(10);
  node.take();
  return node;
};

test.each([
  [
    'another key',
    'wrong',
    /^the backup is not believed: its heartbeats have a wrong signature.*same heartbeat_key_file/,
  ],
  ['no key', 'none', /^the backup is not believed: its heartbeats are not signed.*heartbeat_auth = require/],
  ['our key, but does not hear us', 'valid', /^the backup signs well .* one direction of the network is cut/],
] as const)(
  'a partner that is active with %s is told of once, and is an alarm as long as it speaks',
  (_, signature, text) => {
    const node = lone();
    const say = partner(node);
    say(signature, true);
    say(signature, true);
    expect(texts(node.take())).toEqual([expect.stringMatching(text)]);
    expect(alarmOf(node.state(), node.now())).toMatch(text);
    node.pass(3);
    expect(alarmOf(node.state(), node.now())).toBeUndefined();
  },
);

test('a partner with another key is told of though it is inactive: neither would ever hear the other', () => {
  const node = lone();
  partner(node)('wrong', false);
  expect(texts(node.take())).toEqual([expect.stringMatching(/wrong signature/)]);
});

test('an original is told of', () => {
  const node = lone();
  node.hearOriginal('running');
  node.hearOriginal('running');
  expect(texts(node.take())).toEqual([expect.stringMatching(/the backup is not believed: .* original router/)]);
});

test('forgeries beside a partner that is heard are only counted, and nothing is announced for them', () => {
  const node = lone();
  const say = partner(node);
  say('valid', false, node.state().own.session);
  node.take();
  for (const signature of ['wrong', 'none', 'wrong'] as const) say(signature, true);
  expect(texts(node.take())).toEqual([]);
  expect(alarmOf(node.state(), node.now())).toBeUndefined();
  expect(node.state().reception.refused).toMatchObject({ 'wrong-signature': 2, unsigned: 1 });
  say('valid', false, node.state().own.session);
  expect(types(node.take())).not.toContain('announce');
});

test('where it is believed at last it may have been active meanwhile: the addresses are announced, and the alarm is over', () => {
  const node = lone();
  const say = partner(node);
  say('wrong', true);
  node.take();
  say('valid', false, node.state().own.session);
  expect(types(node.take())).toContain('announce');
  say('wrong', true);
  expect(alarmOf(node.state(), node.now())).toBeUndefined();
});
