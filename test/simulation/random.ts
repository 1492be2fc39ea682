// Random schedules: most of the time something is wrong; at last all is mended and the pair has time to settle.
import type { Random } from '@piranha/testing';
import { seededRandom } from '@piranha/testing';
import { settlingTime } from './invariants.ts';
import type { Auth, Channel, Fault, Forgery, Mishap, Schedule, Side, Wires } from './schedule.ts';

/** Keepalive, deadtime, and how long faults go on (ms). */
const timers: readonly [Timers, ...Timers[]] = [
  { keepalive: 1000, deadtime: 3000, trouble: 80_000 },
  { keepalive: 2000, deadtime: 5000, trouble: 100_000 },
  { keepalive: 100, deadtime: 300, trouble: 12_000 },
  { keepalive: 6000, deadtime: 18_000, trouble: 200_000 },
];

type Timers = { readonly keepalive: number; readonly deadtime: number; readonly trouble: number };

/** How long the quiet at the end lasts, in which nothing may happen any more. */
const quiet = ({ deadtime }: Timers): number => Math.min(4 * deadtime, 20_000);

const mostFaults = 40;

const side = (random: Random): Side => random.pick(['primary', 'backup']);
const wires = (random: Random): Wires => ({
  to: random.pick(['primary', 'backup', 'both']),
  channel: random.pick(['public', 'private', 'both', 'both', 'both']),
});

/** The faults of the wires and of the machines, for any pair. */
const ordinary: readonly [Draw, ...Draw[]] = [
  (random) => ({ type: 'cut', ...wires(random) }),
  (random) => ({ type: 'cut', ...wires(random) }),
  (random) => ({
    ...{ type: 'noise', ...wires(random) },
    ...{ loss: random.chance(0.7) ? random.between(0.05, 0.6) : 0, duplicates: random.chance(0.3) ? 0.2 : 0 },
    ...{
      delay: random.chance(0.5) ? random.between(0, 0.15) : 0,
      jitter: random.chance(0.5) ? random.between(0, 0.3) : 0,
    },
  }),
  (random) => ({ type: 'link-down', side: side(random), channel: random.pick<Channel>(['public', 'private']) }),
  (random) => ({ type: 'suspended', side: side(random), clock: random.pick(['runs', 'stands']) }),
  (random) => ({ type: 'power-off', side: side(random) }),
  (random) => ({ type: 'stopped', side: side(random) }),
  (random) => ({ type: 'pulse-hangs', side: side(random) }),
];

/** Of our own routers only. */
const own: readonly [Draw, ...Draw[]] = [
  (random) => ({ type: 'pulse-killed', side: side(random) }),
  (random) => ({ type: 'lvs-killed', side: side(random), every: random.pick([1e6, 1500, 4000]) }),
  (random) => ({ type: 'lvs-hangs', side: side(random) }),
  (random) => ({ type: 'lvs-unable', side: side(random) }),
  (random) => ({ type: 'ip-slow', side: side(random), latency: random.between(100, 1500) }),
  (random) => ({ type: 'servers-dead', side: side(random) }),
  (random) => ({ type: 'servers-in-antiphase', period: random.between(400, 3000) }),
  (random) => ({ type: 'switch', side: side(random), force: random.chance(0.3) }),
];

/** Where signatures are required nobody without the key can do anything. */
const hostile: readonly [Draw, ...Draw[]] = [
  (random, pace) => ({ type: 'replay', to: side(random), of: random.pick(['former', 'any']), every: pace }),
  (random, pace) => ({
    ...{ type: 'forged', to: side(random), how: random.pick<Forgery>(['unsigned', 'wrong-key', 'bare']) },
    ...{ active: random.chance(0.5), every: pace },
  }),
];

type Draw = (random: Random, pace: number) => Mishap;

/** How long a fault lasts: from a part of a keepalive to several deadtimes. */
function lengthOf(random: Random, { keepalive, deadtime }: Timers): number {
  const [low, high] = random.pick([
    [0.2 * keepalive, 2 * keepalive],
    [keepalive, 2 * deadtime],
    [deadtime, 6 * deadtime],
  ]);
  return random.between(low, high);
}

function drawFault(random: Random, schedule: Timers & { readonly auth: Auth }): Fault {
  const kinds = random.chance(0.6) ? ordinary : schedule.auth === 'require' && random.chance(0.3) ? hostile : own;
  const mishap = random.pick(kinds)(random, random.between(0.1, 1) * schedule.keepalive);
  const from = random.between(0, schedule.trouble);
  const until = Math.min(from + lengthOf(random, schedule), schedule.trouble);
  // Delays are drawn in parts of a second, and may be no more than a part of a keepalive.
  if (mishap.type !== 'noise') return { ...mishap, from, until };
  const scale = Math.min(1000, 1.5 * schedule.keepalive);
  return { ...mishap, delay: mishap.delay * scale, jitter: mishap.jitter * scale, from, until };
}

/** The schedule of a seed. */
export function randomSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  const chosen = random.pick(timers);
  const auth = random.pick<Auth>(['off', 'accept', 'require']);
  // From one fault at a time to several.
  const most = Math.min(Math.ceil((2 * chosen.trouble) / chosen.deadtime), mostFaults);
  const count = random.whole(Math.ceil(most / 4), most);
  const faults = Array.from({ length: count }, () => drawFault(random, { ...chosen, auth }));
  const pair = {
    ...{ seed, keepalive: chosen.keepalive, deadtime: chosen.deadtime, auth, original: undefined },
    hotStandby: random.chance(0.7),
    failback: random.chance(0.3) ? ('auto' as const) : ('manual' as const),
    monitorLinks: random.chance(0.7),
    privateChannel: random.chance(0.7),
    firstTerm: 0,
    lateness: 2,
    drift: { primary: random.between(-200, 200), backup: random.between(-200, 200) },
    start: { primary: random.between(0, 3000), backup: random.between(0, 3000) },
    faults: faults.sort((a, b) => a.from - b.from),
    healAt: chosen.trouble,
    endAt: 0,
  };
  return { ...pair, endAt: pair.healAt + settlingTime(pair) + quiet(chosen) };
}
