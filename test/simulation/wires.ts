// The networks between the two routers: they cut, hold back, lose, delay, double and so reorder, by a seed.
import type { HeartbeatWord, Trailer } from '@piranha/protocol';
import type { Random } from '@piranha/testing';
import { mix, seededRandom } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import type { Channel, Noise, Side, Wires } from './schedule.ts';
import { channels, otherSide, sides } from './schedule.ts';

/** A datagram on its way. Whether its signature is good is a word: the arithmetic has tests of its own. */
export type Letter =
  | { readonly type: 'bare'; readonly word: HeartbeatWord }
  | { readonly type: 'pair'; readonly trailer: Trailer; readonly signed: 'none' | 'valid' | 'wrong' };

/** `genuine`: it comes from the router itself. */
type Deliver = (to: Side, channel: Channel, letter: Letter, genuine: boolean) => void;

export type Network = {
  /** Sends on these channels; tells on which of them it will arrive. */
  readonly send: (from: Side, on: readonly Channel[], letter: Letter) => readonly Channel[];
  /** From somebody who is no router: it arrives whatever is cut. */
  readonly inject: (to: Side, channel: Channel, letter: Letter) => void;
  readonly cut: (wires: Wires) => void;
  readonly mend: (wires: Wires) => void;
  readonly holdBack: (wires: Wires) => void;
  readonly release: (wires: Wires) => void;
  readonly addNoise: (wires: Wires, noise: Noise) => void;
  readonly removeNoise: (wires: Wires, noise: Noise) => void;
  /** Whether anything gets through to this side. */
  readonly leadsTo: (to: Side, on: readonly Channel[]) => boolean;
  /** The last letters that came to this side, oldest first: one who listens there, and holds up nothing, has them. */
  readonly recorded: (to: Side) => readonly Letter[];
};

type Wire = { cuts: number; holds: number; readonly held: Held[]; readonly noises: Noise[]; readonly random: Random };
type Held = { readonly at: number; readonly arrive: () => void };

/** An ordinary network (ms). */
const transit = { shortest: 0.2, longest: 1.5 };
const recordedLetters = 400;
/** After three questions for a MAC address, a second apart, a kernel drops what waits for the answer (ms; arp(7), mcast_solicit). */
const longestHold = 3000;

const leads = ({ cuts, holds }: Wire): boolean => cuts === 0 && holds === 0;

export function makeNetwork(agenda: Agenda, seed: number, deliver: Deliver): Network {
  const wires = new Map<string, Wire>();
  const wireTo = (to: Side, channel: Channel): Wire => {
    const name = `${to} ${channel}`;
    const known = wires.get(name);
    if (known !== undefined) return known;
    const number = 2 * sides.indexOf(to) + channels.indexOf(channel);
    const made = { cuts: 0, holds: 0, held: [], noises: [], random: seededRandom(mix(seed) + number) };
    wires.set(name, made);
    return made;
  };
  const recordings: Record<Side, Letter[]> = { primary: [], backup: [] };

  const carry = (wire: Wire, arrive: () => void): boolean => {
    const { random, noises } = wire;
    const lost = noises.some(({ loss }) => random.chance(loss));
    const delay = noises.reduce((sum, noise) => sum + noise.delay + random.between(0, noise.jitter), 0);
    const copies = noises.some(({ duplicates }) => random.chance(duplicates)) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const took = random.between(transit.shortest, transit.longest) + delay * (copy + 1);
      if (lost || wire.cuts > 0) continue;
      if (wire.holds > 0) wire.held.push({ at: agenda.now(), arrive });
      else agenda.put(agenda.now() + took, arrive);
    }
    return !lost && leads(wire);
  };

  const letGo = (wire: Wire): void => {
    wire.holds -= 1;
    if (wire.holds > 0) return;
    const arriveAt = agenda.now() + transit.shortest;
    for (const { at, arrive } of wire.held.splice(0)) {
      if (wire.cuts === 0 && agenda.now() - at < longestHold) agenda.put(arriveAt, arrive);
    }
  };

  const record = (tape: Letter[], letter: Letter): void => {
    tape.push(letter);
    if (tape.length > 2 * recordedLetters) tape.splice(0, recordedLetters);
  };

  const each = ({ to, channel }: Wires, act: (wire: Wire) => void): void => {
    for (const side of to === 'both' ? sides : [to]) {
      for (const name of channel === 'both' ? channels : [channel]) act(wireTo(side, name));
    }
  };

  return {
    send: (from, on, letter) => {
      const to = otherSide(from);
      const arrives = on.filter((channel) =>
        carry(wireTo(to, channel), () => {
          deliver(to, channel, letter, true);
        }),
      );
      if (arrives.length > 0) record(recordings[to], letter);
      return arrives;
    },
    inject: (to, channel, letter) => {
      deliver(to, channel, letter, false);
    },
    cut: (which) => {
      each(which, (wire) => (wire.cuts += 1));
    },
    mend: (which) => {
      each(which, (wire) => (wire.cuts -= 1));
    },
    holdBack: (which) => {
      each(which, (wire) => (wire.holds += 1));
    },
    release: (which) => {
      each(which, letGo);
    },
    addNoise: (which, noise) => {
      each(which, (wire) => wire.noises.push(noise));
    },
    removeNoise: (which, noise) => {
      each(which, (wire) => wire.noises.splice(wire.noises.indexOf(noise), 1));
    },
    leadsTo: (to, on) => on.some((channel) => leads(wireTo(to, channel))),
    recorded: (to) => recordings[to],
  };
}
