import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Port } from '@piranha/domain';
import type { Datagram, Interface } from '@piranha/protocol';
import { decodeInterfaces, encodeDatagram } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import { heartbeatSockets } from './heartbeat-socket.ts';
import {
  channel,
  closeAll,
  closing,
  loopbackPair,
  ours,
  partners,
  socketOn,
  strangers,
  trailer,
} from '../testing/loopback-pair.ts';

afterEach(closeAll);

describe('with the address of the partner, and all the same not its', () => {
  const loopback = (ifindex: number): readonly Interface[] => {
    const addresses = [{ local: ours, prefixlen: 8 }];
    const decoded = decodeInterfaces(JSON.stringify([{ ifindex, ifname: 'lo', flags: ['UP'], addr_info: addresses }]));
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  };
  /** What came by a wrong way until a word of the partner is accepted, which comes last. */
  async function until(
    seen: Awaited<ReturnType<typeof loopbackPair>>,
    say: () => Promise<void>,
  ): Promise<readonly string[]> {
    const told: string[] = [];
    seen.sockets.listenToMisplaced((why) => told.push(why));
    await say();
    const next = seen.accepted();
    await sent(seen, 'dadbadbd', 255);
    await next;
    return told;
  }
  /** By the partner, or another socket, with this time to live. */
  async function sent(
    { partner, port }: Awaited<ReturnType<typeof loopbackPair>>,
    hex: string,
    ttl: number,
    from = partner,
  ) {
    from.setTTL(ttl);
    await new Promise((done) => {
      from.send(Buffer.from(hex, 'hex'), port, ours, done);
    });
  }

  test('is what comes from another port', async () => {
    const seen = await loopbackPair();
    const other = await socketOn(partners);
    const told = await until(seen, () => sent(seen, 'bddabdad', 255, other));
    expect([told, seen.words]).toEqual([['other-port'], ['running on public']]);
  });

  test('is what comes from afar where both are in one network, once it was said to be near', async () => {
    const seen = await loopbackPair();
    seen.sockets.look(loopback(1));
    seen.sockets.nearOnly(true);
    const told = await until(seen, () => sent(seen, 'bddabdad', 254));
    expect([told, seen.words]).toEqual([['far'], ['running on public']]);
    // A new file, perhaps for an earlier version at the partner's: it is learnt anew.
    seen.sockets.trust({ keys: [], auth: 'off', ttl: undefined });
    const next = seen.accepted();
    await sent(seen, 'bddabdad', 64);
    await next;
    expect(seen.words).toHaveLength(2);
  });

  test('is what says that it is near, and comes from afar', async () => {
    const seen = await loopbackPair();
    seen.sockets.look(loopback(1));
    const told = await until(seen, () =>
      sent(seen, Buffer.from(encodeDatagram(trailer, undefined)).toString('hex'), 64),
    );
    expect(told).toEqual(['far']);
  });

  test('is what has less left than heartbeat_ttl', async () => {
    const seen = await loopbackPair();
    seen.sockets.trust({ keys: [], auth: 'off', ttl: 250 });
    const told = await until(seen, async () => {
      for (const ttl of [249, 1]) await sent(seen, 'bddabdad', ttl);
    });
    expect(told).toEqual(['far', 'far']);
  });

  test('is what comes in by a device that has not got our address', async () => {
    const seen = await loopbackPair();
    const told: string[] = [];
    seen.sockets.listenToMisplaced((why) => told.push(why));
    seen.sockets.look(loopback(7));
    await sent(seen, 'bddabdad', 255);
    while (told.length === 0) await setImmediate();
    seen.sockets.look(loopback(1));
    expect(await until(seen, () => Promise.resolve())).toEqual([]);
    expect([told, seen.words]).toEqual([['elsewhere'], ['running on public']]);
  });
});

test('what we send has the full time to live, and says so: an end that wants no other hears it', async () => {
  const { log } = recordingLogger();
  const [near, far] = [heartbeatSockets(log, systemClock), heartbeatSockets(log, systemClock)];
  closing.push(near.close, far.close);
  const free = await socketOn(strangers);
  const port = free.address().port as Port;
  far.trust({ keys: [], auth: 'off', ttl: 255 });
  await near.use([channel], port);
  await far.use([{ ...channel, own: channel.partner, partner: channel.own }], port);
  const heard = new Promise<Datagram>((resolve) => {
    far.listen(resolve, () => undefined);
  });
  void near.send(trailer);
  expect(await heard).toEqual({ type: 'pair', trailer, signature: 'unchecked', near: true });
});
