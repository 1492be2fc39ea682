// The floating addresses of one router as its pulse moves them: an `ip` that may be slow, and what pulse hears of it.
import type { IpAddress } from '@piranha/domain';
import type { PulseEvent } from '@piranha/pulse/step';
import { mix } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import type { Kernel } from './kernel.ts';
import type { IpSurroundings } from './simulated-ip.ts';
import { makeIp } from './simulated-ip.ts';
import type { Give } from './simulated-process.ts';

/** How long `ip` takes (ms), and when it is given up. */
const quick = { shortest: 2, longest: 30 };
const limit = 2000;

type Surroundings = IpSurroundings & {
  readonly kernel: Kernel;
  readonly addresses: readonly IpAddress[];
  /** To the pulse that runs now. */
  readonly give: Give<PulseEvent>;
  readonly changed: () => void;
};

export type SimulatedAddresses = {
  /** `inTime`: whether they may still be raised when `ip` has shown what there is. */
  readonly order: (up: boolean, inTime?: () => boolean) => void;
  /** Nobody has ordered them down since they were ordered up. */
  readonly keeps: () => boolean;
  /** How long `ip` takes at the moment (ms). */
  readonly latency: () => number;
  readonly slowDown: (latency: number | undefined) => void;
  /** A pulse that has just started has raised nothing yet. */
  readonly newPulse: () => void;
};

export function makeAddresses(around: Surroundings): SimulatedAddresses {
  const { kernel, give } = around;
  const ip = makeIp(around);
  let slow: number | undefined;
  let knownUp = false;
  let keeps = false;
  const latency = (): number => slow ?? ordinaryLatency(around.agenda);

  const answer = (up: boolean, takes: number): void => {
    // What somebody else took down meanwhile is not known to be new.
    const added = up && !knownUp ? around.addresses : [];
    knownUp = up;
    if (takes > limit) {
      const type = up ? 'addresses-not-up' : 'addresses-not-down';
      give('kept', (at) => ({ type, at, problem: 'ip has not answered in time' }));
    } else if (up) give('kept', (at) => ({ type: 'addresses-up', at, added }));
    else give('kept', (at) => ({ type: 'addresses-down', at }));
  };

  const move = (up: boolean, inTime: () => boolean): void => {
    // Of several that wait to bring the same addresses up one is enough.
    const order = up ? 'raise' : 'lower';
    if (up && ip.lastWaiting() === order) return;
    const takes = latency();
    ip.run({
      ...{ order, takes },
      act: () => {
        if (inTime()) kernel.setAddresses(up);
      },
      answer: () => {
        answer(up, takes);
      },
    });
  };

  return {
    latency,
    keeps: () => keeps,
    order: (up, inTime = () => true) => {
      const news = keeps !== up;
      keeps = up;
      if (news) around.changed();
      move(up, inTime);
    },
    slowDown: (much) => {
      slow = much;
    },
    newPulse: () => {
      knownUp = false;
    },
  };
}

/** Follows from the moment alone. */
const ordinaryLatency = (agenda: Agenda): number =>
  quick.shortest + ((quick.longest - quick.shortest) * (mix(Math.round(agenda.now() * 8)) % 256)) / 256;
