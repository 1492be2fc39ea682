// What somebody without the key can send: recordings, forgeries, damaged datagrams and anything else.
import type { Trailer } from '@piranha/protocol';
import { encodeDatagram, encodeNote } from '@piranha/protocol';
import type { Random } from '@piranha/testing';
import { damaged, randomBytes } from './bytes.ts';
import type { Scene } from './scenes.ts';
import { scenes } from './scenes.ts';
import { sessions, usual } from './wired-router.ts';
import type { ChannelName } from './wired-router.ts';

/** One datagram, so long (ms) after the one before. A number: the partner's heartbeat so many before its last one again. */
export type Blow = { readonly wait: number; readonly channel: ChannelName; readonly what: Buffer | number };

export type Attack = { readonly scene: Scene; readonly blows: readonly Blow[] };

const wrongKey = new Uint8Array(32).fill(2);

const words: readonly [number, ...number[]] = [
  0xbdaddbda, 0xadbddabd, 0xdeaddada, 0xdeafbabe, 0xdeafdada, 0, 0xffffffff,
];

const anySession = (random: Random): bigint =>
  random.pick([
    sessions.partner,
    sessions.before,
    sessions.own,
    200n,
    1n,
    2n ** 64n - 1n,
    BigInt(random.whole(1, 2 ** 31)),
  ]);

const anySequence = (random: Random): bigint =>
  random.pick([0n, 1n, 20n, 21n, 22n, 2n ** 63n, 2n ** 64n - 1n, BigInt(random.whole(0, 100))]);

export const forgedTrailer = (random: Random): Trailer => ({
  ...usual,
  kind: random.chance(0.8) ? 'heartbeat' : 'answer',
  active: random.chance(0.5),
  hears: random.chance(0.5),
  leaving: random.chance(0.2),
  given: random.chance(0.2),
  want: random.chance(0.2),
  held: random.chance(0.2),
  class: random.pick([0, 1, 2]),
  living: random.pick([undefined, 0, 7, 65534]),
  term: random.pick([0, 1, 5, 2 ** 31, 2 ** 32 - 1]),
  session: anySession(random),
  echo: random.pick([0n, sessions.own, sessions.partner]),
  sequence: anySequence(random),
  digest: random.pick([usual.digest, 'ffffffffffffffff']),
});

const signing = (random: Random): Uint8Array | undefined => (random.chance(0.5) ? wrongKey : undefined);

function forgedNote(random: Random): Buffer {
  const orders = Array.from({ length: random.whole(0, 6) }, () => ({
    ...({ type: 'force', stamp: random.whole(0, 9), agoMs: random.whole(0, 9), to: 'down' } as const),
    server: `tcp 10.0.0.1:80/10.9.9.${random.whole(0, 255)}:80`,
  }));
  const fields = {
    active: random.chance(0.5),
    session: anySession(random),
    echo: sessions.own,
    sequence: anySequence(random),
  };
  return Buffer.from(
    encodeNote({ ...fields, connections: random.pick([null, 0, 2 ** 40]), foreign: [], orders }, signing(random)),
  );
}

function bare(random: Random): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(random.pick(words));
  return random.chance(0.5) ? bytes : Buffer.concat([bytes, randomBytes(random, random.whole(0, 90))]);
}

const recordingOf = ({ recorded }: Scene, random: Random): Buffer =>
  recorded[random.whole(0, recorded.length - 1)] ?? Buffer.alloc(0);

type Maker = (scene: Scene, random: Random) => Buffer | number;

const makers: readonly [Maker, ...Maker[]] = [
  recordingOf,
  recordingOf,
  (_scene, random) => random.whole(0, 5),
  (_scene, random) => Buffer.from(encodeDatagram(forgedTrailer(random), signing(random))),
  (_scene, random) => forgedNote(random),
  (_scene, random) => bare(random),
  (scene, random) => damaged(recordingOf(scene, random), random),
  (_scene, random) => damaged(Buffer.from(encodeDatagram(forgedTrailer(random), wrongKey)), random),
  (_scene, random) => damaged(forgedNote(random), random),
  (_scene, random) => randomBytes(random, random.whole(0, 100)),
];

/** Anything that is not the last word of the partner; recordings are of lives before. */
export function anyDatagram(random: Random): Buffer {
  const made = random.pick(makers)(scenes[0], random);
  return typeof made === 'number' ? recordingOf(scenes[0], random) : made;
}

/** Some datagrams close to each other, now and then a pause. */
export function makeAttack(random: Random): Attack {
  const scene = random.pick(scenes);
  const blows = Array.from({ length: random.whole(1, 20) }, () => ({
    wait: random.chance(0.9) ? random.whole(0, 20) : random.whole(0, 1500),
    channel: random.pick(['public', 'private'] as const),
    what: random.pick(makers)(scene, random),
  }));
  return { scene, blows };
}

export const showAttack = ({ scene, blows }: Attack): string =>
  JSON.stringify({
    scene: scene.name,
    blows: blows.map(({ wait, channel, what }) => [
      wait,
      channel,
      typeof what === 'number' ? `the heartbeat ${what} before the last again` : what.toString('hex'),
    ]),
  });
