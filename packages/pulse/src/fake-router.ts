// A router's decisions on fake time: tests say what happens and see what is ordered.
import type { IpAddress, Instant } from '@piranha/domain';
import { instant, seconds } from '@piranha/domain';
import type { ChannelName, PulseAction, PulseEvent, PulseSettings, PulseState } from './state.ts';
import { initialState, nextDeadline, step } from './step.ts';

export const vip = { address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 };

/** A primary with a partner, keepalive 1 s, deadtime 3 s. */
export const settings: PulseSettings = {
  role: 'primary',
  hasPartner: true,
  channels: [{ name: 'public', own: '10.1.0.2' as IpAddress, partner: '10.1.0.3' as IpAddress }],
  keepalive: seconds(1),
  deadtime: seconds(3),
  readyLimit: seconds(1),
  digest: '0123456789abcdef',
  addresses: [vip],
  syncDaemon: undefined,
};

/** A router on a clock of its own; actions collect until they are taken. */
export function router(overrides: Partial<PulseSettings> = {}) {
  let state: PulseState = initialState({ ...settings, ...overrides });
  let at = 0;
  const actions: PulseAction[] = [];
  const give = (event: PulseEvent): void => {
    const next = step(state, event);
    state = next.state;
    actions.push(...next.actions);
  };
  const now = (): Instant => instant(at);
  const ready = (): void => {
    give({ type: 'lvs-said', at: now(), message: { type: 'ready' } });
  };
  const up = (): void => {
    give({ type: 'addresses-up', at: now(), added: [vip.address] });
  };
  return {
    state: () => state,
    now,
    give,
    ready,
    up,
    start: (force = false) => {
      give({ type: 'started', at: now(), force });
    },
    /** One word of the partner, on the public channel unless said otherwise. */
    hear: (word: 'running' | 'stopped', channel: ChannelName = 'public') => {
      give({ type: 'heartbeat', at: now(), channel, word });
    },
    lvsEnds: () => {
      give({ type: 'lvs-ended', at: now(), ending: { type: 'killed', signal: 'SIGKILL' } });
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
  };
}

/** What was ordered, log lines aside; a word that is sent stands for itself. */
export const types = (actions: readonly PulseAction[]): string[] =>
  actions
    .filter((action) => action.type !== 'log')
    .map((action) => (action.type === 'send' ? action.word : action.type));

/** What was logged. */
export const texts = (actions: readonly PulseAction[]): string[] =>
  actions.flatMap((action) => (action.type === 'log' ? [action.text] : []));

/** A router that has taken over and has its addresses up. */
export function activeRouter(overrides: Partial<PulseSettings> = {}) {
  const node = router(overrides);
  node.start();
  node.pass(3);
  node.ready();
  node.up();
  node.take();
  return node;
}
