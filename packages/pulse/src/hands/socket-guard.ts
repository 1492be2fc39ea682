// What the kernel is told of the heartbeat's sockets: from near, by the right device, and in a flood from the partner only.
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Port } from '@piranha/domain';
import { familyOf } from '@piranha/domain';
import type { DatagramRules, WantedDatagrams } from '@piranha/libc';
import type { Logger } from '@piranha/logging';
import type { Interface, Keys } from '@piranha/protocol';
import { signedDatagrams } from '@piranha/protocol';
import type { Ground } from '../rules/neighbours.ts';
import { groundOf, ttlRule, waysIn } from '../rules/neighbours.ts';
import { isNewFlood, lowered, mostInSecond, onArrival, onTime } from '../rules/shield.ts';
import type { AuthMode, Channel } from '../state-parts.ts';

/** What makes a datagram the partner's: signed with one of the keys, of which the first one signs ours, and from how near. */
export type Trust = { readonly keys: Keys; readonly auth: AuthMode; readonly ttl: number | undefined };

const nobody: Trust = { keys: [], auth: 'off', ttl: undefined };

/** Keeps all that the rules come from; `renew` is called when they are others. */
export function keepGuard(log: Logger, clock: Clock, renew: () => void) {
  let trust = nobody;
  let interfaces: readonly Interface[] = [];
  let known = false;
  let shield = lowered;

  const becomeShield = (next: typeof shield): void => {
    const before = shield;
    shield = next;
    if (next.raised === before.raised) return;
    if (next.raised && isNewFlood(before, clock.now()))
      log.info(`over ${mostInSecond} datagrams a second: the kernel leaves out what cannot be the partner's`);
    renew();
  };
  return {
    keys: (): Keys => trust.keys,
    rulesOf: (channel: Channel, channels: readonly Channel[], port: Port): DatagramRules => {
      const ground: Ground = groundOf(channel, interfaces);
      return {
        family: familyOf(channel.own),
        only: shield.raised ? partnersOwn(channel, channels, { port, auth: trust.auth }) : undefined,
        ttl: ttlRule(trust.ttl, ground, known),
        devices: waysIn(trust.ttl, ground),
      };
    },
    renew,
    /** From now on this is asked; whether the partner is near is learnt anew. */
    trust: (fresh: Trust): void => {
      [trust, known] = [fresh, false];
      renew();
    },
    nearOnly: (fresh: boolean): void => {
      if (known === fresh) return;
      known = fresh;
      renew();
    },
    look: (fresh: readonly Interface[]): void => {
      if (isDeepStrictEqual(fresh, interfaces)) return;
      interfaces = fresh;
      renew();
    },
    /** A datagram has arrived, whosever it is. */
    onArrival: (): void => {
      becomeShield(onArrival(shield, clock.now()));
    },
    onTime: (): void => {
      becomeShield(onTime(shield, clock.now()));
    },
  };
}

/** What may be the partner's on this socket: either of its addresses is good. */
const partnersOwn = (
  { own }: Channel,
  channels: readonly Channel[],
  { port, auth }: { readonly port: Port; readonly auth: AuthMode },
): WantedDatagrams => ({
  port,
  senders: channels.map(({ partner }) => partner).filter((each) => familyOf(each) === familyOf(own)),
  ...(auth === 'require' ? signedDatagrams : { shortest: 0, bytes: [] }),
});
