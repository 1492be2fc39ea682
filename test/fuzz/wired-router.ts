// A router's decisions behind the real decoder, on a clock of its own: bytes come in, and what lies below obeys at once.
import type { Instant, IpAddress } from '@piranha/domain';
import { instant, seconds } from '@piranha/domain';
import type { Trailer } from '@piranha/protocol';
import { decodeDatagram, decodeNote, isNote } from '@piranha/protocol';
import type { PulseAction, PulseEvent, PulseSettings, PulseState } from '@piranha/pulse/step';
import { initialState, nextDeadline, step } from '@piranha/pulse/step';

export type ChannelName = PulseSettings['channels'][number]['name'];

/** Names of this life of the router, of its partner's, and of the partner's life before. */
export const sessions = { own: 11n, partner: 77n, before: 66n } as const;
export const key = new Uint8Array(32).fill(1);
export const keepalive = 1000;
export const deadtime = 3000;

/** A primary with a partner on two networks. */
const settings: PulseSettings = {
  role: 'primary',
  hasPartner: true,
  channels: [
    { name: 'public', own: '10.1.0.2' as IpAddress, partner: '10.1.0.3' as IpAddress },
    { name: 'private', own: '10.3.0.2' as IpAddress, partner: '10.3.0.3' as IpAddress },
  ],
  keepalive: seconds(keepalive / 1000),
  deadtime: seconds(deadtime / 1000),
  hotStandby: false,
  readyLimit: seconds(1),
  digest: '0123456789abcdef',
  auth: 'require',
  failback: 'auto',
  failbackDelay: seconds(5),
  monitorLinks: false,
  carriers: [],
  addresses: [{ address: '10.1.0.100' as IpAddress, device: 'eth0:1', prefix: 24 }],
  arpRefresh: seconds(60),
  syncDaemon: undefined,
  connectionLife: seconds(900),
};

/** What a partner of ours says unless told otherwise. */
export const usual: Trailer = {
  ...{ kind: 'heartbeat', active: false, hears: true, leaving: false, given: false, want: false, held: false },
  ...{ class: 2, living: undefined, term: 0, digest: settings.digest },
  ...{ session: sessions.partner, echo: sessions.own, sequence: 1n },
};

/** Where a router stands at a moment. */
export type Standing = { readonly state: PulseState; readonly at: number };

export type WiredRouter = ReturnType<typeof wiredRouter>;

/** Goes on from there. `obeyed`: whether lvs and `ip` do what they are told. */
export function wiredRouter({ state: first, at: begin }: Standing, auth: PulseSettings['auth'], obeyed = true) {
  let state: PulseState = { ...first, settings: { ...first.settings, auth } };
  let at = begin;
  const actions: PulseAction[] = [];
  const keys = auth === 'off' ? [] : [key];
  const now = (): Instant => instant(at);
  const give = (event: PulseEvent): void => {
    const next = step(state, event);
    state = next.state;
    actions.push(...next.actions);
    if (obeyed) next.actions.flatMap((action) => doneAfter(action, now(), state.settings)).forEach(give);
  };
  return {
    state: () => state,
    actions: (): readonly PulseAction[] => actions,
    standing: (): Standing => ({ state, at }),
    give,
    start: () => {
      give({ type: 'started', at: now(), force: false, adopted: undefined, timers: undefined });
    },
    /** Lets time pass and fires every timer exactly when it is due. */
    passTo: (end: number) => {
      for (let next = nextDeadline(state); next <= end; next = nextDeadline(state)) {
        at = Math.max(at, next);
        give({ type: 'clock', at: now() });
      }
      at = Math.max(at, end);
    },
    /** From one of the partner's addresses, as the heartbeat's sockets would hand it on. */
    hear: (bytes: Uint8Array, channel: ChannelName) => {
      if (isNote(bytes)) {
        const note = decodeNote(bytes, keys);
        if (note !== 'malformed') give({ type: 'note', at: now(), ...note });
        return;
      }
      const datagram = decodeDatagram(bytes, keys);
      if (typeof datagram !== 'string') give({ type: 'datagram', at: now(), channel, datagram });
    },
  };
}

/** What comes of an order where everything below is well. */
function doneAfter(action: PulseAction, at: Instant, { digest }: PulseSettings): readonly PulseEvent[] {
  switch (action.type) {
    case 'start-lvs':
    case 'configure-lvs':
      return [{ type: 'lvs-said', at, message: { type: 'configured', digest } }];
    case 'tick-lvs':
      return [{ type: 'lvs-said', at, message: action.role === 'active' ? { type: 'ready' } : { type: 'alive' } }];
    case 'raise-addresses':
      return [{ type: 'addresses-up', at, added: [] }];
    case 'lower-addresses':
      return [{ type: 'addresses-down', at }];
    default:
      return [];
  }
}

/** A router before anything has happened. */
export const newRouter: Standing = { state: initialState(settings, sessions.own), at: 0 };
