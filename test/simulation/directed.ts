// Schedules that were found to break simpler rules, by the names they have in docs/pair.md.
import type { History } from './history.ts';
import { owns, piecesOf } from './history.ts';
import { measure } from './invariants.ts';
import type { Auth, Fault, Mishap, Schedule, Side } from './schedule.ts';
import { onBoth, sides } from './schedule.ts';

/** A schedule and what its history has to show besides the rules for all histories. */
export type Directed = {
  readonly name: string;
  readonly what: string;
  readonly schedule: Schedule;
  /** Complaints; none where all is as it should be. */
  readonly check: (history: History) => readonly string[];
};

const basic: Omit<Schedule, 'healAt' | 'endAt' | 'faults'> = {
  ...{ seed: 1, keepalive: 1000, deadtime: 3000, auth: onBoth('accept'), hotStandby: true, failback: 'manual' },
  ...{ monitorLinks: true, privateChannel: true, original: undefined, firstTerm: 0, lateness: 2 },
  ...{ drift: { primary: 40, backup: -60 }, start: { primary: 0, backup: 100 } },
};

/** Seconds to the simulation's milliseconds. */
const lasting = (from: number, until: number, mishap: Mishap): Fault => ({
  ...mishap,
  from: from * 1000,
  until: until * 1000,
});

const course = (faults: readonly Fault[], change: Partial<Schedule> = {}, quiet = 40): Schedule => {
  const healAt = Math.max(0, ...faults.map(({ until }) => until));
  return { ...basic, faults, healAt, endAt: healAt + quiet * 1000, ...change };
};

const fullCut = { type: 'cut', to: 'both', channel: 'both' } as const;

/** Checks. */
const changes =
  (most: number, least = most) =>
  (history: History): readonly string[] => {
    const { changes: count } = measure(history);
    return count > most || count < least ? [`${count} changes of owner instead of ${least} to ${most}`] : [];
  };

/** How often either began to say that it is active. */
const activations =
  (most: number) =>
  ({ scenes }: History): readonly string[] => {
    const count = sides.reduce(
      (sum, side) =>
        sum +
        scenes.filter(
          ({ scene }, index) => scene[side].says === 'active' && scenes[index - 1]?.scene[side].says !== 'active',
        ).length,
      0,
    );
    return count > most ? [`${count} takeovers instead of ${most} at most`] : [];
  };

const ownerAt =
  (second: number, owner: Side) =>
  (history: History): readonly string[] => {
    const piece = piecesOf(history).find(({ from, until }) => from <= second * 1000 && second * 1000 < until);
    const owners = piece === undefined ? [] : sides.filter((side) => owns(piece.scene, side));
    return owners.join() === owner ? [] : [`at ${second} s the owner is "${owners.join()}" instead of the ${owner}`];
  };

/** From that second on it has the addresses without a break. */
const keeps =
  (from: number, owner: Side) =>
  (history: History): readonly string[] =>
    piecesOf(history).some(({ until, scene }) => until > from * 1000 && !owns(scene, owner))
      ? [`the ${owner} loses the service`]
      : [];

/** So often it has lost the addresses. */
const losses =
  (count: number, owner: Side) =>
  ({ scenes }: History): readonly string[] => {
    const lost = scenes.filter(
      ({ scene }, index) => !owns(scene, owner) && owns(scenes[index - 1]?.scene ?? scene, owner),
    ).length;
    return lost === count ? [] : [`the ${owner} has lost the service ${lost} times instead of ${count}`];
  };

/** From that second on it never has the addresses. */
const stays =
  (from: number, without: Side) =>
  (history: History): readonly string[] =>
    piecesOf(history).some(({ until, scene }) => until > from * 1000 && owns(scene, without))
      ? [`the ${without} has the addresses again`]
      : [];

/** From that second on it does not say where the addresses are. */
const announcesNothing =
  (from: number, side: Side) =>
  ({ marks }: History): readonly string[] =>
    marks.some((mark) => mark.type === 'announced' && mark.side === side && mark.at >= from * 1000)
      ? [`the ${side} announces addresses`]
      : [];

/** At no moment do both say that they are active. */
const neverBoth = (history: History): readonly string[] =>
  history.scenes.some(({ scene }) => sides.every((side) => scene[side].says === 'active'))
    ? ['both say that they are active']
    : [];

/** At no moment do both have the addresses. */
const neverTwo = (history: History): readonly string[] =>
  piecesOf(history).some(({ scene }) => sides.every((side) => owns(scene, side))) ? ['two owners'] : [];

const all =
  (...checks: readonly Directed['check'][]) =>
  (history: History): readonly string[] =>
    checks.flatMap((check) => check(history));

/** A backup that was active while it heard nobody: recordings of that are what an attacker wishes for. */
const loneStart = [lasting(10, 28, { type: 'cut', to: 'backup', channel: 'both' }), switchAt(33, 'backup')];

function switchAt(second: number, side: Side, force = false): Fault {
  return lasting(second, second, { type: 'switch', side, force });
}

const recordings = (of: 'former' | 'any'): Fault => lasting(60, 80, { type: 'replay', to: 'primary', of, every: 100 });

/** Ours is active when the original is switched on. */
const besideOriginal = { original: 'backup', start: { primary: 0, backup: 8000 } } as const;

const signed = { auth: onBoth<Auth>('require'), monitorLinks: false };

export const directed: readonly Directed[] = [
  {
    ...{ name: 'F1', what: 'the way to the backup is cut from the start' },
    schedule: course([lasting(0, 60, { type: 'cut', to: 'backup', channel: 'both' })]),
    check: changes(1, 0),
  },
  {
    ...{ name: 'F1 later', what: 'the way to the primary is cut, and later the way to the backup' },
    schedule: course([
      lasting(15, 40, { type: 'cut', to: 'primary', channel: 'both' }),
      lasting(60, 90, { type: 'cut', to: 'backup', channel: 'both' }),
    ]),
    check: changes(2, 1),
  },
  {
    ...{ name: 'F2', what: 'a full cut heals' },
    schedule: course([lasting(20, 40, fullCut)]),
    check: changes(2, 0),
  },
  {
    ...{ name: 'F2 drifting', what: 'a full cut heals, and the one that stays speaks first' },
    schedule: course([lasting(20, 60, fullCut)], { drift: { primary: -200, backup: 200 } }),
    check: changes(2, 0),
  },
  {
    ...{ name: 'F2 suspended', what: 'the owner is suspended and resumes, whether its clock ran or not' },
    schedule: course([
      lasting(20, 30, { type: 'suspended', side: 'primary', clock: 'runs' }),
      lasting(60, 70, { type: 'suspended', side: 'backup', clock: 'stands' }),
    ]),
    check: changes(2),
  },
  {
    ...{ name: 'F3', what: 'living servers jitter in antiphase while a cut heals' },
    schedule: course([lasting(20, 40, fullCut), lasting(15, 60, { type: 'servers-in-antiphase', period: 310 })]),
    check: changes(4, 0),
  },
  {
    ...{ name: 'F3 fitter', what: 'a full cut heals, and the one with the higher term sees no servers' },
    schedule: course([lasting(20, 40, fullCut), lasting(30, 70, { type: 'servers-dead', side: 'backup' })]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F4', what: 'a cold standby takes over, and later the primary asks for the service' },
    schedule: course(
      [lasting(20, 30, { type: 'power-off', side: 'primary' })],
      { hotStandby: false, failback: 'auto' },
      60,
    ),
    check: all(changes(2), ownerAt(85, 'primary')),
  },
  {
    ...{ name: 'F5', what: 'an operator switches to the backup' },
    schedule: course([switchAt(20, 'primary')]),
    check: all(changes(1), ownerAt(55, 'backup')),
  },
  {
    ...{ name: 'F5 lost', what: 'an operator switches to the backup, and the hand-over is lost on its way' },
    schedule: course([lasting(19.9, 20.6, { type: 'cut', to: 'backup', channel: 'both' }), switchAt(20, 'primary')]),
    check: all(changes(1), ownerAt(55, 'backup')),
  },
  {
    ...{ name: 'F6', what: 'the private cable is pulled on both' },
    schedule: course([
      lasting(20, 50, { type: 'link-down', side: 'primary', channel: 'private' }),
      lasting(20.1, 50, { type: 'link-down', side: 'backup', channel: 'private' }),
    ]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F6 switch', what: 'the public switch fails, and both notice one after the other' },
    schedule: course([
      lasting(20, 50, { type: 'link-down', side: 'primary', channel: 'public' }),
      lasting(20.3, 50, { type: 'link-down', side: 'backup', channel: 'public' }),
    ]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F6 one', what: 'the public cable of the owner alone is pulled' },
    schedule: course([lasting(20, 50, { type: 'link-down', side: 'primary', channel: 'public' })]),
    check: all(changes(1), ownerAt(21, 'backup')),
  },
  {
    ...{ name: 'F6 address', what: 'a device of some virtual addresses loses its cable on the owner, later on both' },
    schedule: course([
      lasting(20, 90, { type: 'link-down', side: 'primary', channel: 'eth5' }),
      lasting(60, 90, { type: 'link-down', side: 'backup', channel: 'eth5' }),
    ]),
    check: all(changes(1), keeps(21, 'backup')),
  },
  {
    ...{ name: 'F6 addresses', what: 'the devices of all virtual addresses lose theirs one after the other' },
    schedule: course([
      lasting(20, 90, { type: 'link-down', side: 'backup', channel: 'eth5' }),
      lasting(30, 60, { type: 'link-down', side: 'primary', channel: 'eth6' }),
      lasting(40, 60, { type: 'link-down', side: 'primary', channel: 'eth5' }),
    ]),
    // Each with one of two is as good as the other, and none is worse than one.
    check: all(changes(2), ownerAt(39, 'primary'), ownerAt(50, 'backup'), ownerAt(80, 'primary')),
  },
  {
    ...{ name: 'F7', what: 'the kernel takes no table on either' },
    schedule: course(
      [lasting(0, 80, { type: 'lvs-unable', side: 'primary' }), lasting(0, 80, { type: 'lvs-unable', side: 'backup' })],
      { hotStandby: false },
    ),
    check: activations(14),
  },
  {
    ...{ name: 'F8', what: 'pulse is stopped by a signal while its lvs lives' },
    schedule: course([lasting(20, 40, { type: 'pulse-hangs', side: 'primary' })]),
    check: changes(1),
  },
  {
    ...{ name: 'F9', what: 'the standby is suspended for longer than deadtime' },
    schedule: course([lasting(20, 30, { type: 'suspended', side: 'backup', clock: 'runs' })]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F10', what: "the owner's pulse is killed and comes back within deadtime" },
    schedule: course([lasting(20, 21.2, { type: 'pulse-killed', side: 'primary' })]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F11 forged', what: 'under require somebody without the key outbids the owner' },
    schedule: course(
      [lasting(20, 50, { type: 'forged', to: 'primary', how: 'unsigned', active: true, every: 90 })],
      signed,
    ),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F11 former', what: 'recordings of a session that has ended are played to the owner' },
    schedule: course(
      [...loneStart, lasting(40, 42, { type: 'stopped', side: 'backup' }), recordings('former')],
      signed,
    ),
    check: keeps(50, 'primary'),
  },
  {
    ...{ name: 'F11 restarted', what: 'recordings are played to an owner that has been restarted since' },
    schedule: course(
      [
        ...loneStart,
        lasting(40, 42, { type: 'stopped', side: 'backup' }),
        lasting(44, 45, { type: 'pulse-killed', side: 'primary' }),
        recordings('former'),
      ],
      signed,
    ),
    check: keeps(50, 'primary'),
  },
  {
    ...{ name: 'F11 current', what: 'recordings of the present session are played to the owner' },
    schedule: course([...loneStart, recordings('any')], signed),
    check: keeps(50, 'primary'),
  },
  {
    ...{ name: 'F12', what: 'one bare stray datagram says RUNNING to the active backup' },
    schedule: course([
      switchAt(15, 'primary'),
      lasting(30, 30.1, { type: 'forged', to: 'backup', how: 'bare', active: true, every: 1000 }),
    ]),
    check: keeps(20, 'backup'),
  },
  {
    ...{ name: 'F13', what: 'the term cannot rise any more, and a full cut heals' },
    schedule: course([lasting(20, 40, fullCut)], { firstTerm: 2 ** 32 - 1 }),
    check: ownerAt(60, 'primary'),
  },
  {
    ...{ name: 'F14', what: 'an operator places the service, and failback is automatic' },
    schedule: course([switchAt(30, 'primary')], { failback: 'auto' }, 90),
    check: all(changes(1), ownerAt(110, 'backup')),
  },
  {
    ...{ name: 'F14 stale', what: "an operator's order does not arrive while it counts" },
    schedule: course([lasting(20, 28, { type: 'cut', to: 'primary', channel: 'both' }), switchAt(20.1, 'backup')]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F15', what: 'our lvs fails for good, and the partner is an original' },
    schedule: course([lasting(20, 60, { type: 'lvs-killed', side: 'primary', every: 700 })], {
      ...besideOriginal,
    }),
    check: all(changes(1), ownerAt(45, 'backup')),
  },
  {
    ...{ name: 'F15 link', what: 'an original has a failed link, and ours loses its private one' },
    schedule: course(
      [
        lasting(20, 60, { type: 'link-down', side: 'backup', channel: 'private' }),
        lasting(30, 50, { type: 'link-down', side: 'primary', channel: 'private' }),
      ],
      besideOriginal,
    ),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F15 servers', what: 'ours loses its private link and with it all servers, beside an original' },
    schedule: course(
      [
        lasting(30, 60, { type: 'link-down', side: 'primary', channel: 'private' }),
        lasting(30.1, 60, { type: 'servers-dead', side: 'primary' }),
      ],
      besideOriginal,
    ),
    check: all(changes(1), ownerAt(35, 'backup')),
  },
  {
    ...{ name: 'F15 nobody', what: 'the same, and the original has lost its private link, too: it takes nothing' },
    schedule: course(
      [
        lasting(20, 60, { type: 'link-down', side: 'backup', channel: 'private' }),
        lasting(30, 55, { type: 'link-down', side: 'primary', channel: 'private' }),
        lasting(30.1, 55, { type: 'servers-dead', side: 'primary' }),
      ],
      besideOriginal,
    ),
    check: all(ownerAt(29, 'primary'), losses(1, 'primary'), keeps(40, 'primary')),
  },
  {
    ...{ name: 'F16', what: "at the start the backup's first datagram is lost" },
    schedule: course(
      [
        lasting(0, 0.5, { type: 'cut', to: 'primary', channel: 'both' }),
        lasting(0.5, 5, { type: 'noise', to: 'backup', channel: 'both', loss: 0, delay: 30, jitter: 0, duplicates: 0 }),
      ],
      { start: { primary: 20, backup: 0 } },
    ),
    check: neverBoth,
  },
  {
    ...{ name: 'F17', what: 'the owner dies while the standby is held up for a moment again and again' },
    schedule: course([
      lasting(22, 60, { type: 'power-off', side: 'primary' }),
      ...Array.from({ length: 30 }, (_, index) => {
        const from = 20 + index * 1.2;
        return lasting(from, from + 0.7, { type: 'pulse-hangs', side: 'backup' });
      }),
    ]),
    check: ownerAt(32, 'backup'),
  },
  {
    ...{ name: 'F18', what: 'pulse is stopped by a signal while it looks whether its addresses are there' },
    schedule: course([
      lasting(18, 21, { type: 'ip-slow', side: 'primary', latency: 450 }),
      lasting(20.4, 28, { type: 'pulse-hangs', side: 'primary' }),
    ]),
    check: stays(27, 'primary'),
  },
  {
    ...{ name: 'F19', what: 'what both say for longer than deadtime comes all at once' },
    schedule: course([lasting(20, 28, { type: 'held-back', to: 'both', channel: 'both' })]),
    check: all(changes(1), keeps(24, 'backup')),
  },
  {
    ...{ name: 'F20', what: "the standby's pulse is killed and started again, and then no server answers the owner" },
    schedule: course([
      lasting(20, 21.2, { type: 'pulse-killed', side: 'backup' }),
      lasting(30, 60, { type: 'servers-dead', side: 'primary' }),
    ]),
    check: all(changes(1), ownerAt(35, 'backup')),
  },
  {
    ...{ name: 'F21', what: "our owner's pulse hangs until an original has taken over, and goes on" },
    schedule: course([lasting(20, 27, { type: 'pulse-hangs', side: 'primary' })], {
      ...{ ...besideOriginal, deadtime: 6000 },
      // By which its timers come first when it goes on.
      seed: 3,
    }),
    check: all(changes(1), keeps(25.1, 'backup'), announcesNothing(27, 'primary')),
  },
  {
    ...{ name: 'F22', what: 'the owner loses its own addresses for longer than deadtime, and gets them back' },
    schedule: course([lasting(20, 40, { type: 'mute', side: 'primary' })]),
    check: all(changes(1), neverTwo, keeps(25, 'backup')),
  },
  {
    ...{ name: 'F22 short', what: 'the owner loses its own addresses for less than that' },
    schedule: course([lasting(20, 21.2, { type: 'mute', side: 'primary' })]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F22 alone', what: 'the partner is off, and the owner loses its own addresses' },
    schedule: course([
      lasting(20, 80, { type: 'power-off', side: 'backup' }),
      lasting(40, 60, { type: 'mute', side: 'primary' }),
    ]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F20 owner', what: "the owner's pulse is killed and started again, and then no server answers it" },
    schedule: course([
      lasting(20, 21.2, { type: 'pulse-killed', side: 'primary' }),
      lasting(30, 60, { type: 'servers-dead', side: 'primary' }),
    ]),
    check: all(changes(1), ownerAt(35, 'backup')),
  },
  {
    ...{ name: 'F21 longer', what: 'the owner alone has a file with a longer deadtime, and its pulse hangs' },
    schedule: course([
      lasting(20, 60, { type: 'reloaded', first: 'primary', lag: undefined, keepalive: 1000, deadtime: 9000 }),
      lasting(40, 52, { type: 'pulse-hangs', side: 'primary' }),
    ]),
    check: all(changes(1), neverTwo),
  },
  {
    ...{
      name: 'F21 shorter',
      what: 'the standby alone has a file with a shorter deadtime, and much later pulse hangs',
    },
    schedule: course(
      [
        lasting(30, 140, { type: 'reloaded', first: 'backup', lag: undefined, keepalive: 1000, deadtime: 3000 }),
        lasting(115, 130, { type: 'pulse-hangs', side: 'primary' }),
      ],
      { deadtime: 9000 },
    ),
    check: all(changes(1), neverTwo),
  },
  {
    ...{
      name: 'F21 both',
      what: 'both have a file with a longer deadtime, one after the other, and pulse hangs for less',
    },
    schedule: course([
      lasting(20, 60, { type: 'reloaded', first: 'backup', lag: 5000, keepalive: 1000, deadtime: 9000 }),
      lasting(35, 41, { type: 'pulse-hangs', side: 'primary' }),
    ]),
    check: keeps(10, 'primary'),
  },
  {
    ...{ name: 'F21 started', what: "the standby's pulse is started again with a shorter deadtime, and pulse hangs" },
    schedule: course(
      [
        lasting(30, 32, { type: 'stopped', side: 'backup' }),
        lasting(31, 80, { type: 'reloaded', first: 'backup', lag: undefined, keepalive: 1000, deadtime: 3000 }),
        lasting(50, 70, { type: 'pulse-hangs', side: 'primary' }),
      ],
      { deadtime: 9000 },
    ),
    check: all(changes(1), neverTwo),
  },
];
