// Without a key, or with one that is not required yet, anybody can pretend to be the partner. Even so nothing throws, and
// no list in pulse's memory grows beyond its bound, however close to it the attack begins.
import type { PulseState } from '@piranha/pulse/step';
import type { Random } from '@piranha/testing';
import { encodeDatagram, encodeNote } from '@piranha/protocol';
import type { Attack, Blow } from './attack.ts';
import { forgedTrailer, makeAttack, showAttack } from './attack.ts';
import { fuzz, withoutParts } from './fuzz.ts';
import type { Target } from './fuzz.ts';
import { heartbeatOf } from './scenes.ts';
import { sessions, wiredRouter } from './wired-router.ts';

type Mode = 'off' | 'accept';
type OpenAttack = Attack & { readonly mode: Mode };

/** A forger who listens: it names sessions that are in force. */
function wellMade(random: Random): Blow {
  const [session, sequence] = [
    random.chance(0.5) ? sessions.partner : BigInt(random.whole(1, 2 ** 31)),
    BigInt(random.whole(21, 2 ** 31)),
  ];
  const orders = Array.from({ length: 6 }, () => ({
    ...({ type: 'release', stamp: random.whole(0, 9), agoMs: 0 } as const),
    server: `tcp ${random.whole(0, 2 ** 31)}`,
  }));
  const note = {
    active: false,
    session,
    sequence,
    echo: sessions.own,
    connections: random.whole(0, 9),
    foreign: [],
    orders,
  };
  const trailer = { ...forgedTrailer(random), session, sequence, echo: sessions.own };
  const bytes = random.chance(0.3) ? encodeNote(note, undefined) : encodeDatagram(trailer, undefined);
  return { wait: random.whole(0, 20), channel: random.pick(['public', 'private']), what: Buffer.from(bytes) };
}

function make(random: Random): OpenAttack {
  const { scene, blows } = makeAttack(random);
  const mixed = blows.map((blow) => (random.chance(0.5) ? wellMade(random) : blow));
  return { scene, blows: mixed, mode: random.pick(['off', 'accept']) };
}

const [mostRetired, mostCandidates, mostTheirs] = [1024, 64, 4096];

/** As long attacks before this one would have left it. */
function filled({ reception, notes, ...state }: PulseState): PulseState {
  const told = (index: number) => {
    const server = `tcp 10.0.0.1:80/filler ${index}`;
    return [server, { order: { type: 'release', server, stamp: 1, agoMs: 0 }, at: state.seenAt }] as const;
  };
  return {
    ...state,
    reception: {
      ...reception,
      retired: new Set(Array.from({ length: mostRetired }, (_, index) => BigInt(10_000 + index))),
    },
    notes: { ...notes, theirs: new Map(Array.from({ length: mostTheirs }, (_, index) => told(index))) },
  };
}

/** What has a bound, and what it is. Answers of the last keepalive may stand there until the next ones come. */
const bounds: readonly (readonly [name: string, most: number, size: (state: PulseState) => number])[] = [
  ['retired sessions', mostRetired, ({ reception }) => reception.retired.size],
  ['candidates', mostCandidates, ({ reception }) => reception.candidates.sessions.length],
  ['answers', 32, ({ reception }) => reception.candidates.answeredAt.length],
  ['channels with a sequence', 2, ({ reception }) => Object.keys(reception.newestOn).length],
  ['channels with a word', 2, ({ partner }) => Object.keys(partner.lastWords).length],
  ['channels of an original', 2, ({ partner }) => Object.keys(partner.runningOn).length],
  ['orders of the partner', mostTheirs, ({ notes }) => notes.theirs.size],
  ['answers to a conflict', 4, ({ own }) => own.answeredAt.length],
  ['announcements to come', 64, ({ announceAt }) => announceAt.length],
];

function judge({ scene, blows, mode }: OpenAttack): string | undefined {
  const router = wiredRouter({ ...scene.standing, state: filled(scene.standing.state) }, mode, scene.obeyed);
  let at = scene.standing.at;
  for (const { wait, channel, what } of blows) {
    at += wait;
    router.passTo(at);
    router.hear(typeof what === 'number' ? heartbeatOf(scene.partner, BigInt(what)) : what, channel);
    const over = bounds.find(([, most, size]) => size(router.state()) > most);
    if (over !== undefined) return `${over[2](router.state())} ${over[0]}: at most ${over[1]}`;
  }
  router.passTo(at + 5000);
  // A datagram is answered by a few orders, not by a storm.
  const orders = router.actions().length;
  return orders > 200 + 20 * blows.length ? `${orders} orders after ${blows.length} datagrams` : undefined;
}

const target: Target<OpenAttack> = {
  ...{ name: 'open-datagrams', make, judge, mostMs: 500 },
  *smaller({ scene, blows, mode }) {
    for (const fewer of withoutParts(blows)) yield { scene, mode, blows: fewer };
  },
  show: (attack) => `${attack.mode} ${showAttack(attack)}`,
};

/** Attacks by chance. */
export const run = fuzz(target);
