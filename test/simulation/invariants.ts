// What must hold in every history of a pair (docs/pair.md), and the exceptions, each by its name.
import { silenceLimit } from '@piranha/protocol';
import { milliseconds } from '@piranha/domain';
import type { History, Piece, Scene } from './history.ts';
import { faultsBetween, owns, ownersOf, piecesOf } from './history.ts';
import type { Fault, Schedule, Side } from './schedule.ts';
import { otherSide, sides } from './schedule.ts';
import type { Violation } from './stretches.ts';
import {
  bothOwn,
  endOf,
  lvsStart,
  noiseDelay,
  slack,
  slowIp,
  slowest,
  startOf,
  stretches,
  takeDown,
  transit,
} from './stretches.ts';
import { isReplayed, twoOwners, unproved } from './two-owners.ts';

/** All rules that this history breaks. */
export const violationsOf = (history: History): readonly Violation[] => {
  const pieces = piecesOf(history);
  return [
    ...twoOwners(history, pieces),
    ...wrongYield(history, pieces),
    ...notFenced(history, pieces),
    ...noOwner(history, pieces),
    ...notAnnounced(history, pieces),
    ...noTable(history, pieces),
    ...notSettled(history, pieces),
    ...restless(history, pieces),
  ];
};

/** R1: the shortest deadtime by which the partner waits meanwhile, where it does. */
function patienceOf(stretch: readonly Piece[], partner: Side, otherwise: number) {
  const waits = stretch.flatMap(({ scene }) => (scene[partner].pulse === 'runs' ? [scene[partner].waits] : []));
  return { keepalive: milliseconds(1), deadtime: milliseconds(Math.min(otherwise, ...waits)) };
}

/**
 * Nothing tells a router that was just switched on which file the partner has: with another one than it has itself it may
 * hold on for longer than the partner waits (docs/pair.md).
 */
function bootedApart({ schedule }: History, pieces: readonly Piece[], until: number): boolean {
  const boots = pieces.flatMap(({ from, scene }, index) =>
    sides.some((side) => scene[side].machine && pieces[index - 1]?.scene[side].machine === false) ? [from] : [],
  );
  return boots.some(
    (at) =>
      at < until &&
      schedule.faults.some(
        (fault) => fault.type === 'reloaded' && fault.from <= at && at <= fault.until + (fault.lag ?? 0),
      ),
  );
}

/** L1: an owner whose pulse gives no sign of life is fenced by lvs in time; an lvs that does not run cannot (W2). */
function notFenced(history: History, pieces: readonly Piece[]): readonly Violation[] {
  const { schedule } = history;
  return sides
    .filter((side) => schedule.original !== side)
    .flatMap((side) =>
      stretches(
        pieces,
        (scene) => owns(scene, side) && scene[side].pulse !== 'runs' && scene[side].lvs === 'runs',
      ).flatMap((stretch) => {
        const [from, until] = [startOf(stretch), endOf(stretch)];
        const patience = patienceOf(stretch, otherSide(side), slowest(schedule, until).deadtime);
        const bound = silenceLimit(patience) + takeDown + slack + slowIp(schedule, from, until);
        const why = `${Math.round(until - from)} ms without pulse, allowed ${Math.round(bound)} ms`;
        return until - from > bound && !bootedApart(history, pieces, until)
          ? [{ rule: 'not fenced', from, until, why } as const]
          : [];
      }),
    );
}

/** Faults that keep one that says it is active from having the addresses. */
const hindrances: readonly Fault['type'][] = ['lvs-hangs', 'lvs-killed', 'lvs-unable', 'ip-slow', 'suspended'];

const hasFault = (
  schedule: Schedule,
  types: readonly Fault['type'][],
  side: Side,
  from: number,
  until: number,
): boolean =>
  faultsBetween(schedule, from, until, 5000).some(
    (fault) => types.includes(fault.type) && 'side' in fault && fault.side === side,
  );

const isHindered = (schedule: Schedule, side: Side, from: number, until: number): boolean =>
  hasFault(schedule, hindrances, side, from, until);

const isAble = (scene: Scene, side: Side): boolean =>
  scene[side].machine && scene[side].pulse === 'runs' && scene[side].lvs === 'runs' && scene[side].class > 0;

/** Nobody serves although somebody could. */
function noOwner({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  return sides.flatMap((side) =>
    stretches(pieces, (scene) => ownersOf(scene).length === 0 && isAble(scene, side)).flatMap((stretch) => {
      const [from, until] = [startOf(stretch), endOf(stretch)];
      const { keepalive, deadtime } = slowest(schedule, until);
      const ready = schedule.hotStandby ? keepalive : Math.max(keepalive, 3000);
      const basic = Math.max(deadtime + 2 * keepalive, 4 * keepalive + 300) + ready + lvsStart + takeDown + slack;
      const bound = basic + 2 * noiseDelay(schedule, from, until) + slowIp(schedule, from, until);
      if (until - from <= bound) return [];
      const hindered = sides.some(
        (each) => stretch.some(({ scene }) => scene[each].says === 'active') && isHindered(schedule, each, from, until),
      );
      const why = `${Math.round(until - from)} ms though the ${side} is able, allowed ${Math.round(bound)} ms`;
      return hindered ? [] : [{ rule: 'no owner', from, until, why } as const];
    }),
  );
}

/**
 * How long the one that stays may take to notice that the other has let go. It says so; an original with its next heartbeat.
 * Where it does not, or is not heard, deadtime has to pass.
 */
function noticing({ schedule, marks }: History, pieces: readonly Piece[], winner: Side, at: number): number {
  const { keepalive, deadtime } = slowest(schedule, at);
  const soon = 2 * keepalive;
  const loser = otherSide(winner);
  const isSilent = pieces
    .filter((piece) => piece.until >= at && piece.from < at + soon)
    .some(({ scene }) => scene[loser].pulse !== 'runs' || !scene.ways[winner]);
  const isLost = marks.some(
    (mark) => mark.type === 'lost' && mark.side === loser && mark.at >= at && mark.at < at + soon,
  );
  return isSilent || isLost ? Math.max(soon, deadtime) : soon;
}

/** Who is silent for longer than deadtime lets go unseen: the one that stays announces when it hears it again. */
const isUnheard = (pieces: readonly Piece[], winner: Side, from: number, until: number): boolean =>
  pieces
    .filter((piece) => piece.until > from && piece.from < until)
    .every(({ scene }) => scene[otherSide(winner)].pulse !== 'runs' || !scene.ways[winner]);

/** A conflict that the one that stays has heard of ends with its announcements. */
function notAnnounced(history: History, pieces: readonly Piece[]): readonly Violation[] {
  const { schedule, marks } = history;
  return stretches(pieces, bothOwn).flatMap((stretch) => {
    const until = endOf(stretch);
    const after = pieces.find(({ from }) => from === until);
    const [winner] = after === undefined ? [] : ownersOf(after.scene);
    if (winner === undefined || winner === schedule.original) return [];
    const heard = marks.some(
      ({ type, side, at }) => type === 'heard-active' && side === winner && at >= startOf(stretch) && at <= until,
    );
    const wait = 1100 + noticing(history, pieces, winner, until) + slack;
    // Where the other comes back before that, the conflict goes on.
    const stays = pieces
      .filter((piece) => piece.until > until && piece.from < until + wait)
      .every(({ scene }) => ownersOf(scene).join() === winner && scene[winner].keeps && scene[winner].pulse === 'runs');
    const announced = marks.some(
      ({ type, side, at }) => type === 'announced' && side === winner && at >= until - transit && at <= until + wait,
    );
    const doubtful = unproved(history, until, [winner]) || isReplayed(schedule, winner, until);
    const unheard = isUnheard(pieces, winner, until - slowest(schedule, until).deadtime, until + wait);
    if (!heard || !stays || announced || doubtful || unheard || until + wait > schedule.endAt) return [];
    return [{ rule: 'not announced', from: until, until: until + wait, why: `by the ${winner}` } as const];
  });
}

/** Faults that let a router lose the service, whatever it hears. */
const losses: readonly Fault['type'][] = [
  ...hindrances,
  ...(['stopped', 'pulse-killed', 'pulse-hangs', 'power-off', 'switch'] as const),
];

/** O1, O6: beside an original a primary of ours that can serve outlasts every conflict. */
function wrongYield({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  if (schedule.original !== 'backup') return [];
  return stretches(pieces, bothOwn).flatMap((stretch) => {
    const [from, until] = [startOf(stretch), endOf(stretch)];
    const after = pieces.find((piece) => piece.from === until);
    const able = stretch.every(({ scene }) => isAble(scene, 'primary'));
    // O4: one that cannot serve any more hands over.
    const stays = after === undefined || owns(after.scene, 'primary') || after.scene.primary.class === 0;
    // The fault that ends it may begin at that very moment.
    if (stays || !able || hasFault(schedule, losses, 'primary', from, until + 1)) return [];
    return [{ rule: 'wrong yield', from, until, why: 'the primary yields to an original' } as const];
  });
}

/** Addresses without a table lead clients into nothing. */
function noTable({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  return sides
    .filter((side) => schedule.original !== side)
    .flatMap((side) =>
      stretches(pieces, (scene) => owns(scene, side) && !scene[side].table).flatMap((stretch) => {
        const [from, until] = [startOf(stretch), endOf(stretch)];
        const { keepalive } = slowest(schedule, until);
        const bound = (schedule.hotStandby ? keepalive : Math.max(keepalive, 3000)) + slack;
        if (until - from <= bound || isHindered(schedule, side, from, until)) return [];
        return [{ rule: 'no table', from, until, why: `on the ${side} for ${Math.round(until - from)} ms` } as const];
      }),
    );
}

/** How long after the heal a pair may take until all is quiet. */
export const settlingTime = ({ keepalive, deadtime, failback, firstTerm }: Schedule): number =>
  4 * deadtime + 8 * keepalive + 6000 + (failback === 'auto' ? 12_000 : 0) + (firstTerm > 0 ? keepalive : 0);

/** Both lvs have failed for good and are not forgiven yet: nobody can serve. */
const bothBroken = (scene: Scene): boolean => sides.every((side) => !isAble(scene, side));

/** After the heal there is one owner, if one can be. */
function notSettled({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  const settled = schedule.healAt + settlingTime(schedule);
  return stretches(pieces, (scene) => ownersOf(scene).length !== 1 && !bothBroken(scene)).flatMap((stretch) => {
    const [from, until] = [Math.max(settled, startOf(stretch)), endOf(stretch)];
    const count = ownersOf(stretch.at(-1)?.scene ?? noScene(stretch)).length;
    // A hand-over to a better router takes a moment, and so does one that lvs' failures bring late.
    const allowed = count === 0 ? schedule.deadtime + 2 * schedule.keepalive + 3600 : 0;
    if (until - from <= allowed) return [];
    return [{ rule: 'not settled', from, until, why: `${count} owners after the heal` } as const];
  });
}

const noScene = (stretch: readonly Piece[]): never => {
  throw new Error(`a stretch of ${stretch.length} pieces has no scene`);
};

/** One owner, and how everything stood when it was seen. */
type Reign = { readonly at: number; readonly owner: Side; readonly scene: Scene };

/** Who was the only owner, one after the other. */
function reignsOf(pieces: readonly Piece[]): readonly Reign[] {
  const reigns: Reign[] = [];
  for (const { from, scene } of pieces) {
    const [owner, second] = ownersOf(scene);
    if (owner !== undefined && second === undefined) reigns.push({ at: from, owner, scene });
  }
  return reigns;
}

/** After the heal the owner changes no more, but for one that is better or that asks for the service back. */
function restless({ schedule, marks }: History, pieces: readonly Piece[]): readonly Violation[] {
  const settled = schedule.healAt + settlingTime(schedule);
  const reigns = reignsOf(pieces);
  return reigns.flatMap(({ at, owner, scene }, index) => {
    const before = reigns[index - 1];
    if (before === undefined || before.owner === owner || at < settled) return [];
    const worst = Math.min(scene[before.owner].class, before.scene[before.owner].class);
    const failback = schedule.failback === 'auto' && owner === 'primary';
    const ordered = marks.some(
      (mark) => mark.type === 'switch' && mark.at <= at && mark.at > at - 2 * slowest(schedule, at).deadtime,
    );
    if (scene[owner].class > worst || failback || ordered) return [];
    return [{ rule: 'restless', from: at, until: at, why: `from the ${before.owner} to the ${owner}` } as const];
  });
}

/** Numbers of one history, for the summary. */
export function measure(history: History): { readonly changes: number; readonly longestDouble: number } {
  const pieces = piecesOf(history);
  const reigns = reignsOf(pieces);
  const doubles = stretches(pieces, bothOwn).map((stretch) => endOf(stretch) - startOf(stretch));
  return {
    changes: reigns.filter(({ owner }, index) => index > 0 && owner !== reigns[index - 1]?.owner).length,
    longestDouble: Math.max(0, ...doubles),
  };
}
