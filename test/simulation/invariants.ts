// What must hold in every history of a pair (docs/pair.md), and the exceptions, each by its name.
import { lifelineLimit } from '@piranha/protocol';
import { milliseconds } from '@piranha/domain';
import type { History, Piece, Scene } from './history.ts';
import { faultsBetween, owns, ownersOf, piecesOf } from './history.ts';
import type { Fault, Schedule, Side } from './schedule.ts';
import { otherSide, sides } from './schedule.ts';

export type Violation = {
  readonly rule: RuleName;
  readonly from: number;
  readonly until: number;
  readonly why: string;
};

type RuleName = 'two owners' | 'not fenced' | 'no owner' | 'restless' | 'not announced' | 'no table' | 'not settled';

/** How long an ordinary datagram takes, `ip`, a late timer, and the start of an lvs (ms). */
const transit = 2;
const takeDown = 40;
const lateTimer = 3;
const lvsStart = 450;
const slack = 60;

/** All rules that this history breaks. */
export const violationsOf = (history: History): readonly Violation[] => {
  const pieces = piecesOf(history);
  return [
    ...twoOwners(history, pieces),
    ...notFenced(history, pieces),
    ...noOwner(history, pieces),
    ...notAnnounced(history, pieces),
    ...noTable(history, pieces),
    ...notSettled(history, pieces),
    ...restless(history, pieces),
  ];
};

/** The longest delay that noise adds between two moments. */
const noiseDelay = (schedule: Schedule, from: number, until: number): number =>
  Math.max(
    0,
    ...faultsBetween(schedule, from, until, 2000).map((fault) =>
      fault.type === 'noise' ? 2 * (fault.delay + fault.jitter) : 0,
    ),
  );

const slowIp = (schedule: Schedule, from: number, until: number): number =>
  Math.max(
    0,
    // Several orders may wait behind each other when the fault is over.
    ...faultsBetween(schedule, from, until, 8000).map((fault) => (fault.type === 'ip-slow' ? 2 * fault.latency : 0)),
  );

/** Stretches in which a condition holds without a break. */
function stretches(pieces: readonly Piece[], holds: (scene: Scene) => boolean): readonly Piece[][] {
  const found: Piece[][] = [];
  let current: Piece[] | undefined;
  for (const piece of pieces) {
    if (!holds(piece.scene)) current = undefined;
    else if (current === undefined) found.push((current = [piece]));
    else current.push(piece);
  }
  return found;
}

const startOf = (stretch: readonly Piece[]): number => stretch[0]?.from ?? 0;
const endOf = (stretch: readonly Piece[]): number => stretch.at(-1)?.until ?? 0;

const bothOwn = (scene: Scene): boolean => owns(scene, 'primary') && owns(scene, 'backup');

/** By which directions a conflict can end: of an original's only that to the backup counts. */
const usableWays = ({ ways }: Scene, { original }: Schedule): readonly Side[] =>
  sides.filter((to) => ways[to] && (original === undefined || to === 'backup'));

const bothRun = (scene: Scene): boolean => sides.every((side) => scene[side].pulse === 'runs');

/**
 * Since when the wires are as they are in each piece and both pulses run: a clock may stand while its machine is
 * suspended, and who is deaf then notices deadtime after it woke.
 */
function waysSince(pieces: readonly Piece[], schedule: Schedule): ReadonlyMap<Piece, number> {
  const found = new Map<Piece, number>();
  let [since, before] = [0, ''];
  for (const piece of pieces) {
    const now = bothRun(piece.scene) ? usableWays(piece.scene, schedule).join() : 'asleep';
    if (now !== before) [before, since] = [now, piece.from];
    found.set(piece, since);
  }
  return found;
}

/** How long two owners may last: a heartbeat until one hears of it, one more where it waits for an answer, and `ip`. */
const mostDouble = (schedule: Schedule, from: number, until: number): number =>
  2 * schedule.keepalive +
  4 * transit +
  takeDown +
  lateTimer +
  slack +
  (schedule.original === undefined ? 0 : schedule.keepalive + 300) +
  2 * noiseDelay(schedule, from, until) +
  slowIp(schedule, from, until);

/**
 * Two owners that can hear each other in either direction. The time counts from when both are up, both pulses run and
 * the wires are as they are; a lost heartbeat begins it anew. With one way left the deaf one first has to notice.
 */
function twoOwners(history: History, pieces: readonly Piece[]): readonly Violation[] {
  const { schedule } = history;
  const since = waysSince(pieces, schedule);
  return stretches(pieces, bothOwn).flatMap((stretch) => {
    const losses = history.marks.filter(
      ({ type, at }) => type === 'lost' && at >= startOf(stretch) && at < endOf(stretch),
    );
    let begin = startOf(stretch);
    let sessions = sessionsOf(stretch[0]);
    return stretch.flatMap((piece) => {
      const ways = usableWays(piece.scene, schedule).length;
      if (sessionsOf(piece) !== sessions) begin = piece.from;
      sessions = sessionsOf(piece);
      if (ways === 0 || !bothRun(piece.scene)) {
        begin = piece.until;
        return [];
      }
      const oneWay = ways === 1 && schedule.original === undefined;
      begin = Math.max(begin, (since.get(piece) ?? 0) + (oneWay ? schedule.deadtime : 0));
      const counted = losses.filter(({ side }) => piece.scene.ways[otherSide(side)]).map(({ at }) => at);
      const spans = spansOf(begin, counted, piece.until);
      begin = Math.max(begin, ...spans.slice(-1).map(([from]) => from));
      return spans.flatMap((span) => tooLong(history, span));
    });
  });
}

const sessionsOf = (piece: Piece | undefined): string =>
  piece === undefined ? '' : `${piece.scene.primary.session} ${piece.scene.backup.session}`;

type Span = readonly [from: number, until: number];

/** The time from `begin` to `end`, cut at each of these moments. */
function spansOf(begin: number, cuts: readonly number[], end: number): readonly Span[] {
  const inside = cuts.filter((at) => at > begin && at < end);
  const moments = [begin, ...inside.sort((a, b) => a - b), end];
  return moments.slice(1).map((until, index) => [moments[index] ?? begin, until]);
}

function tooLong(history: History, [from, until]: Span): readonly Violation[] {
  const most = mostDouble(history.schedule, from, until);
  if (until - from <= most || unproved(history, from)) return [];
  const why = `${Math.round(until - from)} ms, allowed ${Math.round(most)} ms`;
  return [{ rule: 'two owners', from, until, why }];
}

/**
 * W1: under `require`, after a restart, freshness is not proved before both ways were open for a while, without losses, and
 * both ran.
 */
function unproved(history: History, at: number): boolean {
  const { schedule } = history;
  if (schedule.auth !== 'require') return false;
  let [proved, current, since] = ['', '', 0];
  for (const piece of piecesOf(history)) {
    if (piece.from > at) break;
    const until = Math.min(piece.until, at);
    const open = piece.scene.ways.primary && piece.scene.ways.backup && bothRun(piece.scene);
    if (!open || sessionsOf(piece) !== current) since = open ? piece.from : until;
    current = sessionsOf(piece);
    const noisy = faultsBetween(schedule, since, until).some(({ type }) => type === 'noise');
    if (open && !noisy && until - since >= 3 * schedule.keepalive) proved = current;
  }
  return proved !== current;
}

/** L1: an owner whose pulse gives no sign of life is fenced by lvs in time; an lvs that does not run can not (W2). */
function notFenced({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  const timers = { keepalive: milliseconds(schedule.keepalive), deadtime: milliseconds(schedule.deadtime) };
  return sides
    .filter((side) => schedule.original !== side)
    .flatMap((side) =>
      stretches(
        pieces,
        (scene) => owns(scene, side) && scene[side].pulse !== 'runs' && scene[side].lvs === 'runs',
      ).flatMap((stretch) => {
        const [from, until] = [startOf(stretch), endOf(stretch)];
        const bound = lifelineLimit(timers) + takeDown + slack + slowIp(schedule, from, until);
        const why = `${Math.round(until - from)} ms without pulse, allowed ${Math.round(bound)} ms`;
        return until - from > bound ? [{ rule: 'not fenced', from, until, why } as const] : [];
      }),
    );
}

/** Faults that keep one that says it is active from having the addresses. */
const hindrances: readonly Fault['type'][] = ['lvs-hangs', 'lvs-killed', 'lvs-unable', 'ip-slow', 'suspended'];

const isHindered = (schedule: Schedule, side: Side, from: number, until: number): boolean =>
  faultsBetween(schedule, from, until, 5000).some(
    (fault) => hindrances.includes(fault.type) && 'side' in fault && fault.side === side,
  );

const isAble = (scene: Scene, side: Side): boolean =>
  scene[side].machine && scene[side].pulse === 'runs' && scene[side].lvs === 'runs' && scene[side].class > 0;

/** Nobody serves although somebody could. */
function noOwner({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  const { keepalive, deadtime, hotStandby } = schedule;
  const ready = hotStandby ? keepalive : Math.max(keepalive, 3000);
  const basic = Math.max(deadtime + 2 * keepalive, 4 * keepalive + 300) + ready + lvsStart + takeDown + slack;
  return sides.flatMap((side) =>
    stretches(pieces, (scene) => ownersOf(scene).length === 0 && isAble(scene, side)).flatMap((stretch) => {
      const [from, until] = [startOf(stretch), endOf(stretch)];
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
    const wait = 1100 + 2 * schedule.keepalive + slack;
    const stays = pieces
      .filter((piece) => piece.until > until && piece.from < until + wait)
      .every(({ scene }) => owns(scene, winner) && scene[winner].keeps && scene[winner].pulse === 'runs');
    const announced = marks.some(
      ({ type, side, at }) => type === 'announced' && side === winner && at >= until - transit && at <= until + wait,
    );
    const doubtful = unproved(history, until) || isReplayed(schedule, until);
    if (!heard || !stays || announced || doubtful || until + wait > schedule.endAt) return [];
    return [{ rule: 'not announced', from: until, until: until + wait, why: `by the ${winner}` } as const];
  });
}

/**
 * Recordings of a life of the partner that were withheld until they are played are heard as new, and the true partner is
 * refused from then on (docs/pair.md): what is heard may not be the partner.
 */
const isReplayed = (schedule: Schedule, until: number): boolean =>
  faultsBetween(schedule, 0, until).some(({ type }) => type === 'replay');

/** Addresses without a table lead clients into nothing. */
function noTable({ schedule }: History, pieces: readonly Piece[]): readonly Violation[] {
  const bound = (schedule.hotStandby ? schedule.keepalive : Math.max(schedule.keepalive, 3000)) + slack;
  return sides
    .filter((side) => schedule.original !== side)
    .flatMap((side) =>
      stretches(pieces, (scene) => owns(scene, side) && !scene[side].table).flatMap((stretch) => {
        const [from, until] = [startOf(stretch), endOf(stretch)];
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
      (mark) => mark.type === 'switch' && mark.at <= at && mark.at > at - 2 * schedule.deadtime,
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
