// Where a router may stand when an attack begins, and all that was on the wire until then.
import type { Note, SharedOrder, Trailer } from '@piranha/protocol';
import { encodeDatagram, encodeNote } from '@piranha/protocol';
import { keepalive, key, newRouter, sessions, usual, wiredRouter } from './wired-router.ts';
import type { Standing, WiredRouter } from './wired-router.ts';

/** The true partner: what it says each keepalive from here on; undefined where it is silent. */
export type Partner = { readonly says: Partial<Trailer> | undefined; readonly sequence: bigint };

export type Scene = {
  readonly name: string;
  readonly standing: Standing;
  readonly partner: Partner;
  /** Whether lvs and `ip` obey from here on. */
  readonly obeyed: boolean;
  /** Signed datagrams that anybody could have recorded, the partner's and our own, of this life and of lives before. */
  readonly recorded: readonly Buffer[];
};

const signed = (fields: Partial<Trailer>): Buffer => Buffer.from(encodeDatagram({ ...usual, ...fields }, key));

const order = (server: string): SharedOrder => ({ type: 'force', server, stamp: 3, agoMs: 0, to: 'down' });

const note = (fields: Partial<Note>): Buffer =>
  Buffer.from(
    encodeNote(
      {
        ...{ active: false, session: sessions.partner, echo: sessions.own, sequence: 1n, connections: 5, foreign: [] },
        ...{ orders: [order('tcp 10.0.0.1:80/10.2.0.11:8080')] },
        ...fields,
      },
      key,
    ),
  );

/** A hundred former lives of the partner, active and not, and one life of ours. */
const former: readonly Buffer[] = [
  ...Array.from({ length: 100 }, (_, index) => BigInt(200 + index)).flatMap((session) => [
    signed({ session, echo: 900n, sequence: 5n, active: true, term: 8, given: session % 3n === 0n }),
    signed({ session, echo: 0n, sequence: 6n, leaving: session % 2n === 0n, want: session % 3n === 0n }),
  ]),
  ...[1n, 2n].map((sequence) => signed({ session: 900n, echo: 200n, sequence, active: true, term: 7 })),
  ...[1n, 2n].map((sequence) => note({ session: 200n, echo: 900n, sequence })),
];

/** The partner was restarted once; it has said 20 heartbeats and two notes since. Gives all of it. */
function meet(router: WiredRouter, says: Partial<Trailer>): readonly Buffer[] {
  const before = [1n, 2n, 3n].map((sequence) => signed({ ...says, session: sessions.before, sequence }));
  const since = Array.from({ length: 20 }, (_, index) => signed({ ...says, sequence: BigInt(index + 1) }));
  const heartbeats = [...before, ...since];
  heartbeats.forEach((bytes, index) => {
    router.passTo(index * keepalive);
    router.hear(bytes, 'public');
    router.hear(bytes, 'private');
  });
  const notes = [1n, 2n].map((sequence) => note({ sequence }));
  for (const bytes of notes) router.hear(bytes, 'public');
  return [...heartbeats, ...notes];
}

/** What this router has sent itself comes back. */
const reflected = (router: WiredRouter): readonly Buffer[] =>
  router
    .actions()
    .flatMap((action) => (action.type === 'send' ? [signed(action.trailer)] : []))
    .slice(-5);

type Play = (router: WiredRouter) => { readonly heard: readonly Buffer[]; readonly says: Partial<Trailer> | undefined };

function scene(name: string, play: Play, obeyed = true): Scene {
  const router = wiredRouter(newRouter, 'require', obeyed);
  router.start();
  const { heard, says } = play(router);
  const partner = { says, sequence: BigInt(heard.length === 0 ? 0 : 20) };
  return { name, standing: router.standing(), partner, obeyed, recorded: [...heard, ...former, ...reflected(router)] };
}

const metInactive: Play = (router) => ({ heard: meet(router, {}), says: {} });

/** It has been silent for an hour since. */
const alone: Play = (router) => {
  const heard = meet(router, {});
  router.passTo(3_600_000);
  return { heard, says: undefined };
};

/** Each begins half a keepalive after the last heartbeat. */
export const scenes: readonly [Scene, ...Scene[]] = [
  scene('just started', () => ({ heard: [], says: undefined })),
  scene('just started, the partner lives', () => ({ heard: [], says: { active: true, term: 4 } })),
  scene('inactive beside an active partner', (router) => {
    const says = { active: true, term: 4, held: true };
    return { heard: meet(router, says), says };
  }),
  scene('active beside an inactive partner', metInactive),
  scene('active and alone', alone),
  scene('waiting for lvs', metInactive, false),
  scene('in conflict with a partner that yields', (router) => {
    const heard = meet(router, {});
    return { heard, says: { active: true, hears: false } };
  }),
  scene(
    'on the way down',
    (router) => {
      const heard = meet(router, {});
      router.give({ type: 'stop', at: router.state().seenAt, reason: 'asked to' });
      return { heard, says: {} };
    },
    false,
  ),
];

/** The true partner's heartbeat of that number. */
export const heartbeatOf = ({ says }: Partner, sequence: bigint): Buffer => signed({ ...says, sequence });
