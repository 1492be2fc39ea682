// One router of ours: the machine, its kernel, pulse and lvs, and everything that can be done to them.
import { configurationFromText, floatingAddresses } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import { milliseconds, parseIpAddress, seconds } from '@piranha/domain';
import type { Instant, IpAddress } from '@piranha/domain';
import type { Datagram, LvsMessage, Signature, Trailer } from '@piranha/protocol';
import { allRules as pairRules, initialState, nextDeadlineBy, stepBy } from '@piranha/pulse/step';
import type { PulseAction, PulseEvent, PulseSettings, PulseState, Rules as PairRules } from '@piranha/pulse/step';
import { mix } from '@piranha/testing';
import type { Agenda } from './agenda.ts';
import { driftingClock } from './clock.ts';
import { makeKernel } from './kernel.ts';
import type { Channel, Schedule, Side } from './schedule.ts';
import { channels } from './schedule.ts';
import type { SimulatedLvs } from './simulated-lvs.ts';
import { makeIp } from './simulated-ip.ts';
import { startLvs } from './simulated-lvs.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { startProcess } from './simulated-process.ts';
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
  readonly setLink: (channel: Channel, up: boolean) => void;
  readonly orderSwitch: (force: boolean) => void;
};

/** The rules that the routers go by: a simulation may change them, to see that they are needed. */
export type Rules = {
  readonly pair: PairRules;
  /** What else is done to a state and an event before they meet, and to the state after that. */
  readonly before: (state: PulseState, event: PulseEvent) => readonly [PulseState, PulseEvent];
  readonly after: (state: PulseState) => PulseState;
  /** Whether a timer that fired late is noticed. */
  readonly noticesSleep: boolean;
  /** Whether lvs is ticked by pulse alone, and told when it is gone. */
  readonly lifeline: boolean;
};

export const wholeRules: Rules = {
  pair: pairRules,
  before: (state, event) => [state, event],
  after: (state) => state,
  noticesSleep: true,
  lifeline: true,
};

/** How long things take (ms). */
const quickIp = { shortest: 2, longest: 30 };
const lvsStart = 120;
const restart = 150;
const linkReading = 40;
const linkInterval = 3000;
const pipe = 0.4;
/** `ip` is given up after that. */
const ipLimit = 2000;

const addressOf = (text: string): IpAddress => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
};

/** The file that both routers have. */
function fileOf({ keepalive, deadtime, hotStandby, privateChannel }: Schedule): string {
  const server = (name: string, last: number): string =>
    `server ${name} {\n active = 1\n address = 10.0.1.${last}\n }\n`;
  return [
    'primary = 10.0.0.1',
    'backup = 10.0.0.2',
    'backup_active = 1',
    ...(privateChannel ? ['primary_private = 10.0.2.1', 'backup_private = 10.0.2.2'] : []),
    `keepalive = ${keepalive / 1000}`,
    `deadtime = ${deadtime / 1000}`,
    `hot_standby = ${hotStandby ? 1 : 0}`,
    'max_nannies = 1',
    `virtual web {\n active = 1\n address = 10.0.0.100 eth0:1\n port = 80\n timeout = 1\n ${server('one', 1)}${server('two', 2)}}`,
  ].join('\n');
}

const loadedFiles = new Map<string, LoadedConfiguration>();

function load(schedule: Schedule): LoadedConfiguration {
  const text = fileOf(schedule);
  const known = loadedFiles.get(text);
  if (known !== undefined) return known;
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('; '));
  loadedFiles.set(text, loaded.value);
  return loaded.value;
}

const failbackDelay = 10_000;

function settingsOf(schedule: Schedule, side: Side, { configuration, digest }: LoadedConfiguration): PulseSettings {
  const last = side === 'primary' ? ([1, 2] as const) : ([2, 1] as const);
  const channel = (name: Channel, net: number) => ({
    name,
    own: addressOf(`10.0.${net}.${last[0]}`),
    partner: addressOf(`10.0.${net}.${last[1]}`),
  });
  return {
    role: side,
    hasPartner: true,
    channels: [channel('public', 0), ...(schedule.privateChannel ? [channel('private', 2)] : [])],
    keepalive: milliseconds(schedule.keepalive),
    deadtime: milliseconds(schedule.deadtime),
    hotStandby: schedule.hotStandby,
    readyLimit: milliseconds(schedule.hotStandby ? schedule.keepalive : Math.max(schedule.keepalive, 3000)),
    digest,
    auth: schedule.auth,
    failback: schedule.failback,
    failbackDelay: milliseconds(failbackDelay),
    monitorLinks: schedule.monitorLinks,
    addresses: floatingAddresses(configuration),
    syncDaemon: undefined,
    connectionLife: seconds(900),
  };
}

/** A router that is switched off. */
export function makeRouter(schedule: Schedule, side: Side, agenda: Agenda, witness: Witness, rules: Rules): Router {
  const loaded = load(schedule);
  const settings = settingsOf(schedule, side, loaded);
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
  let lvs: SimulatedLvs | undefined;
  let lvsStarting = 0;
  let hung = { pulse: false, lvs: false };
  let life = 0;
  let last: Trailer | undefined;
  let fencedSince = false;
  let lvsRole: { readonly role: 'active' | 'standby'; readonly term: number } | undefined;
  let slowIp: number | undefined;
  let answering = true;
  let stopping = false;
  let knownUp = false;
  let keeps = false;
  let boots = 0;
  let startAgain = false;
  const links = { public: true, private: true };
  let said: Facts['says'] = 'nothing';

  const give = (event: (at: Instant) => PulseEvent): void => pulse?.give('kept', event);
  const usable = (): readonly Channel[] => used.filter((channel) => links[channel]);

  /** Something that takes time in the pulse that runs now; its answer is for no other. */
  const later = (delay: number, act: () => void): void => {
    const mine = life;
    agenda.put(agenda.now() + delay, () => {
      if (mine === life) act();
    });
  };

  const ipLatency = (): number =>
    slowIp ??
    quickIp.shortest + ((quickIp.longest - quickIp.shortest) * (mix(Math.round(agenda.now() * 8)) % 256)) / 256;

  const ip = makeIp({
    agenda,
    life: () => life,
    boot: () => boots,
    hangs: () => pulse?.hangs() === true,
  });

  const perform = (action: PulseAction): void => {
    switch (action.type) {
      case 'send':
        noteTrailer(action.trailer);
        witness.sent(side, usable(), {
          type: 'pair',
          trailer: action.trailer,
          signed: schedule.auth === 'off' ? 'none' : 'valid',
        });
        return;
      case 'start-lvs':
        bringUpLvs();
        return;
      case 'configure-lvs':
        lvs?.configure();
        return;
      case 'tick-lvs':
        lvsRole = { role: action.role, term: action.term };
        lvs?.tick(action.role, action.term);
        return;
      case 'stop-lvs':
        if (lvs === undefined) give((at) => ({ type: 'lvs-ended', at, ending: { type: 'exited', code: 0 } }));
        else lvs.terminate();
        return;
      case 'raise-addresses':
      case 'lower-addresses':
        if (keeps !== (action.type === 'raise-addresses')) {
          keeps = !keeps;
          changed();
        }
        moveAddresses(keeps);
        return;
      case 'announce':
        if (kernel.hasAddresses()) witness.announced(side);
        return;
      case 'log':
        witness.logged(side, action.text);
        return;
      case 'exit':
        endPulse();
        if (startAgain) agenda.put(agenda.now() + restart, startPulse);
        startAgain = false;
        return;
      case 'sync-daemons':
      case 'run-command':
        return;
    }
  };

  const noteTrailer = (trailer: Trailer): void => {
    const news = last?.class !== trailer.class || last.session !== trailer.session;
    last = trailer;
    const word = trailer.active ? 'active' : 'inactive';
    if (news || said !== word) noteWords(word);
  };

  const noteWords = (word: Facts['says']): void => {
    said = word;
    changed();
  };

  const moveAddresses = (up: boolean): void => {
    // Of several that wait to bring the same addresses up one is enough.
    const order = up ? 'raise' : 'lower';
    if (up && ip.lastWaiting() === order) return;
    const takes = ipLatency();
    ip.run({
      order,
      takes,
      act: () => {
        kernel.setAddresses(up);
      },
      answer: () => {
        // What somebody else took down meanwhile is not known to be new.
        const added = up && !knownUp ? settings.addresses.map(({ address }) => address) : [];
        knownUp = up;
        if (takes > ipLimit) {
          const type = up ? 'addresses-not-up' : 'addresses-not-down';
          give((at) => ({ type, at, problem: 'ip has not answered in time' }));
        } else if (up) give((at) => ({ type: 'addresses-up', at, added }));
        else give((at) => ({ type: 'addresses-down', at }));
      },
    });
  };

  /** A living one, left by a pulse that was killed, is taken over. */
  const bringUpLvs = (): void => {
    if (lvs !== undefined) {
      lvs.configure();
      return;
    }
    lvsStarting += 1;
    const mine = lvsStarting;
    later(lvsStart, () => {
      if (mine !== lvsStarting || machine === 'off') return;
      lvs = startLvs({ ...lvsSurroundings });
      fencedSince = false;
      if (hung.lvs) lvs.hang();
      lvs.configure();
      if (lvsRole !== undefined) lvs.tick(lvsRole.role, lvsRole.term);
      if (!rules.lifeline) tickFor(lvs);
      changed();
    });
  };

  /** In pulse's stead, whatever pulse does. */
  const tickFor = (which: SimulatedLvs): void => {
    if (which !== lvs) return;
    if (lvsRole !== undefined) which.tick(lvsRole.role, lvsRole.term);
    agenda.put(agenda.now() + schedule.keepalive / 4, () => {
      tickFor(which);
    });
  };

  const lvsSurroundings = {
    agenda,
    clock,
    kernel,
    configuration: loaded.configuration,
    digest: loaded.digest,
    lateness: schedule.lateness,
    ipLatency,
    serversAnswer: () => answering,
    tell: (message: LvsMessage): void => {
      if (message.type !== 'report' && message.type !== 'server-ordered') {
        give((at) => ({ type: 'lvs-said', at, message }));
      }
    },
    onFenced: () => {
      fencedSince = true;
      witness.logged(side, 'lvs fenced');
    },
    onEnd: (how: 'exited' | 'killed') => {
      lvs = undefined;
      changed();
      const ending = how === 'exited' ? ({ type: 'exited', code: 0 } as const) : killed;
      later(pipe, () => {
        give((at) => ({ type: 'lvs-ended', at, ending }));
      });
    },
  };

  const endPulse = (): void => {
    if (pulse === undefined) return;
    pulse.kill();
    pulse = undefined;
    life += 1;
    lvsStarting += 1;
    hung = { ...hung, pulse: false };
    noteWords('nothing');
    if (rules.lifeline) lvs?.parentGone();
  };

  const startPulse = (): void => {
    if (machine === 'off') return;
    // One that is just stopping is waited for.
    startAgain = pulse !== undefined && stopping;
    if (pulse !== undefined) return;
    stopping = false;
    life += 1;
    const adopts = lvs !== undefined && lvsRole?.role === 'active' && !fencedSince && kernel.hasAddresses();
    const adopted = adopts && lvsRole !== undefined ? { term: lvsRole.term, held: false } : undefined;
    knownUp = false;
    const session = (BigInt(mix(schedule.seed)) << 16n) + BigInt(number * 4096 + life);
    const first = initialState(settings, session);
    pulse = startProcess(
      { initial: withTerm(first, schedule.firstTerm), clockEvent, perform, ...machineUnder(rules) },
      agenda,
      clock,
      schedule.lateness,
    );
    if (machine === 'suspended') pulse.hang();
    give((at) => ({ type: 'started', at, force: false, adopted }));
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
    const seen = { public: word(links.public), private: schedule.privateChannel ? word(links.private) : undefined };
    give((at) => ({ type: 'links', at, links: seen }));
  };

  const signatureOf = (signed: Extract<Letter, { readonly type: 'pair' }>['signed']): Signature =>
    schedule.auth === 'off' ? 'unchecked' : signed;

  const datagramOf = (letter: Letter): Datagram =>
    letter.type === 'bare' ? letter : { type: 'pair', trailer: letter.trailer, signature: signatureOf(letter.signed) };

  const powerOff = (): void => {
    machine = 'off';
    boots += 1;
    life += 1;
    pulse?.kill();
    pulse = undefined;
    const gone = lvs;
    lvs = undefined;
    gone?.kill();
    lvsStarting += 1;
    lvsRole = undefined;
    kernel.reset();
    noteWords('nothing');
  };

  return {
    usable,
    facts: () => ({
      machine: machine === 'on',
      addresses: kernel.hasAddresses(),
      table: kernel.table().size > 0,
      keeps,
      pulse: pulse === undefined ? 'gone' : pulse.hangs() ? 'hangs' : 'runs',
      lvs: lvs === undefined ? 'gone' : hung.lvs || machine === 'suspended' ? 'hangs' : 'runs',
      says: said,
      class: last?.class ?? 0,
      session: last?.session ?? 0n,
    }),
    receive: (channel, letter) => {
      if (machine !== 'on' || !links[channel] || pulse === undefined) return false;
      pulse.give('lossy', (at) => ({ type: 'datagram', at, channel, datagram: datagramOf(letter) }));
      return !pulse.hangs();
    },
    powerOn: () => {
      if (machine !== 'off') return;
      machine = 'on';
      hung = { pulse: false, lvs: false };
      startPulse();
    },
    powerOff,
    suspend: () => {
      if (machine !== 'on') return;
      machine = 'suspended';
      suspendedAt = agenda.now();
      pulse?.hang();
      lvs?.hang();
      changed();
    },
    resume: (how) => {
      if (machine !== 'suspended') return;
      if (how === 'stands') clock.setBack(agenda.now() - suspendedAt);
      machine = 'on';
      if (!hung.lvs) lvs?.goOn();
      if (!hung.pulse) pulse?.goOn(mix(schedule.seed + Math.round(agenda.now())) % 2 === 0 ? 'timers' : 'sockets');
      changed();
    },
    killPulse: endPulse,
    hangPulse: () => {
      if (pulse === undefined) return;
      hung = { ...hung, pulse: true };
      pulse.hang();
      changed();
    },
    resumePulse: () => {
      hung = { ...hung, pulse: false };
      if (machine !== 'suspended')
        pulse?.goOn(mix(schedule.seed + Math.round(agenda.now())) % 2 === 0 ? 'timers' : 'sockets');
      changed();
    },
    startPulse,
    stopPulse: () => {
      stopping = true;
      give((at) => ({ type: 'stop', at, reason: 'Terminating due to signal SIGTERM' }));
    },
    killLvs: () => {
      lvs?.kill();
    },
    hangLvs: () => {
      hung = { ...hung, lvs: true };
      lvs?.hang();
      changed();
    },
    resumeLvs: () => {
      hung = { ...hung, lvs: false };
      if (machine !== 'suspended') lvs?.goOn();
      changed();
    },
    breakTable: kernel.breakTable,
    mendTable: kernel.mendTable,
    slowDownIp: (latency) => {
      slowIp = latency;
    },
    serversAnswer: (answer) => {
      if (answering === answer) return;
      answering = answer;
      lvs?.serversChanged();
    },
    setLink: (channel, up) => {
      links[channel] = up;
      changed();
      if (!schedule.monitorLinks) return;
      const mine = life;
      agenda.put(agenda.now() + linkReading, () => {
        if (mine === life) tellLinks();
      });
    },
    orderSwitch: (force) => {
      give((at) => ({ type: 'switch', at, force }));
    },
  };
}

/** pulse's step under these rules. */
function machineUnder({ pair, before, after, noticesSleep }: Rules) {
  const nextDeadline = (state: PulseState): Instant => nextDeadlineBy(pair, state);
  const once = (state: PulseState, event: PulseEvent) => {
    const next = stepBy(pair, ...before(state, event));
    return { state: after(next.state), actions: next.actions };
  };
  const step = (state: PulseState, event: PulseEvent) => {
    if (noticesSleep) return once(state, event);
    const actions: PulseAction[] = [];
    let now = state;
    // As if each timer had fired in time.
    for (let due = nextDeadline(now); due < event.at && actions.length < 10_000; due = nextDeadline(now)) {
      const timely = once(now, clockEvent(due));
      now = timely.state;
      actions.push(...timely.actions);
    }
    const next = once(now, event);
    return { state: next.state, actions: [...actions, ...next.actions] };
  };
  return { step, nextDeadline };
}

const killed = { type: 'killed', signal: 'SIGKILL' } as const;
const clockEvent = (at: Instant): PulseEvent => ({ type: 'clock', at });

/** A router that has heard of a term in an earlier life of the pair. */
const withTerm = (state: PulseState, term: number): PulseState =>
  term === 0 ? state : { ...state, own: { ...state.own, term, highestTerm: term } };
