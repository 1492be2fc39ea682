// Two owners that can hear each other in either direction: how long that may last, and who hears whom.
import type { History, Piece, Scene } from './history.ts';
import { faultsBetween, piecesOf } from './history.ts';
import type { Schedule, Side } from './schedule.ts';
import { otherSide, sides } from './schedule.ts';
import type { Violation } from './stretches.ts';
import {
  bothOwn,
  endOf,
  lateTimer,
  noiseDelay,
  slack,
  slowIp,
  slowest,
  startOf,
  stretches,
  takeDown,
  transit,
} from './stretches.ts';

/** How things stand for hearing each other in one piece. */
type Hearing = {
  /** Who hears the other, so that the conflict can end. */
  readonly hearers: readonly Side[];
  /** From when on that counts. */
  readonly since: number;
};

const bothRun = (scene: Scene): boolean => sides.every((side) => scene[side].pulse === 'runs');

/**
 * Of two of ours either ends a conflict. With an original only the backup does, ours or the original: the primary stays
 * (O1, O6), whatever it hears.
 */
const mayYield = ({ original }: Schedule, side: Side): boolean => original === undefined || side === 'backup';

/**
 * The clocks start when the wires change and when both pulses run again: a clock may stand while its machine is suspended.
 * Who is deaf notices deadtime later, and only then the other yields (C3).
 */
function hearingIn(history: History, pieces: readonly Piece[]): ReadonlyMap<Piece, Hearing> {
  const { schedule } = history;
  const found = new Map<Piece, Hearing>();
  const deceived = deceptionsIn(history, pieces);
  let [since, before] = [0, ''];
  for (const piece of pieces) {
    const awake = bothRun(piece.scene);
    const tricked = sides.filter((side) => deceived[side].has(piece));
    const hearers = sides.filter((to) => piece.scene.ways[to] && mayYield(schedule, to) && !tricked.includes(to));
    const now = awake ? hearers.join() : 'asleep';
    if (now !== before) [before, since] = [now, piece.from];
    const deaf = hearers.length === 1 && schedule.original === undefined;
    // A recording is taken for a sign of life as long as it is played.
    const played = tricked.map((side) => lastPlayed(schedule, side, piece.until));
    const heardUntil = Math.max(since, ...played);
    found.set(piece, {
      hearers: awake ? hearers : [],
      since: deaf ? heardUntil + slowest(schedule, piece.until).deadtime : since,
    });
  }
  return found;
}

const playedTo = (schedule: Schedule, to: Side, until: number) =>
  faultsBetween(schedule, 0, until).filter((fault) => fault.type === 'replay' && fault.to === to);

const lastPlayed = (schedule: Schedule, to: Side, until: number): number =>
  Math.max(0, ...playedTo(schedule, to, until).map((fault) => Math.min(fault.until, until)));

/**
 * Recordings of a life of the partner that were withheld until they are played are heard as new, and the true partner is
 * refused from then on (docs/pair.md): who went over to a session that was not the partner's is deaf until it goes over to
 * the right one.
 */
function deceptionsIn({ schedule }: History, pieces: readonly Piece[]): Readonly<Record<Side, ReadonlySet<Piece>>> {
  const of = (side: Side): ReadonlySet<Piece> => {
    const found = new Set<Piece>();
    let [accepted, wrong] = [0n, false];
    for (const piece of pieces) {
      const { accepts } = piece.scene[side];
      const right = accepts === piece.scene[otherSide(side)].session;
      if (right || accepts === 0n) wrong = false;
      else if (accepts !== accepted) wrong = playedTo(schedule, side, piece.from).length > 0;
      accepted = accepts;
      if (wrong) found.add(piece);
    }
    return found;
  };
  return { primary: of('primary'), backup: of('backup') };
}

/** Whether this router may have taken recordings for its partner by then. */
export const isReplayed = (schedule: Schedule, to: Side, until: number): boolean =>
  playedTo(schedule, to, until).length > 0;

/**
 * How long two owners may last. Two of ours: a heartbeat until one hears of it, one more where it waits for an answer, and
 * `ip`. With an original one heartbeat is all that is needed, but its balancer goes before its addresses.
 */
const mostDouble = (schedule: Schedule, from: number, until: number): number =>
  (schedule.original === undefined
    ? 2 * slowest(schedule, until).keepalive
    : slowest(schedule, until).keepalive + originalTakeDown) +
  4 * transit +
  takeDown +
  lateTimer +
  slack +
  2 * noiseDelay(schedule, from, until) +
  slowIp(schedule, from, until);

const originalTakeDown = 300;

/** The time counts from when both are up, both pulses run and the wires are as they are; a lost heartbeat begins it anew. */
export function twoOwners(history: History, pieces: readonly Piece[]): readonly Violation[] {
  const { schedule } = history;
  const hearing = hearingIn(history, pieces);
  return stretches(pieces, bothOwn).flatMap((stretch) => {
    const losses = history.marks.filter(
      ({ type, at }) => type === 'lost' && at >= startOf(stretch) && at < endOf(stretch),
    );
    let begin = startOf(stretch);
    let sessions = sessionsOf(stretch[0]);
    return stretch.flatMap((piece) => {
      const { hearers, since } = hearing.get(piece) ?? { hearers: [], since: 0 };
      if (sessionsOf(piece) !== sessions) begin = piece.from;
      sessions = sessionsOf(piece);
      if (hearers.length === 0) {
        begin = piece.until;
        return [];
      }
      begin = Math.max(begin, since);
      const counted = losses.filter(({ side }) => hearers.includes(otherSide(side))).map(({ at }) => at);
      const spans = spansOf(begin, counted, piece.until);
      begin = Math.max(begin, ...spans.slice(-1).map(([from]) => from));
      return spans.filter(([from]) => !unproved(history, from, hearers)).flatMap((span) => tooLong(schedule, span));
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

function tooLong(schedule: Schedule, [from, until]: Span): readonly Violation[] {
  const most = mostDouble(schedule, from, until);
  if (until - from <= most) return [];
  const why = `${Math.round(until - from)} ms, allowed ${Math.round(most)} ms`;
  return [{ rule: 'two owners', from, until, why }];
}

/**
 * W1: under `require`, after a restart, freshness is not proved before both ways were open for a while, without losses, and
 * both ran. One that does not ask for a proof hears the other at once, so all who hear have to.
 */
export function unproved(history: History, at: number, hearers: readonly Side[]): boolean {
  const { schedule } = history;
  if (hearers.some((side) => schedule.auth[side] !== 'require')) return false;
  let [proved, current, since] = ['', '', 0];
  for (const piece of piecesOf(history)) {
    if (piece.from > at) break;
    const until = Math.min(piece.until, at);
    const open = piece.scene.ways.primary && piece.scene.ways.backup && bothRun(piece.scene);
    if (!open || sessionsOf(piece) !== current) since = open ? piece.from : until;
    current = sessionsOf(piece);
    const noisy = faultsBetween(schedule, since, until).some(({ type }) => type === 'noise');
    if (open && !noisy && until - since >= 3 * slowest(schedule, until).keepalive) proved = current;
  }
  return proved !== current;
}
