// Two routers' decisions, pulse's and lvs', on wires that lose and delay: what administrators order about servers is to
// be the same on both in the end.
import { configurationFromText, floatingAddresses } from '@piranha/config';
import type { LoadedConfiguration } from '@piranha/config';
import type { Instant, IpAddress } from '@piranha/domain';
import { instant, milliseconds, seconds, success } from '@piranha/domain';
import * as lvs from '@piranha/lvs/step';
import type { Datagram, ServerOrder } from '@piranha/protocol';
import * as pulse from '@piranha/pulse/step';
import { seededRandom } from '@piranha/testing';
import { makeKernel } from './kernel.ts';

export const servers = ['one', 'two', 'three'] as const;

const lines = servers.map((name, last) => `server ${name} {\n active = 1\n address = 10.0.1.${last + 1}\n }`);
const text = [
  ...['primary = 10.0.0.1', 'backup = 10.0.0.2', 'backup_active = 1', 'keepalive = 1', 'deadtime = 3'],
  `virtual web {\n active = 1\n address = 10.0.0.100 eth0:1\n ${lines.join('\n')}\n }`,
].join('\n');

function load(): LoadedConfiguration {
  const loaded = configurationFromText('lvs.cf', text, {});
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join('; '));
  return loaded.value;
}

const { configuration, digest } = load();

function settingsOf(role: 'primary' | 'backup'): pulse.PulseSettings {
  const [own, partner] = role === 'primary' ? (['1', '2'] as const) : (['2', '1'] as const);
  const ends = { own: `10.0.0.${own}` as IpAddress, partner: `10.0.0.${partner}` as IpAddress };
  return {
    ...{ role, hasPartner: true, channels: [{ name: 'public', ...ends }], digest, auth: 'require' },
    ...{ keepalive: seconds(1), deadtime: seconds(3), readyLimit: seconds(1), failbackDelay: seconds(0) },
    ...{
      hotStandby: false,
      failback: 'manual',
      monitorLinks: false,
      carriers: [],
      syncDaemon: undefined,
      connectionLife: seconds(900),
    },
    addresses: floatingAddresses(configuration),
    arpRefresh: configuration.arpRefresh,
  };
}

type Note = Omit<Extract<pulse.PulseEvent, { readonly type: 'note' }>, 'at'>;
type Letter = Omit<Extract<pulse.PulseEvent, { readonly type: 'datagram' }>, 'at'> | Note;

const signed = (datagram: Datagram): Letter => ({ type: 'datagram', channel: 'public', datagram });

/** One router: events in, letters out. */
function makeNode(role: 'primary' | 'backup', now: () => Instant, post: (letter: Letter) => void) {
  const kernel = makeKernel(() => undefined);
  let session = role === 'primary' ? 1000n : 2000n;
  let book: Pick<lvs.LvsState, 'orders' | 'releases' | 'lastStamp'> = lvs.initialState;
  let above = pulse.initialState(settingsOf(role), session);
  let below: lvs.LvsState | undefined;

  const waiting: (() => void)[] = [];
  let busy = false;
  let dead = false;

  /** What follows from an action comes after all actions of its step. */
  const give = (happen: () => void): void => {
    waiting.push(happen);
    if (busy) return;
    busy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    busy = false;
  };

  const toPulse = (event: pulse.PulseEvent): void => {
    give(() => {
      const next = pulse.step(above, event);
      above = next.state;
      next.actions.forEach(performPulse);
    });
  };

  const toLvs = (event: lvs.LvsEvent): void => {
    give(() => {
      if (below === undefined) return;
      const next = lvs.step(below, event);
      below = next.state;
      next.actions.forEach(performLvs);
    });
  };

  const configure = (): void => {
    toLvs({ type: 'configured', at: now(), configuration, digest });
  };

  const performPulse = (action: pulse.PulseAction): void => {
    const at = now();
    switch (action.type) {
      case 'send':
        post(signed({ type: 'pair', trailer: action.trailer, signature: 'valid' }));
        return;
      case 'send-note':
        post({ type: 'note', note: action.note, signature: 'valid' });
        return;
      case 'start-lvs':
        below = { ...lvs.initialState, ...book };
        configure();
        return;
      case 'hand-orders':
        toLvs({ type: 'partner-orders', at, orders: action.orders });
        return;
      case 'tick-lvs':
        toLvs({ ...action, type: 'tick', at, sentAt: at });
        return;
      case 'raise-addresses':
        toPulse({ type: 'addresses-up', at, added: [] });
        return;
      case 'lower-addresses':
        toPulse({ type: 'addresses-down', at });
        return;
      default:
    }
  };

  const performLvs = (action: lvs.LvsAction): void => {
    const at = now();
    if (action.type === 'save-orders') book = action;
    if (action.type === 'tell' && action.message.type !== 'report' && action.message.type !== 'server-ordered') {
      toPulse({ type: 'lvs-said', at, message: action.message });
    }
    if (action.type !== 'work-on-table') return;
    kernel.write(action.commands);
    const read = success(kernel.table());
    const result = { complaint: '', finished: true, timeouts: undefined, settings: [], read };
    toLvs({ type: 'table-done', at, run: action.run, result });
  };

  const start = (): void => {
    dead = false;
    session += 1n;
    below = undefined;
    above = pulse.initialState(settingsOf(role), session);
    toPulse({ type: 'started', at: now(), force: false, adopted: undefined, timers: undefined });
  };

  return {
    start,
    /** Everything dies; `forgets`: what was saved is lost, too. */
    die: (forgets: boolean) => {
      if (forgets) book = lvs.initialState;
      dead = true;
    },
    /** lvs alone. */
    killLvs: (forgets: boolean) => {
      if (forgets) book = lvs.initialState;
      below = undefined;
      toPulse({ type: 'lvs-ended', at: now(), ending: { type: 'killed', signal: 'SIGKILL' } });
    },
    order: (order: ServerOrder) => {
      toLvs({ type: 'server-order', at: now(), id: 1, order });
    },
    receive: (letter: Letter) => {
      if (!dead) toPulse({ ...letter, at: now() });
    },
    nextDeadline: (): number =>
      dead ? Infinity : Math.min(pulse.nextDeadline(above), below === undefined ? Infinity : lvs.nextDeadline(below)),
    wake: () => {
      if (dead) return;
      const at = now();
      if (below !== undefined && lvs.nextDeadline(below) <= at) toLvs({ type: 'clock', at });
      if (pulse.nextDeadline(above) <= at) toPulse({ type: 'clock', at });
    },
    /** The last word about each server, as far as both routers have to have the same. */
    words: (): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        [...(below?.orders ?? []), ...(below?.releases ?? [])]
          .map(
            ([server, { type, stamp, ...rest }]) =>
              [
                server,
                {
                  type,
                  stamp,
                  ...('to' in rest ? { to: rest.to } : {}),
                  ...('timeoutMs' in rest ? { timeoutMs: rest.timeoutMs } : {}),
                },
              ] as const,
          )
          .toSorted(([one], [other]) => one.localeCompare(other)),
      ),
    /** When drains end, by server. */
    deadlines: (): ReadonlyMap<string, number> =>
      new Map(
        [...(below?.orders ?? [])].flatMap(([server, order]) =>
          order.type === 'drain' ? [[server, order.deadline]] : [],
        ),
      ),
  };
}

/** A pair that was just started. */
export function orderPair(seed: number) {
  const { fraction } = seededRandom(seed);
  let time = 1000;
  let loss = 0;
  let mail: readonly { readonly at: number; readonly to: 0 | 1; readonly letter: Letter }[] = [];
  const now = (): Instant => instant(time);
  const post =
    (to: 0 | 1) =>
    (letter: Letter): void => {
      if (fraction() >= loss) mail = [...mail, { at: time + 0.2 + 40 * fraction() ** 4, to, letter }];
    };
  const nodes = [makeNode('primary', now, post(1)), makeNode('backup', now, post(0))] as const;
  nodes.forEach(({ start }) => {
    start();
  });

  const pass = (lengthMs: number): void => {
    const end = time + milliseconds(lengthMs);
    for (;;) {
      const next = Math.min(...nodes.map((node) => node.nextDeadline()), ...mail.map(({ at }) => at));
      if (next > end) break;
      time = Math.max(time, next);
      const arrived = mail.filter(({ at }) => at <= time);
      mail = mail.filter(({ at }) => at > time);
      for (const { to, letter } of arrived) nodes[to].receive(letter);
      for (const node of nodes) node.wake();
    }
    time = end;
  };

  return {
    nodes,
    pass,
    /** No process starts so soon that words of the life before overtake its own. */
    restart: (which: 0 | 1, forgets: boolean) => {
      nodes[which].die(forgets);
      pass(150);
      nodes[which].start();
    },
    /** From now on this part of all datagrams is lost. */
    lose: (share: number) => {
      loss = share;
    },
  };
}
