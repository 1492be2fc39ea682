import { describe, expect, test } from '@jest/globals';
import type { IpAddress } from '@piranha/domain';
import { milliseconds, seconds } from '@piranha/domain';
import type { Note, SharedOrder } from '@piranha/protocol';
import { aged, encodeNote } from '@piranha/protocol';
import { ownSession, router } from '../testing/fake-router.ts';
import { lackedByPartner } from './notes.ts';
import type { LvsNews, PulseAction } from '../events.ts';
import type { PulseSettings } from '../state.ts';

/** The session of the fake partner. */
const theirSession = 77n;

const orderAbout = (server: string, stamp: number) =>
  ({ type: 'drain', server, stamp, agoMs: 1000, timeoutMs: 60_000, leftMs: 59_000 }) as const;
const one = orderAbout('tcp 10.0.0.100:80/10.0.1.1:80', 1);
const two = { type: 'force', server: 'tcp 10.0.0.100:80/10.0.1.2:80', stamp: 2, agoMs: 0, to: 'down' } as const;

const notesIn = (actions: readonly PulseAction[]): readonly Note[] =>
  actions.flatMap((action) => (action.type === 'send-note' ? [action.note] : []));
const handedIn = (actions: readonly PulseAction[]): readonly (readonly SharedOrder[])[] =>
  actions.flatMap((action) => (action.type === 'hand-orders' ? [action.orders] : []));

function node(overrides: Partial<PulseSettings> = {}) {
  const made = router(overrides);
  made.start();
  let sequence = 0n;
  return {
    ...made,
    lvsSays: (message: LvsNews) => {
      made.give({ type: 'lvs-said', at: made.now(), message });
    },
    hold: (...orders: readonly SharedOrder[]) => {
      made.give({ type: 'lvs-said', at: made.now(), message: { type: 'orders', orders } });
    },
    hearNote: (said: Partial<Note> = {}, signature: 'none' | 'wrong' | 'valid' | 'unchecked' = 'valid') => {
      sequence += 1n;
      const usual = {
        active: true,
        session: theirSession,
        echo: ownSession,
        connections: null,
        foreign: [],
        orders: [],
      };
      made.give({ type: 'note', at: made.now(), note: { ...usual, sequence, ...said }, signature });
    },
    notes: () => notesIn(made.take()),
    handed: () => handedIn(made.take()),
    refused: () => made.state().reception.refused,
  };
}

/** A router that hears its partner. */
function pairedNode(overrides: Partial<PulseSettings> = {}) {
  const made = node(overrides);
  made.hear({ active: true, echo: ownSession });
  made.take();
  return made;
}

describe('what a router writes', () => {
  test('goes out at once after a change, then once a keepalive, and counts the time that has passed', () => {
    const made = pairedNode();
    made.hold(one, two);
    expect(made.notes()).toEqual([
      {
        ...{ active: false, session: ownSession, echo: theirSession, sequence: 1n },
        ...{ connections: null, foreign: [], orders: [two, one] },
      },
    ]);
    made.pass(0.9);
    made.hear({ active: true });
    expect(made.notes()).toEqual([]);
    made.pass(0.1);
    const older = aged(one, seconds(1));
    expect(made.notes()).toMatchObject([{ sequence: 2n, orders: [{ ...two, agoMs: 1000 }, older] }]);
  });

  test('goes on one channel after the other', () => {
    const ends = (net: number) => ({ own: `10.${net}.0.2` as IpAddress, partner: `10.${net}.0.3` as IpAddress });
    const made = pairedNode({
      channels: [
        { name: 'public', ...ends(1) },
        { name: 'private', ...ends(2) },
      ],
    });
    made.hold(one);
    made.pass(2);
    const channels = made.take().flatMap((action) => (action.type === 'send-note' ? [action.channel] : []));
    expect(channels).toEqual(['private', 'public', 'private']);
  });

  test('is nothing while there is nothing to say, and nothing to an original or a partner that is not heard', () => {
    const silent = pairedNode();
    silent.pass(2);
    expect(silent.notes()).toEqual([]);
    const original = node();
    original.hearOriginal('running');
    original.hold(one);
    original.pass(0.5);
    original.hearOriginal('running');
    expect(original.notes()).toEqual([]);
    const alone = node();
    alone.hold(one);
    expect(alone.notes()).toEqual([]);
    const left = pairedNode();
    left.hold(one);
    left.pass(3);
    left.take();
    left.pass(10);
    expect(left.notes()).toEqual([]);
  });

  test('is nothing while the addresses go down', () => {
    const made = node();
    made.pass(3);
    made.hear({ active: false });
    made.ready();
    made.up();
    made.hold(one);
    made.give({ type: 'stop', at: made.now(), reason: 'stopped' });
    made.take();
    made.pass(2);
    expect(made.state().phase.type).toBe('yielding');
    expect(made.notes()).toEqual([]);
  });

  test('is at most four notes a keepalive, however often orders change', () => {
    const made = pairedNode();
    for (let round = 0; round < 100; round += 1) {
      made.hold(orderAbout(one.server, round));
      made.pass(0.01);
    }
    expect(made.notes().length).toBeLessThanOrEqual(5);
  });

  test('comes in turn where it does not fit into one note, the latest first after a change', () => {
    const made = pairedNode();
    const many = Array.from({ length: 30 }, (_, index) => orderAbout(`tcp 10.0.0.100:80/10.0.1.${index}:80`, index));
    made.hold(...many);
    for (let round = 0; round < 4; round += 1) {
      made.pass(1);
      made.hear({ active: true });
    }
    const notes = made.notes();
    expect(notes[0]?.orders[0]).toMatchObject({ stamp: 29 });
    expect(new Set(notes.flatMap(({ orders }) => orders.map(({ server }) => server))).size).toBe(30);
    expect(Math.max(...notes.map((note) => encodeNote(note, new Uint8Array(32)).length))).toBeLessThanOrEqual(1200);
    made.hold(...many, { ...two, stamp: 40 });
    made.pass(0.25);
    expect(made.notes()[0]?.orders[0]).toMatchObject({ stamp: 40 });
  });

  test('begins with the connections once they are known, and goes on when they are not any more', () => {
    const made = pairedNode();
    made.lvsSays({ type: 'connections', count: 12 });
    expect(made.state().own.connections).toBe(12);
    expect(made.notes()).toMatchObject([{ connections: 12, orders: [] }]);
    made.lvsEnds();
    expect(made.state().own.connections).toBeUndefined();
    made.pass(1);
    expect(made.notes()).toMatchObject([{ connections: null }]);
  });
});

describe('what a router hears', () => {
  test('goes to lvs where it is new', () => {
    const made = pairedNode();
    made.hearNote({ orders: [one, two] });
    made.pass(1);
    made.hearNote({
      orders: [
        { ...one, agoMs: 2000, leftMs: 58_000 },
        { ...two, stamp: 3, to: 'up' },
      ],
    });
    expect(made.handed()).toEqual([[one, two], [{ ...two, stamp: 3, to: 'up' }]]);
  });

  test('goes to an lvs that was started again, and again with another file, with the time that has passed', () => {
    const made = pairedNode();
    made.hearNote({ orders: [one] });
    made.pass(1);
    made.take();
    const older = [aged(one, seconds(1))];
    made.lvsEnds();
    const actions = made.take();
    expect(handedIn(actions)).toEqual([older]);
    const types = actions.map(({ type }) => type);
    expect(types.indexOf('start-lvs')).toBeLessThan(types.indexOf('hand-orders'));
    made.give({
      type: 'configured',
      at: made.now(),
      settings: { ...made.state().settings, digest: 'fedcba9876543210' },
    });
    expect(made.handed()).toEqual([older]);
  });

  test('has the connections of the partner, for as long as it is heard and is the same', () => {
    const made = pairedNode();
    made.hearNote({ connections: 1240 });
    expect(made.state().partner.connections).toBe(1240);
    made.hear({ active: true, session: 78n });
    expect(made.state().partner.connections).toBeUndefined();
    made.hearNote({ session: 78n, connections: 1 });
    made.pass(3);
    expect(made.state().partner.connections).toBeUndefined();
  });

  test('proves no life, changes no role and no term', () => {
    const made = pairedNode();
    made.pass(2);
    const { partner } = made.state();
    made.hearNote({ orders: [one] });
    expect({ ...made.state().partner, connections: undefined }).toEqual(partner);
    made.pass(1);
    expect(made.state().phase.type).toBe('taking-over');
  });

  test('makes no partner of a stranger', () => {
    const made = node();
    made.hearNote({ orders: [one], connections: 5 });
    expect(made.state().reception.session).toBe(0n);
    expect(made.state().partner).toMatchObject({ kind: 'unknown', said: 'nothing', connections: undefined });
    expect(made.handed()).toEqual([]);
    expect(made.refused()['unproved-session']).toBe(1);
  });

  test('counts once: an old or repeated sequence is refused', () => {
    const made = pairedNode();
    made.hearNote({ orders: [one], sequence: 9n });
    made.hearNote({ orders: [two], sequence: 9n });
    made.hearNote({ orders: [two], sequence: 8n });
    expect(made.handed()).toEqual([[one]]);
    expect(made.refused()['old-sequence']).toBe(2);
    made.hear({ active: true, session: 78n });
    made.hearNote({ session: 78n, orders: [two], sequence: 1n });
    expect(made.handed()).toEqual([[two]]);
  });

  test('that is our own, of a retired session, or meant for another life of ours is refused', () => {
    const made = pairedNode();
    made.hear({ active: true, session: 78n });
    made.hearNote({ session: ownSession, orders: [one] });
    made.hearNote({ session: theirSession, orders: [one] });
    made.hearNote({ session: 78n, echo: 10n, orders: [one] });
    expect(made.handed()).toEqual([]);
    expect(made.refused()).toMatchObject({ 'own-session': 1, 'retired-session': 1, 'unproved-session': 1 });
  });

  describe.each(['none', 'wrong', 'unchecked'] as const)('with a signature that is %s', (signature) => {
    const modes = ['off', 'accept', 'require'] as const;

    test('orders nothing, whatever heartbeat_auth is, and its connections count but under require', () => {
      const heard = (auth: PulseSettings['auth']) => {
        const made = pairedNode({ auth });
        made.hearNote({ orders: [one], connections: 7 }, signature);
        return [made.handed().length, made.state().notes.theirs.size, made.state().partner.connections];
      };
      expect(modes.map(heard)).toEqual([
        [0, 0, 7],
        [0, 0, 7],
        [0, 0, undefined],
      ]);
    });

    test('does not stand in the way of a signed one by the highest sequence', () => {
      const made = pairedNode({ auth: 'accept' });
      made.hearNote({ orders: [two], sequence: 2n ** 64n - 1n }, signature);
      made.hearNote({ orders: [one], sequence: 5n });
      expect(made.handed()).toEqual([[one]]);
    });
  });

  test('under require is refused until its session has proved itself, and counted by reason', () => {
    const made = node({ auth: 'require' });
    made.hear({ active: true, echo: 0n });
    made.hearNote({ orders: [one] });
    expect(made.handed()).toEqual([]);
    made.hear({ active: true, echo: ownSession });
    made.hearNote({ orders: [one] });
    made.hearNote({ orders: [two] }, 'wrong');
    expect(made.handed()).toEqual([[one]]);
    expect(made.refused()).toMatchObject({ 'wrong-signature': 1 });
    expect(made.refused()['unproved-session']).toBeGreaterThanOrEqual(1);
  });

  test('of a partner that has just come tells what it has, and until then our orders are not known to be there', () => {
    const made = pairedNode();
    made.hold(one, two);
    expect(lackedByPartner(made.state())).toEqual([two.server, one.server]);
    made.hearNote({ orders: [one, { ...two, stamp: 1 }] });
    expect(lackedByPartner(made.state())).toEqual([two.server]);
    made.hearNote({ orders: [{ ...two, stamp: 7 }] });
    expect(lackedByPartner(made.state())).toEqual([]);
    made.hear({ active: true, session: 78n });
    expect(lackedByPartner(made.state())).toHaveLength(2);
    made.pass(4);
    expect(lackedByPartner(made.state())).toBeUndefined();
  });

  test('of servers that are made up is remembered up to a bound', () => {
    const made = pairedNode();
    for (let round = 0; round < 300; round += 1) {
      made.hearNote({ orders: Array.from({ length: 20 }, (_, index) => orderAbout(`tcp ${round} ${index}`, 1)) });
    }
    expect(made.state().notes.theirs.size).toBe(4096);
  });

  test('is nothing to a router without a partner', () => {
    const made = node({ hasPartner: false, channels: [], keepalive: seconds(1), deadtime: milliseconds(3000) });
    made.hearNote({ orders: [one] });
    made.hold(one);
    expect(made.handed()).toEqual([]);
    expect(made.notes()).toEqual([]);
  });
});
