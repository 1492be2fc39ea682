// An original router as the partner, from the description of its behaviour (reference/pulse §3, §4, §7).
import type { HeartbeatWord } from '@piranha/protocol';
import type { Agenda } from './agenda.ts';
import type { Facts, Router, Witness } from './router.ts';
import type { Channel, Schedule, Side } from './schedule.ts';
import { channels } from './schedule.ts';
import type { Letter } from './wires.ts';

/** How long things take (ms). */
const raising = 40;
const stoppingBalancer = 250;
const announcements = [0, 1000, 2000, 3000, 4000];

type Process = {
  active: boolean;
  /** A monitored link is down. */
  linkFail: boolean;
  /** Its balancer ended by itself; only a running partner makes it forget that. */
  childFail: boolean;
  sendAt: number;
  needAt: number;
  /** Nothing is sent or read while it deactivates. */
  busyUntil: number;
  readonly inbox: HeartbeatWord[];
};

/** An original that is switched off. */
export function makeOriginal(schedule: Schedule, side: Side, agenda: Agenda, witness: Witness): Router {
  const { keepalive, deadtime } = schedule;
  const used: readonly Channel[] = schedule.privateChannel ? channels : ['public'];
  let machine: 'off' | 'on' | 'suspended' = 'off';
  let process: Process | undefined;
  let hung = false;
  let addresses = false;
  let balancer = false;
  let ableBalancer = true;
  let said: Facts['says'] = 'nothing';
  const links = { public: true, private: true };
  const usable = (): readonly Channel[] => used.filter((channel) => links[channel]);
  const changed = (): void => {
    witness.changed(side);
  };
  const log = (text: string): void => {
    witness.logged(side, text);
  };

  const send = (word: 'running' | 'stopped'): void => {
    said = word === 'running' ? 'active' : 'inactive';
    changed();
    witness.sent(side, usable(), { type: 'bare', word });
  };

  /** Runs on its own, whatever becomes of the program: addresses up, then five announcements. */
  const startHelper = (): void => {
    agenda.put(agenda.now() + raising, () => {
      if (machine === 'off') return;
      addresses = true;
      changed();
    });
    for (const wait of announcements) {
      agenda.put(agenda.now() + raising + wait, () => {
        if (machine === 'on') witness.announced(side);
      });
    }
  };

  const activate = (own: Process, why: string): void => {
    log(`${why}: activating lvs`);
    own.active = true;
    balancer = ableBalancer;
    startHelper();
    if (!ableBalancer) onBalancerEnded();
  };

  const deactivate = (own: Process, then: () => void): void => {
    own.busyUntil = agenda.now() + (balancer ? stoppingBalancer : 0) + raising;
    agenda.put(own.busyUntil, () => {
      if (machine === 'off' || process !== own) return;
      balancer = false;
      addresses = false;
      own.active = false;
      changed();
      then();
    });
  };

  const onBalancerEnded = (): void => {
    const own = process;
    balancer = false;
    changed();
    if (own?.active !== true) return;
    log('lvsd ended by itself: deactivating');
    deactivate(own, () => {
      own.childFail = true;
    });
  };

  const able = ({ active, linkFail, childFail }: Process): boolean => !active && !linkFail && !childFail;

  const onWord = (own: Process, word: HeartbeatWord): void => {
    if (word === 'running') {
      own.childFail = false;
      if (own.active && side === 'primary') {
        log('partner active: resending arps');
        startHelper();
      } else if (own.active) {
        send('running');
        log('partner active: deactivating LVS');
        deactivate(own, () => undefined);
      }
    } else if (word === 'stopped' && able(own)) activate(own, 'partner inactive');
    own.needAt = agenda.now() + deadtime;
  };

  const isFree = (own: Process): boolean => agenda.now() >= own.busyUntil;

  const readAll = (own: Process): void => {
    while (isFree(own)) {
      const word = own.inbox.shift();
      if (word === undefined) return;
      onWord(own, word);
    }
  };

  /** What is waiting comes first, then the timers. */
  const pass = (own: Process): void => {
    if (own !== process || hung || machine !== 'on') return;
    const now = agenda.now();
    readAll(own);
    if (isFree(own) && now >= own.sendAt) {
      own.sendAt = now + keepalive;
      send(own.active ? 'running' : 'stopped');
    }
    if (isFree(own) && now >= own.needAt) {
      own.needAt = now + deadtime;
      if (able(own)) activate(own, 'partner dead');
    }
    wakeAt(own, Math.max(Math.min(own.sendAt, own.needAt), own.busyUntil, now + 1));
  };

  const wakes = new Set<number>();
  const wakeAt = (own: Process, at: number): void => {
    if (wakes.has(at)) return;
    wakes.add(at);
    agenda.put(at, () => {
      wakes.delete(at);
      pass(own);
    });
  };

  const receive = (channel: Channel, letter: Letter): boolean => {
    if (machine !== 'on' || !links[channel] || process === undefined) return false;
    // The first four bytes decide, and what follows them is invisible.
    const word = letter.type === 'bare' ? letter.word : letter.trailer.active ? 'running' : 'stopped';
    if (process.inbox.length < 250) process.inbox.push(word);
    pass(process);
    return !hung;
  };

  const startPulse = (): void => {
    if (process !== undefined || machine === 'off') return;
    const now = agenda.now();
    process = {
      ...{ active: false, linkFail: linkFails(), childFail: false, busyUntil: now, inbox: [] },
      ...{ sendAt: now + keepalive, needAt: now + deadtime },
    };
    said = 'inactive';
    changed();
    wakeAt(process, process.sendAt);
  };

  const linkFails = (): boolean => schedule.monitorLinks && used.some((channel) => !links[channel]);

  const goOn = (): void => {
    if (process !== undefined) pass(process);
    changed();
  };

  const end = (): void => {
    process = undefined;
    said = 'nothing';
    changed();
  };

  return {
    usable,
    receive,
    startPulse,
    facts: () => ({
      ...{ machine: machine === 'on', addresses, table: balancer, keeps: addresses, says: said, session: 0n },
      pulse: process === undefined ? 'gone' : hung || machine === 'suspended' ? 'hangs' : 'runs',
      lvs: balancer ? 'runs' : 'gone',
      class: process === undefined || process.linkFail || process.childFail ? 0 : 2,
    }),
    powerOn: () => {
      if (machine !== 'off') return;
      machine = 'on';
      hung = false;
      startPulse();
    },
    powerOff: () => {
      machine = 'off';
      addresses = false;
      balancer = false;
      end();
    },
    suspend: () => {
      if (machine === 'on') machine = 'suspended';
      changed();
    },
    resume: () => {
      if (machine === 'suspended') machine = 'on';
      goOn();
    },
    killPulse: end,
    hangPulse: () => {
      hung = true;
      changed();
    },
    resumePulse: () => {
      hung = false;
      goOn();
    },
    stopPulse: () => {
      const own = process;
      if (own === undefined) return;
      if (own.active) deactivate(own, end);
      else end();
    },
    killLvs: onBalancerEnded,
    hangLvs: () => undefined,
    resumeLvs: () => undefined,
    breakTable: () => {
      ableBalancer = false;
      if (balancer) onBalancerEnded();
    },
    mendTable: () => {
      ableBalancer = true;
    },
    slowDownIp: () => undefined,
    serversAnswer: () => undefined,
    setLink: (channel, up) => {
      links[channel] = up;
      const own = process;
      if (own === undefined) return;
      const failed = !own.linkFail && linkFails();
      own.linkFail = linkFails();
      if (failed && own.active) {
        log('local link failure: deactivating LVS');
        deactivate(own, () => undefined);
      }
      changed();
    },
    orderSwitch: () => undefined,
  };
}
