// Random schedules: most of the time something is wrong; at last all is mended and the pair has time to settle.
import type { Random } from '@piranha/testing';
import { seededRandom } from '@piranha/testing';
import { settlingTime } from './invariants.ts';
import type { Auth, Fault, Forgery, Link, Mishap, Pace, Schedule, Side, Wires } from './schedule.ts';
import { onBoth, otherSide, sides } from './schedule.ts';

/** Keepalive, deadtime, and how long faults go on (ms). */
const timers: readonly [Timers, ...Timers[]] = [
  { keepalive: 1000, deadtime: 3000, trouble: 95_000 },
  { keepalive: 2000, deadtime: 5000, trouble: 125_000 },
  { keepalive: 100, deadtime: 300, trouble: 14_000 },
  { keepalive: 6000, deadtime: 18_000, trouble: 290_000 },
];

/** Those that an original can have, too. */
const wholeSeconds: readonly [Timers, ...Timers[]] = [
  timers[0],
  ...timers.slice(1).filter(({ keepalive }) => keepalive % 1000 === 0),
];

type Timers = Pace & { readonly trouble: number };

/** On the way from no signatures to required ones one router is a step behind. */
const migration: readonly [readonly [Auth, Auth], ...(readonly [Auth, Auth])[]] = [
  ['off', 'accept'],
  ['accept', 'require'],
];

/** How long the quiet at the end lasts, in which nothing may happen any more. */
const quiet = ({ deadtime }: Timers): number => Math.min(3 * deadtime, 15_000);

const mostFaults = 70;

const wires = (random: Random): Wires => ({
  to: random.pick(['primary', 'backup', 'both']),
  channel: random.pick(['public', 'private', 'both', 'both', 'both']),
});

/** A mishap for one of these routers: any, one of ours, one that asks for signatures. `every`: how often what repeats (ms). */
type Draw = (random: Random, who: Who, every: number, timers: Pace) => Mishap;
type Who = { readonly any: Side; readonly ours: Side; readonly strict: Side };

/** The faults of the wires and of the machines, for any pair. */
const ordinary: readonly [Draw, ...Draw[]] = [
  (random) => ({ type: 'cut', ...wires(random) }),
  (random) => ({ type: 'cut', ...wires(random) }),
  (random) => ({ type: 'held-back', ...wires(random) }),
  (random) => ({
    ...{ type: 'noise', ...wires(random) },
    ...{ loss: random.chance(0.7) ? random.between(0.05, 0.6) : 0, duplicates: random.chance(0.3) ? 0.2 : 0 },
    ...{
      delay: random.chance(0.5) ? random.between(0, 0.15) : 0,
      jitter: random.chance(0.5) ? random.between(0, 0.3) : 0,
    },
  }),
  (random, { any }) => ({
    type: 'link-down',
    side: any,
    channel: random.pick<Link>(['public', 'private', 'eth5', 'eth6']),
  }),
  (random, { any }) => ({ type: 'suspended', side: any, clock: random.pick(['runs', 'stands']) }),
  (_, { any }) => ({ type: 'power-off', side: any }),
  (_, { any }) => ({ type: 'stopped', side: any }),
  (_, { any }) => ({ type: 'pulse-hangs', side: any }),
];

/**
 * What becomes of a program. An original whose pulse is killed leaves its addresses for ever, and it has no part in the
 * others: that is drawn for ours alone.
 */
const programs: readonly [Draw, ...Draw[]] = [
  (random, { any }) => ({ type: 'lvs-killed', side: any, every: random.pick([1e6, 1500, 4000]) }),
  (_, { any }) => ({ type: 'lvs-unable', side: any }),
  (_, { ours }) => ({ type: 'pulse-killed', side: ours }),
  (_, { ours }) => ({ type: 'lvs-hangs', side: ours }),
  (random, { ours }) => ({ type: 'ip-slow', side: ours, latency: random.between(100, 1500) }),
  (_, { ours }) => ({ type: 'mute', side: ours }),
  (_, { ours }) => ({ type: 'servers-dead', side: ours }),
  (random) => ({ type: 'servers-in-antiphase', period: random.between(400, 3000) }),
  (random, { ours }) => ({ type: 'switch', side: ours, force: random.chance(0.3) }),
];

/** Files with other timers: one router is told to read its own first, and the other some time later, if at all. */
const reloads: Draw = (random, { any }, _, { keepalive, deadtime }) => {
  const [faster, slower] = [random.pick([0.5, 1, 2]), random.pick([0.5, 1, 2])];
  return {
    ...{ type: 'reloaded', first: any, lag: random.chance(0.3) ? undefined : random.between(0, 2 * deadtime) },
    ...(faster > slower
      ? { keepalive, deadtime: 2 * deadtime }
      : { keepalive: faster * keepalive, deadtime: slower * deadtime }),
  };
};

/** Where signatures are required nobody without the key can do anything. */
const hostile: readonly [Draw, ...Draw[]] = [
  (random, { strict }, every) => ({ type: 'replay', to: strict, of: random.pick(['former', 'any']), every }),
  (random, { strict }, every) => ({
    ...{ type: 'forged', to: strict, how: random.pick<Forgery>(['unsigned', 'wrong-key', 'bare']) },
    ...{ active: random.chance(0.5), every },
  }),
];

/** How long a fault lasts: from a part of a keepalive to several deadtimes. */
function lengthOf(random: Random, { keepalive, deadtime }: Timers): number {
  const [low, high] = random.pick([
    [0.2 * keepalive, 2 * keepalive],
    [keepalive, 2 * deadtime],
    [deadtime, 6 * deadtime],
  ]);
  return random.between(low, high);
}

function drawFault(random: Random, pair: Pair, earliest: number, latest: number): Fault {
  const { keepalive, trouble } = pair.timers;
  const any = random.pick(sides);
  const strict = sides.filter((side) => pair.auth[side] === 'require');
  const who = {
    any,
    ours: pair.original === undefined ? any : otherSide(pair.original),
    strict: strict.includes(any) ? any : otherSide(any),
  };
  const kinds = random.chance(0.6) ? ordinary : strict.length > 0 && random.chance(0.3) ? hostile : inPair(pair);
  const mishap = random.pick(kinds)(random, who, random.between(0.1, 1) * keepalive, pair.timers);
  const begin = random.between(earliest, latest);
  // Both have their own file again when all is mended.
  const end = trouble - (mishap.type === 'reloaded' ? (mishap.lag ?? 0) : 0);
  const until = Math.min(begin + lengthOf(random, pair.timers), end);
  const from = Math.min(begin, until);
  // Delays are drawn in parts of a second, and may be no more than a part of a keepalive.
  if (mishap.type !== 'noise') return { ...mishap, from, until };
  const scale = Math.min(1000, 1.5 * keepalive);
  return { ...mishap, delay: mishap.delay * scale, jitter: mishap.jitter * scale, from, until };
}

/** An original reads no file again. */
const inPair = ({ original }: Pair): readonly [Draw, ...Draw[]] =>
  original === undefined ? [...programs, reloads, reloads] : programs;

type Pair = {
  readonly timers: Timers;
  readonly original: Side | undefined;
  readonly auth: Readonly<Record<Side, Auth>>;
};

/** Who the two are: two of ours, with the same heartbeat_auth or on the way from one to the next, or one of ours and an original. */
function drawPair(random: Random): Pair {
  if (random.chance(0.15)) {
    const original = random.pick(sides);
    return { timers: random.pick(wholeSeconds), original, auth: onBoth(random.pick<Auth>(['off', 'accept'])) };
  }
  const chosen = random.pick<Auth>(['off', 'accept', 'require']);
  const isMoving = chosen !== 'off' && random.chance(0.3);
  const [first, second] = isMoving ? random.pick(migration) : ([chosen, chosen] as const);
  const behind = random.pick(sides);
  const auth = behind === 'primary' ? { primary: first, backup: second } : { primary: second, backup: first };
  return { timers: random.pick(timers), original: undefined, auth };
}

/** The schedule of a seed. */
export function randomSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const drawn = drawPair(random);
  const { keepalive, deadtime, trouble } = drawn.timers;
  // From one fault at a time to several.
  const most = Math.min(Math.ceil((2 * trouble) / deadtime), mostFaults);
  const count = random.whole(Math.ceil(most / 2), most);
  // Anywhere, with gaps and crowds, or one in each part of the time, so that hardly any of it is quiet.
  const part = random.chance(0.5) ? trouble / count : undefined;
  const faults = Array.from({ length: count }, (_, index) =>
    part === undefined
      ? drawFault(random, drawn, 0, trouble)
      : drawFault(random, drawn, part * index, part * (index + 1)),
  );
  const pair = {
    ...{ seed, keepalive, deadtime, auth: drawn.auth, original: drawn.original },
    hotStandby: random.chance(0.7),
    failback: random.chance(0.3) ? ('auto' as const) : ('manual' as const),
    monitorLinks: random.chance(0.7),
    privateChannel: random.chance(0.7),
    firstTerm: 0,
    lateness: 2,
    drift: { primary: random.between(-200, 200), backup: random.between(-200, 200) },
    start: { primary: random.between(0, 3000), backup: random.between(0, 3000) },
    faults: faults.sort((a, b) => a.from - b.from),
    healAt: trouble,
    endAt: 0,
  };
  return { ...pair, endAt: pair.healAt + settlingTime(pair) + quiet(drawn.timers) };
}
