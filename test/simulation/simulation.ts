// A pair on virtual time: plays a schedule and keeps what could be seen of it.
import type { Random } from '@piranha/testing';
import { mix, seededRandom } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import { makeAgenda } from './agenda.ts';
import type { History, Scene } from './history.ts';
import { sameScene } from './history.ts';
import { makeOriginal } from './original-router.ts';
import type { Router, Witness } from './router.ts';
import { makeRouter } from './own-router.ts';
import type { Rules } from './rules.ts';
import { wholeRules } from './rules.ts';
import type { Channel, Fault, Pace, Schedule, Side } from './schedule.ts';
import { otherSide, sides } from './schedule.ts';
import type { Letter, Network } from './wires.ts';
import { makeNetwork } from './wires.ts';

type World = {
  readonly schedule: Schedule;
  readonly agenda: Agenda;
  readonly network: Network;
  readonly routers: Readonly<Record<Side, Router>>;
};

/** More than this in one schedule is an endless loop. */
const mostEvents = 5_000_000;

/** Plays the schedule from beginning to end. `detailed` keeps the log lines of the routers, too. */
export function simulate(schedule: Schedule, rules: Rules = wholeRules, detailed = false): History {
  const agenda = makeAgenda();
  const scenes: { at: number; scene: Scene }[] = [];
  const history: History = { schedule, scenes, marks: [], lines: [] };
  const look = (): void => {
    const scene = sceneOf(world);
    const last = scenes.at(-1);
    if (last !== undefined && sameScene(last.scene, scene)) return;
    if (last?.at === agenda.now()) last.scene = scene;
    else scenes.push({ at: agenda.now(), scene });
  };
  const mark = (type: History['marks'][number]['type'], side: Side): void => {
    history.marks.push({ at: agenda.now(), type, side });
  };
  const bothUp = (): boolean => {
    const scene = scenes.at(-1)?.scene;
    return scene !== undefined && scene.primary.addresses && scene.backup.addresses;
  };

  const witness: Witness = {
    changed: look,
    announced: (side) => {
      mark('announced', side);
    },
    sent: (side, on, letter) => {
      const arrives = world.network.send(side, on, letter);
      const linked = world.routers[otherSide(side)].usable();
      if (!arrives.some((channel) => linked.includes(channel))) mark('lost', side);
    },
    logged: (side, text) => {
      if (detailed) history.lines.push({ at: agenda.now(), side, text });
    },
  };
  const deliver = (to: Side, channel: Channel, letter: Letter, genuine: boolean): void => {
    const conflict = genuine && bothUp() && isActive(letter);
    const read = world.routers[to].receive(channel, letter);
    if (conflict && read) mark('heard-active', to);
  };

  const make = (side: Side): Router =>
    schedule.original === side
      ? makeOriginal(schedule, side, agenda, witness)
      : makeRouter(schedule, side, agenda, witness, rules);
  const world: World = {
    ...{ schedule, agenda },
    network: makeNetwork(agenda, schedule.seed, deliver),
    routers: { primary: make('primary'), backup: make('backup') },
  };
  look();
  arrange(world, look, mark);
  const events = agenda.runUntil(schedule.endAt);
  if (events > mostEvents) throw new Error(`seed ${schedule.seed}: ${events} events, an endless loop`);
  look();
  return history;
}

const isActive = (letter: Letter): boolean =>
  letter.type === 'bare' ? letter.word === 'running' : letter.trailer.active;

function sceneOf({ routers, network }: World): Scene {
  const ways = (to: Side): boolean => {
    const on = routers[otherSide(to)].usable().filter((channel) => routers[to].usable().includes(channel));
    return network.leadsTo(to, on) && on.length > 0;
  };
  return {
    primary: routers.primary.facts(),
    backup: routers.backup.facts(),
    ways: { primary: ways('primary'), backup: ways('backup') },
  };
}

/** Puts the beginning and the end of every fault on the agenda. */
function arrange(world: World, look: () => void, mark: (type: 'switch', side: Side) => void): void {
  const { schedule, agenda, routers } = world;
  for (const fault of schedule.faults) {
    agenda.put(fault.from, () => {
      if (fault.type === 'switch') mark('switch', fault.side);
      begin(world, fault);
      look();
    });
    agenda.put(fault.until, () => {
      end(world, fault);
      look();
    });
  }
  for (const side of sides) agenda.put(schedule.start[side], routers[side].powerOn);
}

function begin(world: World, fault: Fault): void {
  const { network, routers } = world;
  switch (fault.type) {
    case 'cut':
      network.cut(fault);
      return;
    case 'held-back':
      network.holdBack(fault);
      return;
    case 'noise':
      network.addNoise(fault, fault);
      return;
    case 'mute':
      routers[fault.side].setMute(true);
      return;
    case 'link-down':
      routers[fault.side].setLink(fault.channel, false);
      return;
    case 'pulse-killed':
      routers[fault.side].killPulse();
      return;
    case 'pulse-hangs':
      routers[fault.side].hangPulse();
      return;
    case 'suspended':
      routers[fault.side].suspend();
      return;
    case 'power-off':
      routers[fault.side].powerOff();
      return;
    case 'lvs-killed':
      repeat(world.agenda, fault, fault.every, routers[fault.side].killLvs);
      return;
    case 'lvs-hangs':
      routers[fault.side].hangLvs();
      return;
    case 'lvs-unable':
      routers[fault.side].breakTable();
      return;
    case 'ip-slow':
      routers[fault.side].slowDownIp(fault.latency);
      return;
    case 'servers-dead':
      routers[fault.side].serversAnswer(false);
      return;
    case 'servers-in-antiphase':
      alternate(world, fault);
      return;
    case 'reloaded':
      reload(world, fault, fault);
      return;
    case 'switch':
      routers[fault.side].orderSwitch(fault.force);
      return;
    case 'stopped':
      routers[fault.side].stopPulse();
      return;
    case 'replay':
      replay(world, fault);
      return;
    case 'forged':
      forge(world, fault);
  }
}

/** One router after the other reads a file with these timers. */
function reload(
  { agenda, routers }: World,
  { first, lag }: Extract<Fault, { readonly type: 'reloaded' }>,
  pace: Pace | undefined,
): void {
  routers[first].reload(pace);
  if (lag === undefined) return;
  agenda.put(agenda.now() + lag, () => {
    routers[otherSide(first)].reload(pace);
  });
}

function end(world: World, fault: Fault): void {
  const { network, routers } = world;
  switch (fault.type) {
    case 'reloaded':
      reload(world, fault, undefined);
      return;
    case 'cut':
      network.mend(fault);
      return;
    case 'held-back':
      network.release(fault);
      return;
    case 'noise':
      network.removeNoise(fault, fault);
      return;
    case 'mute':
      routers[fault.side].setMute(false);
      return;
    case 'link-down':
      routers[fault.side].setLink(fault.channel, true);
      return;
    case 'pulse-killed':
    case 'stopped':
      routers[fault.side].startPulse();
      return;
    case 'pulse-hangs':
      routers[fault.side].resumePulse();
      return;
    case 'suspended':
      routers[fault.side].resume(fault.clock);
      return;
    case 'power-off':
      routers[fault.side].powerOn();
      return;
    case 'lvs-hangs':
      routers[fault.side].resumeLvs();
      return;
    case 'lvs-unable':
      routers[fault.side].mendTable();
      return;
    case 'ip-slow':
      routers[fault.side].slowDownIp(undefined);
      return;
    case 'servers-dead':
      routers[fault.side].serversAnswer(true);
      return;
    case 'servers-in-antiphase':
      for (const side of sides) routers[side].serversAnswer(true);
      return;
    case 'lvs-killed':
    case 'switch':
    case 'replay':
    case 'forged':
      return;
  }
}

/** Again and again while the fault lasts. */
function repeat(agenda: Agenda, { from, until }: Fault, every: number, act: (time: number) => void): void {
  for (let at = from, time = 0; at < until; at += every, time += 1) {
    agenda.put(at, () => {
      act(time);
    });
  }
}

function alternate({ agenda, routers }: World, fault: Extract<Fault, { readonly type: 'servers-in-antiphase' }>): void {
  repeat(agenda, fault, fault.period, (time) => {
    routers.primary.serversAnswer(time % 2 === 0);
    routers.backup.serversAnswer(time % 2 === 1);
  });
}

/** A fault's own chance: other faults do not change it. */
const chanceOf = ({ seed }: Schedule, { from }: Fault): Random => seededRandom(mix(seed) + Math.round(from));

/** A recording is played in its order, from the beginning again when it ends. */
function replay(
  { agenda, network, routers, schedule }: World,
  fault: Extract<Fault, { readonly type: 'replay' }>,
): void {
  const current = routers[otherSide(fault.to)].facts().session;
  const tape = network
    .recorded(fault.to)
    .filter((letter) => letter.type === 'pair' && (fault.of === 'any' || letter.trailer.session !== current));
  const random = chanceOf(schedule, fault);
  repeat(agenda, fault, fault.every, (time) => {
    const letter = tape[time % tape.length];
    if (letter !== undefined) network.inject(fault.to, random.chance(0.5) ? 'public' : 'private', letter);
  });
}

/** Somebody who hears all and has read the documentation, but has no key: what was sent last, made to look newer and stronger. */
function forge({ agenda, network, schedule }: World, fault: Extract<Fault, { readonly type: 'forged' }>): void {
  const random = chanceOf(schedule, fault);
  repeat(agenda, fault, fault.every, (time) => {
    const channel = random.chance(0.5) ? 'public' : 'private';
    const strange = random.chance(0.2) ? { session: BigInt(random.whole(1, 2 ** 31)), echo: 0n } : {};
    const term = random.pick([0, 5, 1000, 2 ** 32 - 1]);
    const newer = BigInt(1000 + time);
    const seen = network.recorded(fault.to).findLast((letter) => letter.type === 'pair');
    if (fault.how === 'bare') {
      network.inject(fault.to, channel, { type: 'bare', word: fault.active ? 'running' : 'stopped' });
    } else if (seen?.type === 'pair') {
      const { trailer } = seen;
      network.inject(fault.to, channel, {
        type: 'pair',
        signed: fault.how === 'unsigned' ? 'none' : 'wrong',
        trailer: { ...trailer, ...strange, active: fault.active, term, sequence: trailer.sequence + newer },
      });
    }
  });
}
