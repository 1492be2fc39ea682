// What a router is to the simulation, ours or an original: what can be done to it, what it tells, and what is seen of it.
import type { Channel, Link, Pace, Side } from './schedule.ts';
import type { Letter } from './wires.ts';

/** What can be seen of a router from outside. */
export type Facts = {
  /** Switched on and not suspended: it answers who asks for its addresses. */
  readonly machine: boolean;
  readonly addresses: boolean;
  readonly table: boolean;
  /** pulse has not ordered the addresses down since it ordered them up. */
  readonly keeps: boolean;
  readonly pulse: 'runs' | 'hangs' | 'gone';
  readonly lvs: 'runs' | 'hangs' | 'gone';
  /** What it said last, while it runs. */
  readonly says: 'active' | 'inactive' | 'nothing';
  readonly class: 0 | 1 | 2;
  readonly session: bigint;
  /** The partner's session that it takes for the present one; 0n for none. */
  readonly accepts: bigint;
  /** After so much silence its pulse takes the partner for dead (ms). */
  readonly waits: number;
};

/** What a router tells of itself as it happens. */
export type Witness = {
  readonly changed: (side: Side) => void;
  readonly announced: (side: Side) => void;
  readonly sent: (side: Side, on: readonly Channel[], letter: Letter) => void;
  readonly logged: (side: Side, text: string) => void;
};

/** What happens to any router, ours or an original's. */
export type Router = {
  readonly facts: () => Facts;
  /** Tells whether it is read at once. */
  readonly receive: (channel: Channel, letter: Letter) => boolean;
  /** The channels whose links are up here. */
  readonly usable: () => readonly Channel[];
  readonly powerOn: () => void;
  readonly powerOff: () => void;
  readonly suspend: () => void;
  readonly resume: (clock: 'runs' | 'stands') => void;
  readonly killPulse: () => void;
  readonly hangPulse: () => void;
  readonly resumePulse: () => void;
  readonly startPulse: () => void;
  readonly stopPulse: () => void;
  readonly killLvs: () => void;
  readonly hangLvs: () => void;
  readonly resumeLvs: () => void;
  readonly breakTable: () => void;
  readonly mendTable: () => void;
  readonly slowDownIp: (latency: number | undefined) => void;
  readonly serversAnswer: (answer: boolean) => void;
  readonly setLink: (link: Link, up: boolean) => void;
  readonly setMute: (mute: boolean) => void;
  readonly orderSwitch: (force: boolean) => void;
  /** Its file has these timers now, or again the schedule's; pulse is told to read it. */
  readonly reload: (pace: Pace | undefined) => void;
};
