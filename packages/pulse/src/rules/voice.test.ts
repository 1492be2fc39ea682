// A router of which no heartbeat goes out: its addresses are gone on all networks.
import { describe, expect, test } from '@jest/globals';
import { alarmOf } from './alarm.ts';
import type { router } from '../testing/fake-router.ts';
import { activeRouter, sent, texts, types } from '../testing/fake-router.ts';

type Node = ReturnType<typeof router>;

const voice = (node: Node, sends: boolean): void => {
  node.give({ type: 'voice', at: node.now(), sends });
};

/** With deadtime 3 and keepalive 1: the partner was heard a moment ago. */
function owner(): Node {
  const node = activeRouter();
  node.hear({ active: false, hears: true, echo: node.state().own.session });
  node.pass(1);
  node.hear({ active: false, hears: true, echo: node.state().own.session });
  node.take();
  return node;
}

/** Each heartbeat fails. */
function passMute(node: Node, lengthInSeconds: number): void {
  for (let tenth = 0; tenth < lengthInSeconds * 10; tenth += 1) {
    node.pass(0.1);
    if (sent(node.take()).length > 0) voice(node, false);
  }
}

describe('an owner', () => {
  test('lets go before the partner takes over', () => {
    const node = owner();
    const spokenAt = node.state().own.spokenAt ?? NaN;
    voice(node, false);
    expect(texts(node.take())).toContain(
      'no heartbeat can be sent on any network: if that lasts, the partner takes over',
    );
    while (node.state().phase.type === 'active') passMute(node, 0.1);
    expect(node.now() - spokenAt).toBeLessThanOrEqual(3000);
    expect(node.state().phase.type).toBe('yielding');
  });

  test('serves on where the partner was silent already', () => {
    const node = activeRouter();
    node.take();
    voice(node, false);
    passMute(node, 20);
    expect(node.state().phase.type).toBe('active');
    expect(alarmOf(node.state(), node.now())).toBeUndefined();
  });

  test('whose heartbeats go out again in time is the owner as before', () => {
    const node = owner();
    voice(node, false);
    node.pass(1);
    voice(node, true);
    for (let second = 0; second < 10; second += 1) {
      node.hear({ active: false, hears: true, echo: node.state().own.session });
      node.pass(1);
    }
    expect(node.state().phase.type).toBe('active');
    expect(types(node.take())).not.toContain('lower-addresses');
  });
});

describe('who has let go', () => {
  /** Inactive and mute. */
  function mute(): Node {
    const node = owner();
    voice(node, false);
    passMute(node, 5);
    node.give({ type: 'addresses-down', at: node.now() });
    return node;
  }

  test('does not take over again as long as it is mute, however silent the partner is', () => {
    const node = mute();
    passMute(node, 60);
    expect(node.state().phase.type).toBe('inactive');
    expect(alarmOf(node.state(), node.now())).toMatch(/no heartbeat can be sent on any network/);
  });

  test('listens for deadtime when it can be heard again, and leaves an owner alone', () => {
    const node = mute();
    passMute(node, 10);
    voice(node, true);
    node.pass(2.9);
    expect(node.state().phase.type).toBe('inactive');
    node.hear({ active: true, hears: true, echo: node.state().own.session });
    node.pass(2.9);
    expect(node.state().phase.type).toBe('inactive');
  });

  test('takes over after that where nobody is heard', () => {
    const node = mute();
    voice(node, true);
    node.pass(3.1);
    expect(node.state().phase.type).toBe('taking-over');
  });
});
