// One router of ours: the machine, its kernel, pulse and lvs, and everything that can be done to them.
import { never } from '@piranha/domain';
import type { Datagram, Trailer } from '@piranha/protocol';
import { initialState, wordsOf } from '@piranha/pulse/step';
import type { PulseAction, PulseEvent, PulseState } from '@piranha/pulse/step';
import { mix } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import { driftingClock } from './clock.ts';
import { makeKernel } from './kernel.ts';
import type { LvsKeeper } from './lvs-keeper.ts';
import { makeLvsKeeper } from './lvs-keeper.ts';
import type { Facts, Router, Witness } from './router.ts';
import type { Rules } from './rules.ts';
import { clockEvent, machineUnder } from './rules.ts';
import type { Channel, Schedule, Side } from './schedule.ts';
import { channels, vipDevices } from './schedule.ts';
import { load, settingsOf } from './settings.ts';
import { makeAddresses } from './simulated-addresses.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { startProcess } from './simulated-process.ts';
import type { Letter } from './wires.ts';

/** How long things take (ms). */
const restart = 150;
/** How long a new pulse waits for the answer of an lvs that hangs. */
const lvsPatience = 3000;
const linkReading = 40;
const linkInterval = 3000;

/** A router that is switched off. */
export function makeRouter(schedule: Schedule, side: Side, agenda: Agenda, witness: Witness, rules: Rules): Router {
  let loaded = load(schedule);
  let settings = settingsOf(schedule, side, loaded);
  let known: PulseState | undefined;
  let kept: PulseTimers;
  const number = side === 'primary' ? 1 : 2;
  const clock = driftingClock(agenda, schedule.drift[side], 1000 * number + (mix(schedule.seed + number) % 1e6));
  const used: readonly Channel[] = schedule.privateChannel ? channels : ['public'];
  const changed = (): void => {
    witness.changed(side);
  };
  const kernel = makeKernel(changed);

  let machine: 'off' | 'on' | 'suspended' = 'off';
  let suspendedAt = 0;
  let pulse: SimulatedProcess<PulseEvent> | undefined;
  let hung = false;
  let life = 0;
  let last: Trailer | undefined;
  let accepts = 0n;
  let stopping = false;
  let boots = 0;
  let startAgain = false;
  let mute = false;
  let spoke = true;
  const links = { public: true, private: true, eth5: true, eth6: true };
  let said: Facts['says'] = 'nothing';

  const give: SimulatedProcess<PulseEvent>['give'] = (source, event) => pulse?.give(source, event);
  const usable = (): readonly Channel[] => (mute ? [] : used.filter((channel) => links[channel]));

  const { step, nextDeadline } = machineUnder(rules);
  const noted: typeof step = (state, event) => {
    const next = step(state, event);
    const news = known?.settings.deadtime !== next.state.settings.deadtime;
    known = next.state;
    if (news) changed();
    return next;
  };

  /** Something that takes time in the pulse that runs now; its answer is for no other. */
  const later = (delay: number, act: () => void): void => {
    const mine = life;
    agenda.put(agenda.now() + delay, () => {
      if (mine === life) act();
    });
  };

  const addresses = makeAddresses({
    ...{ agenda, kernel, give, changed },
    life: () => life,
    boot: () => boots,
    hangs: () => pulse?.hangs() === true,
    addresses: settings.addresses.map(({ address }) => address),
  });

  const lvs = makeLvsKeeper({
    ...{ agenda, clock, kernel, give, later, changed },
    loaded: () => loaded,
    lateness: schedule.lateness,
    ipLatency: addresses.latency,
    tickInterval: schedule.keepalive / 4,
    lifeline: rules.lifeline,
    greetsFirst: rules.greetsFirst,
    logged: (text) => {
      witness.logged(side, text);
    },
  });

  const perform = (action: PulseAction): void => {
    switch (action.type) {
      case 'send':
        noteTrailer(action.trailer);
        tellVoice(!mute);
        if (mute) return;
        witness.sent(side, usable(), {
          type: 'pair',
          trailer: action.trailer,
          signed: settings.auth === 'off' ? 'none' : 'valid',
        });
        return;
      case 'start-lvs':
        lvs.bringUp();
        return;
      case 'configure-lvs':
        lvs.configure();
        return;
      case 'tick-lvs':
        lvs.tick(action);
        return;
      case 'stop-lvs':
        lvs.terminate();
        return;
      case 'kill-lvs':
        lvs.killHung();
        return;
      case 'raise-addresses':
        addresses.order(true, () => !rules.raisesInTime || clock.now() < (action.by ?? never));
        return;
      case 'lower-addresses':
        addresses.order(false);
        return;
      case 'announce':
        if (kernel.hasAddresses()) witness.announced(side);
        return;
      case 'keep-timers':
        kept = action.timers;
        return;
      case 'news':
        witness.logged(side, wordsOf(action.news).text);
        return;
      case 'exit':
        endPulse();
        if (startAgain) agenda.put(agenda.now() + restart, startPulse);
        startAgain = false;
        return;
      case 'sync-daemons':
      case 'run-command':
      case 'probe':
      case 'send-note':
      case 'hand-orders':
        return;
    }
  };

  /** Each heartbeat that the kernel refuses, and the first one that it takes again. */
  const tellVoice = (sends: boolean): void => {
    if (!rules.knowsItIsMute || (sends && spoke)) return;
    spoke = sends;
    // The kernel answers when all is done that was ordered with the heartbeat.
    later(0.01, () => {
      give('kept', (at) => ({ type: 'voice', at, sends }));
    });
  };

  const noteTrailer = (trailer: Trailer): void => {
    const echo = trailer.kind === 'heartbeat' ? trailer.echo : accepts;
    const news = last?.class !== trailer.class || last.session !== trailer.session || accepts !== echo;
    last = trailer;
    accepts = echo;
    const word = trailer.active ? 'active' : 'inactive';
    if (news || said !== word) noteWords(word);
  };

  const noteWords = (word: Facts['says']): void => {
    said = word;
    changed();
  };

  const endPulse = (): void => {
    if (pulse === undefined) return;
    pulse.kill();
    pulse = undefined;
    life += 1;
    hung = false;
    noteWords('nothing');
    lvs.parentGone();
  };

  const startPulse = (): void => {
    if (machine === 'off') return;
    // One that is just stopping is waited for.
    startAgain = pulse !== undefined && stopping;
    if (pulse !== undefined) return;
    if (lvs.state() === 'hangs') {
      lvs.killHung();
      agenda.put(agenda.now() + lvsPatience, startPulse);
      return;
    }
    const standing = lvs.adopt();
    // One that is about to end is waited for.
    if (standing?.role === 'ending') {
      agenda.put(agenda.now() + restart, startPulse);
      return;
    }
    stopping = false;
    spoke = true;
    life += 1;
    const adopted = standing && adoptedFrom(standing);
    addresses.newPulse();
    const session = (BigInt(mix(schedule.seed)) << 16n) + BigInt(number * 4096 + life);
    const first = initialState(settings, session);
    pulse = startProcess(
      { initial: withTerm(first, schedule.firstTerm), clockEvent, perform, nextDeadline, step: noted },
      agenda,
      clock,
      schedule.lateness,
    );
    if (machine === 'suspended') pulse.hang();
    const timers = rules.keepsTimers ? kept : undefined;
    give('kept', (at) => ({ type: 'started', at, force: false, adopted, timers }));
    changed();
    if (schedule.monitorLinks) readLinks(life);
  };

  /** Read again and again, and soon after each change. */
  const readLinks = (mine: number): void => {
    if (mine !== life) return;
    tellLinks();
    agenda.put(agenda.now() + linkInterval, () => {
      readLinks(mine);
    });
  };

  const tellLinks = (): void => {
    const word = (up: boolean): 'up' | 'down' => (up ? 'up' : 'down');
    const seen = {
      public: word(links.public),
      private: schedule.privateChannel ? word(links.private) : undefined,
      carriers: vipDevices.map((device) => ({ device, serves: true, network: undefined, state: word(links[device]) })),
    };
    give('kept', (at) => ({ type: 'links', at, links: seen }));
  };

  const datagramOf = (letter: Letter): Datagram => {
    if (letter.type === 'bare') return letter;
    return {
      type: 'pair',
      trailer: letter.trailer,
      signature: settings.auth === 'off' ? 'unchecked' : letter.signed,
    };
  };

  const goOn = (): void => {
    pulse?.goOn(mix(schedule.seed + Math.round(agenda.now())) % 2 === 0 ? 'timers' : 'sockets');
  };

  return {
    usable,
    facts: () => ({
      machine: machine === 'on',
      addresses: kernel.hasAddresses(),
      table: kernel.table().size > 0,
      keeps: addresses.keeps(),
      pulse: pulse === undefined ? 'gone' : pulse.hangs() ? 'hangs' : 'runs',
      lvs: lvs.state() === 'runs' && machine === 'suspended' ? 'hangs' : lvs.state(),
      says: said,
      class: last?.class ?? 0,
      session: last?.session ?? 0n,
      accepts,
      waits: known?.settings.deadtime ?? 0,
    }),
    receive: (channel, letter) => {
      if (machine !== 'on' || mute || !links[channel] || pulse === undefined) return false;
      pulse.give('lossy', (at) => ({ type: 'datagram', at, channel, datagram: datagramOf(letter) }));
      return !pulse.hangs();
    },
    setMute: (is) => {
      mute = is;
      changed();
    },
    powerOn: () => {
      if (machine !== 'off') return;
      machine = 'on';
      hung = false;
      lvs.powerOn();
      startPulse();
    },
    powerOff: () => {
      machine = 'off';
      boots += 1;
      life += 1;
      pulse?.kill();
      pulse = undefined;
      lvs.lose();
      kernel.reset();
      kept = undefined;
      noteWords('nothing');
    },
    suspend: () => {
      if (machine !== 'on') return;
      machine = 'suspended';
      suspendedAt = agenda.now();
      pulse?.hang();
      lvs.freeze();
      changed();
    },
    resume: (how) => {
      if (machine !== 'suspended') return;
      if (how === 'stands') clock.setBack(agenda.now() - suspendedAt);
      machine = 'on';
      lvs.thaw();
      if (!hung) goOn();
      changed();
    },
    killPulse: endPulse,
    hangPulse: () => {
      if (pulse === undefined) return;
      hung = true;
      pulse.hang();
      changed();
    },
    resumePulse: () => {
      hung = false;
      if (machine !== 'suspended') goOn();
      changed();
    },
    startPulse,
    stopPulse: () => {
      stopping = true;
      give('kept', (at) => ({ type: 'stop', at, reason: 'Terminating due to signal SIGTERM' }));
    },
    killLvs: lvs.kill,
    hangLvs: () => {
      lvs.hang();
      changed();
    },
    resumeLvs: () => {
      lvs.resume();
      if (machine !== 'suspended') lvs.thaw();
      changed();
    },
    breakTable: kernel.breakTable,
    mendTable: kernel.mendTable,
    slowDownIp: addresses.slowDown,
    serversAnswer: lvs.serversAnswer,
    setLink: (channel, up) => {
      links[channel] = up;
      changed();
      if (schedule.monitorLinks) later(linkReading, tellLinks);
    },
    reload: (pace) => {
      loaded = load(schedule, pace);
      settings = settingsOf(schedule, side, loaded);
      const fresh = settings;
      give('kept', (at) => ({ type: 'configured', at, settings: fresh }));
    },
    orderSwitch: (force) => {
      give('kept', (at) => ({ type: 'switch', at, force }));
    },
  };
}

type LvsStanding = NonNullable<ReturnType<LvsKeeper['adopt']>>;

/** As pulse takes the word of an lvs that it finds. */
const adoptedFrom = ({ role, term }: LvsStanding) => ({
  ...{ lives: true, serves: role === 'active', fenced: role === 'fencing' || role === 'fenced', term, held: false },
});

type PulseTimers = Extract<PulseEvent, { readonly type: 'started' }>['timers'];

/** A router that has heard of a term in an earlier life of the pair. */
const withTerm = (state: PulseState, term: number): PulseState =>
  term === 0 ? state : { ...state, own: { ...state.own, term, highestTerm: term } };
