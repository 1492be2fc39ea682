// A router's decisions on fake time: tests say what happens and see what is ordered.
import type { IpAddress, Instant } from '@piranha/domain';
import { instant, seconds } from '@piranha/domain';
import type { HeartbeatWord, Trailer } from '@piranha/protocol';
import { wordsOf } from '../rules/words.ts';
import type { PulseAction, PulseEvent } from '../events.ts';
import type { PulseSettings, PulseState } from '../state.ts';
import { initialState, nextDeadline, step } from '../step.ts';
import type { ChannelName } from '../state-parts.ts';

export const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };

/** Names of this life of the router and of its partner's. */
export const ownSession = 11n;
const partnerSession = 77n;

/** A primary with a partner, keepalive 1 s, deadtime 3 s. */
export const settings: PulseSettings = {
  role: 'primary',
  hasPartner: true,
  channels: [{ name: 'public', own: '10.1.0.2' as IpAddress, partner: '10.1.0.3' as IpAddress }],
  keepalive: seconds(1),
  deadtime: seconds(3),
  hotStandby: false,
  readyLimit: seconds(1),
  digest: '0123456789abcdef',
  auth: 'off',
  failback: 'manual',
  failbackDelay: seconds(0),
  monitorLinks: false,
  carriers: [{ device: 'eth0', serves: true }],
  addresses: [vip],
  arpRefresh: seconds(0),
  syncDaemon: undefined,
  connectionLife: seconds(900),
};

/** What a partner of ours says unless a test says otherwise: inactive, good, and it hears us. */
const usual: Omit<Trailer, 'session' | 'sequence'> = {
  ...{ kind: 'heartbeat', active: false, hears: true, leaving: false, given: false, want: false, held: false },
  ...{ class: 2, living: undefined, term: 0, echo: 0n, digest: settings.digest },
};

/** The other end of the wires. */
function partnerOf(give: (event: PulseEvent) => void, now: () => Instant) {
  let sequence = 0n;
  return {
    /** A datagram of a partner of ours, on the public channel unless said otherwise. */
    hear: (said: Partial<Trailer> = {}, channel: ChannelName = 'public', near = false) => {
      sequence += 1n;
      const trailer = { ...usual, session: partnerSession, sequence, ...said };
      give({
        type: 'datagram',
        at: now(),
        channel,
        datagram: { type: 'pair', trailer, signature: 'valid', ...(near ? { near } : {}) },
      });
    },
    /** One word of an original. */
    hearOriginal: (word: HeartbeatWord, channel: ChannelName = 'public') => {
      give({ type: 'datagram', at: now(), channel, datagram: { type: 'bare', word } });
    },
  };
}

/** lvs and `ip` below it. */
const childrenOf = (give: (event: PulseEvent) => void, now: () => Instant) => ({
  ready: () => {
    give({ type: 'lvs-said', at: now(), message: { type: 'ready' } });
  },
  up: () => {
    give({ type: 'addresses-up', at: now(), added: [vip.address] });
  },
  lvsEnds: () => {
    give({ type: 'lvs-ended', at: now(), ending: { type: 'killed', signal: 'SIGKILL' } });
  },
});

/** A router on a clock of its own; actions collect until they are taken. */
export function router(overrides: Partial<PulseSettings> = {}) {
  let state: PulseState = initialState({ ...settings, ...overrides }, ownSession);
  let at = 0;
  let lvsAnswers = true;
  const actions: PulseAction[] = [];
  const give = (event: PulseEvent): void => {
    const next = step(state, event);
    state = next.state;
    actions.push(...next.actions);
    if (lvsAnswers && next.actions.some(({ type }) => type === 'tick-lvs')) {
      give({ type: 'lvs-said', at: now(), message: { type: 'alive' } });
    }
  };
  const now = (): Instant => instant(at);
  return {
    state: () => state,
    now,
    give,
    start: (force = false) => {
      give({ type: 'started', at: now(), force, adopted: undefined, timers: undefined });
    },
    ...partnerOf(give, now),
    ...childrenOf(give, now),
    /** From now on lvs gives no sign of life, or does again. */
    lvsHangs: (hangs = true) => {
      lvsAnswers = !hangs;
    },
    /** Lets time pass and fires every timer exactly when it is due. */
    pass: (lengthInSeconds: number) => {
      const end = at + lengthInSeconds * 1000;
      for (let next = nextDeadline(state); next <= end; next = nextDeadline(state)) {
        at = Math.max(at, next);
        give({ type: 'clock', at: now() });
      }
      at = end;
    },
    /** Jumps ahead, as a suspended machine does, and fires one late timer. */
    sleep: (lengthInSeconds: number) => {
      at += lengthInSeconds * 1000;
      give({ type: 'clock', at: now() });
    },
    take: (): PulseAction[] => actions.splice(0),
    /** How many connections both kernels are said to know. */
    count: (own: number | undefined, partner: number | undefined) => {
      state = withConnections(state, own, partner);
    },
  };
}

const withConnections = (state: PulseState, own: number | undefined, partner: number | undefined): PulseState => ({
  ...state,
  own: { ...state.own, connections: own },
  partner: { ...state.partner, connections: partner },
});

/** What was ordered, log lines, ticks and the timers that are kept aside; what a datagram says stands for itself. */
export const types = (actions: readonly PulseAction[]): string[] =>
  actions
    .filter(({ type }) => !['news', 'tick-lvs', 'keep-timers'].includes(type))
    .map((action) => (action.type === 'send' ? wordOf(action.trailer) : action.type));

const wordOf = ({ active }: Trailer): string => (active ? 'running' : 'stopped');

/** The roles that lvs was told, each once in a row. */
export const roles = (actions: readonly PulseAction[]): string[] =>
  actions
    .flatMap((action) => (action.type === 'tick-lvs' ? [action.role] : []))
    .filter((role, index, all) => role !== all[index - 1]);

/** What was sent. */
export const sent = (actions: readonly PulseAction[]): Trailer[] =>
  actions.flatMap((action) => (action.type === 'send' ? [action.trailer] : []));

/** What was logged. */
export const texts = (actions: readonly PulseAction[]): string[] =>
  actions.flatMap((action) => (action.type === 'news' ? [wordsOf(action.news).text] : []));

/** A router that has taken over and has its addresses up. */
export function activeRouter(overrides: Partial<PulseSettings> = {}) {
  const node = router(overrides);
  node.start();
  node.pass(node.state().settings.deadtime / 1000);
  node.ready();
  node.up();
  node.take();
  return node;
}
