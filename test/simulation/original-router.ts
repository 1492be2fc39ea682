// An original router as the partner: its machine, its balancer and its addresses, and what can be done to them.
import type { Agenda } from './agenda.ts';
import { driftingClock } from './clock.ts';
import type { OriginalPulse } from './original-pulse.ts';
import { startOriginalPulse } from './original-pulse.ts';
import type { Facts, Router, Witness } from './router.ts';
import type { Channel, Schedule, Side } from './schedule.ts';
import { channels } from './schedule.ts';

/** How long things take (ms). */
const raising = 40;
const stoppingBalancer = 250;
const restart = 150;
const announcements = [0, 1000, 2000, 3000, 4000];

/** An original that is switched off. */
export function makeOriginal(schedule: Schedule, side: Side, agenda: Agenda, witness: Witness): Router {
  const used: readonly Channel[] = schedule.privateChannel ? channels : ['public'];
  const clock = driftingClock(agenda, schedule.drift[side], 0);
  let machine: 'off' | 'on' | 'suspended' = 'off';
  let suspendedAt = 0;
  let boots = 0;
  let pulse: OriginalPulse | undefined;
  let hung = false;
  let stopping = false;
  let startAgain = false;
  let startOnResume = false;
  let addresses = false;
  let balancer = false;
  let ableBalancer = true;
  let said: Facts['says'] = 'nothing';
  const links = { public: true, private: true, eth5: true, eth6: true };
  const usable = (): readonly Channel[] => used.filter((channel) => links[channel]);
  const changed = (): void => {
    witness.changed(side);
  };
  const setAddresses = (up: boolean): void => {
    addresses = up;
    changed();
  };

  /** What runs on its own, whatever becomes of the program, until there is no power. */
  const apart = (delay: number, act: () => void): void => {
    const mine = boots;
    agenda.put(agenda.now() + delay, () => {
      if (mine === boots) act();
    });
  };

  /** Addresses up, then five announcements. */
  const startHelper = (): void => {
    apart(raising, () => {
      setAddresses(true);
    });
    for (const wait of announcements) {
      apart(raising + wait, () => {
        if (machine === 'on') witness.announced(side);
      });
    }
  };

  const loseBalancer = (): void => {
    if (!balancer) return;
    balancer = false;
    changed();
    pulse?.balancerEnded();
  };

  const forget = (): void => {
    pulse = undefined;
    said = 'nothing';
    hung = false;
    changed();
  };

  const startPulse = (): void => {
    // A machine that stands still starts nothing.
    startOnResume = machine === 'suspended';
    if (machine !== 'on') return;
    // One that is just stopping is waited for.
    startAgain = pulse !== undefined && stopping;
    if (pulse !== undefined) return;
    stopping = false;
    said = 'inactive';
    pulse = startOriginalPulse({
      ...{ schedule, side, agenda, clock, startHelper, changed },
      frozen: () => hung || machine !== 'on',
      linkDown: () => schedule.monitorLinks && used.some((channel) => !links[channel]),
      send: (word) => {
        said = word === 'running' ? 'active' : 'inactive';
        changed();
        witness.sent(side, usable(), { type: 'bare', word });
      },
      startBalancer: () => (balancer = ableBalancer),
      stopBalancer: () => {
        const takes = balancer ? stoppingBalancer : 0;
        balancer = false;
        changed();
        return takes;
      },
      lowerAddresses: () => {
        setAddresses(false);
      },
      log: (text) => {
        witness.logged(side, text);
      },
      ended: () => {
        forget();
        if (startAgain) apart(restart, startPulse);
        startAgain = false;
      },
    });
    changed();
  };

  const goOn = (): void => {
    changed();
    pulse?.goOn();
  };

  return {
    usable,
    startPulse,
    facts: () => ({
      ...{ machine: machine === 'on', addresses, table: balancer, keeps: addresses, says: said },
      pulse: pulse === undefined ? 'gone' : hung || machine === 'suspended' ? 'hangs' : 'runs',
      // Started when it is needed.
      lvs: balancer || ableBalancer ? 'runs' : 'gone',
      ...{ session: 0n, accepts: 0n, waits: schedule.deadtime },
      class: pulse === undefined || pulse.failed() ? 0 : 2,
    }),
    receive: (channel, letter) => {
      if (machine !== 'on' || !links[channel] || pulse === undefined) return false;
      // The first four bytes decide, and what follows them is invisible.
      const word = letter.type === 'bare' ? letter.word : letter.trailer.active ? 'running' : 'stopped';
      pulse.receive(word);
      return !hung;
    },
    powerOn: () => {
      if (machine !== 'off') return;
      machine = 'on';
      hung = false;
      startPulse();
    },
    powerOff: () => {
      machine = 'off';
      startOnResume = false;
      boots += 1;
      addresses = false;
      balancer = false;
      pulse?.kill();
      forget();
    },
    suspend: () => {
      if (machine !== 'on') return;
      machine = 'suspended';
      suspendedAt = agenda.now();
      changed();
    },
    resume: (how) => {
      if (machine !== 'suspended') return;
      if (how === 'stands') clock.setBack(agenda.now() - suspendedAt);
      machine = 'on';
      if (startOnResume) startPulse();
      goOn();
    },
    killPulse: () => {
      pulse?.kill();
      forget();
    },
    hangPulse: () => {
      hung = pulse !== undefined;
      changed();
    },
    resumePulse: () => {
      hung = false;
      goOn();
    },
    stopPulse: () => {
      stopping = true;
      pulse?.terminate();
    },
    killLvs: loseBalancer,
    breakTable: () => {
      ableBalancer = false;
      loseBalancer();
    },
    mendTable: () => {
      ableBalancer = true;
      changed();
    },
    // Noticed when the program looks at its links the next time.
    setLink: (channel, up) => {
      links[channel] = up;
      changed();
    },
    // It knows none of these.
    hangLvs: () => undefined,
    resumeLvs: () => undefined,
    slowDownIp: () => undefined,
    serversAnswer: () => undefined,
    orderSwitch: () => undefined,
    setMute: () => undefined,
    reload: () => undefined,
  };
}
