import type { Socket } from 'node:dgram';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { instant } from '@piranha/domain';
import { encodeDatagram } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import type { DatagramCounters } from './datagram-reader.ts';
import { closeAll, loopbackPair, socketOn, strangers, trailer } from '../testing/loopback-pair.ts';
import { mostInSecond } from '../rules/shield.ts';

afterEach(closeAll);

describe('in a flood', () => {
  /** Datagrams from there until so many were counted as that. */
  async function flood(
    { say, sockets }: Awaited<ReturnType<typeof loopbackPair>>,
    from: Socket,
    { hex, until }: { readonly hex: string; readonly until: readonly [keyof DatagramCounters, number] },
  ): Promise<void> {
    const [kind, count] = until;
    const deadline = systemClock.now() + 10_000;
    while (sockets.counters()[kind] < count) {
      if (systemClock.now() > deadline) throw new Error(`only ${sockets.counters()[kind]} were counted`);
      for (let burst = 0; burst < 20; burst++) say(from, hex);
      await setImmediate();
    }
  }

  /** A moment that stands still until it is moved. */
  function movableClock() {
    let now = instant(0);
    return { now: () => now, move: (ms: number) => (now = instant(now + ms)) };
  }

  test('the kernel leaves strangers out for ten seconds, the partner is heard, and one line tells it', async () => {
    const clock = movableClock();
    const seen = await loopbackPair(clock);
    const { partner, say, words, accepted, lines, sockets } = seen;
    const stranger = await socketOn(strangers);
    await flood(seen, stranger, { hex: '00', until: ['strangers', mostInSecond + 1] });
    const hear = async (): Promise<void> => {
      const next = accepted();
      say(partner, 'bddabdad');
      await next;
    };
    await hear();
    const counted = sockets.counters().strangers;
    for (let more = 0; more < 50; more++) say(stranger, '00');
    await hear();
    expect(sockets.counters().strangers).toBe(counted);
    clock.move(10_000);
    void sockets.send(trailer);
    say(stranger, '00');
    await hear();
    expect(sockets.counters().strangers).toBe(counted + 1);
    expect(words).toHaveLength(3);
    expect(lines.filter(({ level }) => level === 'info').map(({ text }) => text)).toEqual([
      "over 200 datagrams a second: the kernel leaves out what cannot be the partner's",
    ]);
  });

  test.each([
    ['accept', 1],
    ['require', 0],
  ] as const)('under %s unsigned datagrams from its address come through so often: %i', async (auth, times) => {
    const seen = await loopbackPair(movableClock());
    const { partner, say, datagrams, accepted, sockets } = seen;
    const key = new Uint8Array(32).fill(7);
    sockets.trust({ keys: [key], auth, ttl: undefined });
    await flood(seen, partner, { hex: '00', until: ['short', mostInSecond + 1] });
    const next = accepted();
    say(partner, Buffer.from(encodeDatagram(trailer, undefined)).toString('hex'));
    if (times > 0) await next;
    const last = times > 0 ? accepted() : next;
    say(partner, Buffer.from(encodeDatagram(trailer, key)).toString('hex'));
    await last;
    expect(datagrams.map((each) => (each.type === 'pair' ? each.signature : each.word))).toEqual([
      ...Array.from({ length: times }, () => 'none'),
      'valid',
    ]);
  });
});
