import { describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { alarmOf } from './alarm.ts';
import { wordsOf } from './words.ts';
import type { settings } from '../testing/fake-router.ts';
import { ownSession, router, vip } from '../testing/fake-router.ts';
import type { PulseAction } from '../events.ts';

const foreign = { address: vip.address, prefix: 24, device: 'eth0' };

const logged = (actions: readonly PulseAction[]): readonly string[] =>
  actions
    .flatMap((action) => (action.type === 'news' ? [wordsOf(action.news)] : []))
    .map(({ level, text }) => `${level}: ${text}`);
const lowered = (actions: readonly PulseAction[]) =>
  actions.flatMap((action) => (action.type === 'lower-addresses' ? [action.addresses] : []));

/** A router that has begun, in whatever state, and sees addresses. */
function started(overrides: Partial<typeof settings> = {}) {
  const node = router(overrides);
  node.start();
  node.take();
  return {
    ...node,
    see: (here: readonly (typeof foreign)[], ours: readonly IpAddress[] = []): readonly PulseAction[] => {
      node.give({ type: 'addresses-seen', at: node.now(), ours, foreign: here });
      return node.take();
    },
    alarm: () => alarmOf(node.state(), node.now()),
  };
}

describe('on an inactive router a floating address that somebody else has put there', () => {
  test('stays, and is an alarm, said once after every change', () => {
    const node = started();
    const first = node.see([foreign]);
    expect(lowered(first)).toEqual([]);
    expect(logged(first)).toEqual([
      'error: this router is inactive, and answers for 10.1.0.100 all the same: 10.1.0.100/24 on eth0 was not raised by ' +
        'pulse, and stays. Take it down: ip address delete 10.1.0.100/24 dev eth0',
    ]);
    expect(node.alarm()).toContain('this router is inactive, and answers for 10.1.0.100 all the same');
    expect(logged(node.see([foreign]))).toEqual([]);
    expect(logged(node.see([]))).toEqual(['notice: 10.1.0.100/24 on eth0, which pulse had not raised, is gone']);
    expect(node.alarm()).toBeUndefined();
    expect(logged(node.see([foreign]))).toHaveLength(1);
  });

  test('is told to the partner, which hears when it is gone, too', () => {
    const node = started();
    node.hear({ active: true, echo: ownSession });
    node.take();
    const noted = (actions: readonly PulseAction[]) =>
      actions.flatMap((action) => (action.type === 'send-note' ? [action.note.foreign] : []));
    expect(noted(node.see([foreign]))).toEqual([[vip.address]]);
    node.pass(0.3);
    node.take();
    expect(noted(node.see([]))).toEqual([[]]);
  });

  test('is in nobody’s way without a partner', () => {
    const node = started({ hasPartner: false, channels: [] });
    expect(logged(node.see([foreign]))).toEqual([expect.stringMatching(/^notice: .*pulse has not raised it/)]);
    expect(node.alarm()).toBeUndefined();
  });
});

describe('what stands on an inactive router as pulse would have raised it', () => {
  test('is taken down', () => {
    const actions = started().see([], [vip.address]);
    expect(lowered(actions)).toEqual([[vip]]);
    expect(logged(actions)).toEqual([expect.stringMatching(/^warning: .*taking down 10\.1\.0\.100 on eth0:1/)]);
  });

  test('stays where the router has taken over meanwhile', () => {
    const node = started();
    node.pass(3.1);
    expect(node.state().phase.type).not.toBe('inactive');
    node.take();
    expect(lowered(node.see([], [vip.address]))).toEqual([]);
  });
});

test('an active router uses the address of somebody else as it is, and says so once', () => {
  const node = started();
  node.pass(3.1);
  node.take();
  expect(logged(node.see([foreign]))).toEqual([
    'notice: 10.1.0.100/24 on eth0 is there, and pulse has not raised it: it is used as it is, and stays when the service goes',
  ]);
  expect(logged(node.see([foreign]))).toEqual([]);
  expect(node.alarm()).toBeUndefined();
});

describe('a partner that answers for an address of an active router', () => {
  const note = (sequence: bigint, ...addresses: readonly IpAddress[]) => ({
    ...{ active: false, session: 77n, echo: ownSession, sequence, connections: null, orders: [], foreign: addresses },
  });

  test('is an alarm here, too, until it says that it is over', () => {
    const node = started();
    node.pass(3.1);
    node.hear({ echo: ownSession });
    node.take();
    const hear = (sequence: bigint, ...addresses: readonly IpAddress[]) => {
      node.give({ type: 'note', at: node.now(), note: note(sequence, ...addresses), signature: 'unchecked' });
      return logged(node.take());
    };
    const text = 'the backup answers for 10.1.0.100, too, though it is inactive';
    expect(hear(1n, vip.address)).toEqual([expect.stringContaining(`error: ${text}`)]);
    expect(node.alarm()).toContain(text);
    expect(hear(2n, vip.address)).toEqual([]);
    expect(hear(3n)).toEqual(['notice: the backup answers for no floating address any more']);
    expect(node.alarm()).toBeUndefined();
  });
});
