import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Clock, Instant, IpAddress, Port } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Datagram, Interface, Note, SignedNote, Trailer } from '@piranha/protocol';
import { decodeDatagram, decodeInterfaces, decodeNote, encodeDatagram } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import type { DatagramCounters } from './datagram-reader.ts';
import { heartbeatSockets } from './heartbeat-socket.ts';
import { mostInSecond } from './shield.ts';
import type { Channel } from './state.ts';

// All of 127.0.0.0/8 is this machine: room for two routers and a stranger.
const [ours, partners, strangers] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
const channel: Channel = { name: 'public', own: ours as IpAddress, partner: partners as IpAddress };

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function socketOn(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, address);
  await once(socket, 'listening');
  closing.push(async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  return socket;
}

/** Our end, open on a free port; the partner's end on the same. */
async function pair(clock: Clock = systemClock) {
  const partner = await socketOn(partners);
  const port = partner.address().port as Port;
  const { log, lines } = recordingLogger();
  const sockets = heartbeatSockets(log, clock);
  const opened = await sockets.use([channel], port);
  if (!opened.ok) throw new Error(opened.error);
  closing.push(sockets.close);
  const words: string[] = [];
  const datagrams: Datagram[] = [];
  const waiting: (() => void)[] = [];
  const past = { until: -1n };
  const arrivedAt: Instant[] = [];
  sockets.listen(
    (datagram, name, at) => {
      arrivedAt.push(at);
      words.push(`${datagram.type === 'bare' ? datagram.word : datagram.signature} on ${name}`);
      datagrams.push(datagram);
      waiting.splice(0).forEach((wake) => {
        wake();
      });
    },
    ({ sequence }, name) => (sequence <= past.until && name === 'public' ? 'old-sequence' : undefined),
  );
  const say = (from: Socket, hex: string) => {
    from.send(Buffer.from(hex, 'hex'), port, ours);
  };
  /** Ends when the next word has been accepted. */
  const accepted = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  return { partner, port, lines, words, datagrams, arrivedAt, say, accepted, sockets, past };
}

const trailer: Trailer = {
  kind: 'heartbeat',
  active: true,
  hears: true,
  leaving: false,
  given: false,
  want: false,
  held: false,
  class: 2,
  living: 3,
  term: 4,
  session: 5n,
  echo: 6n,
  sequence: 7n,
  digest: '0123456789abcdef',
};

test('what we send reaches the partner from our own address and port', async () => {
  const { partner, port, sockets } = await pair();
  const received = once(partner, 'message') as Promise<[Buffer, { address: string; port: number }]>;
  void sockets.send(trailer);
  const [bytes, from] = await received;
  expect(bytes.toString('hex')).toMatch(/^dadbadbd4c565332/);
  expect(bytes).toHaveLength(52);
  expect([from.address, from.port]).toEqual([ours, port]);
});

test('words of the partner are accepted, whatever follows the four bytes', async () => {
  const { partner, say, words, accepted } = await pair();
  for (const hex of ['dadbadbd', 'bddabdad0011223344']) {
    const next = accepted();
    say(partner, hex);
    await next;
  }
  expect(words).toEqual(['running on public', 'stopped on public']);
});

describe('with the address of the partner, and all the same not its', () => {
  const loopback = (ifindex: number): readonly Interface[] => {
    const addresses = [{ local: ours, prefixlen: 8 }];
    const decoded = decodeInterfaces(JSON.stringify([{ ifindex, ifname: 'lo', flags: ['UP'], addr_info: addresses }]));
    if (!decoded.ok) throw new Error(decoded.error);
    return decoded.value;
  };
  /** What came by a wrong way until a word of the partner is accepted, which comes last. */
  async function until(seen: Awaited<ReturnType<typeof pair>>, say: () => Promise<void>): Promise<readonly string[]> {
    const told: string[] = [];
    seen.sockets.listenToMisplaced((why) => told.push(why));
    await say();
    const next = seen.accepted();
    await sent(seen, 'dadbadbd', 255);
    await next;
    return told;
  }
  /** By the partner, or another socket, with this time to live. */
  async function sent({ partner, port }: Awaited<ReturnType<typeof pair>>, hex: string, ttl: number, from = partner) {
    from.setTTL(ttl);
    await new Promise((done) => {
      from.send(Buffer.from(hex, 'hex'), port, ours, done);
    });
  }

  test('is what comes from another port', async () => {
    const seen = await pair();
    const other = await socketOn(partners);
    const told = await until(seen, () => sent(seen, 'bddabdad', 255, other));
    expect([told, seen.words]).toEqual([['other-port'], ['running on public']]);
  });

  test('is what comes from afar where both are in one network, once it was said to be near', async () => {
    const seen = await pair();
    seen.sockets.look(loopback(1));
    seen.sockets.nearOnly();
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
    const seen = await pair();
    seen.sockets.look(loopback(1));
    const told = await until(seen, () =>
      sent(seen, Buffer.from(encodeDatagram(trailer, undefined)).toString('hex'), 64),
    );
    expect(told).toEqual(['far']);
  });

  test('is what has less left than heartbeat_ttl', async () => {
    const seen = await pair();
    seen.sockets.trust({ keys: [], auth: 'off', ttl: 250 });
    const told = await until(seen, async () => {
      for (const ttl of [249, 1]) await sent(seen, 'bddabdad', ttl);
    });
    expect(told).toEqual(['far', 'far']);
  });

  test('is what comes in by a device that has not got our address', async () => {
    const seen = await pair();
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

test('of two keys the first one signs, and either is believed', async () => {
  const { partner, say, datagrams, accepted, sockets } = await pair();
  const [first, second, third] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  if (first === undefined || second === undefined) throw new Error('two keys');
  sockets.trust({ keys: [first, second], auth: 'accept', ttl: undefined });
  for (const key of [first, second, third]) {
    const next = accepted();
    say(partner, Buffer.from(encodeDatagram(trailer, key)).toString('hex'));
    await next;
  }
  expect(datagrams.map((each) => each.type === 'pair' && each.signature)).toEqual(['valid', 'valid', 'wrong']);
  void sockets.send(trailer);
  const [bytes] = (await once(partner, 'message')) as [Buffer];
  expect(decodeDatagram(bytes, [first])).toMatchObject({ signature: 'valid' });
});

test('a datagram with a trailer arrives whole, its signature checked with the key in use', async () => {
  const { partner, say, words, datagrams, accepted, sockets } = await pair();
  const key = new Uint8Array(32).fill(7);
  const signed = Buffer.from(encodeDatagram(trailer, key)).toString('hex');
  const unsigned = Buffer.from(encodeDatagram(trailer, undefined)).toString('hex');
  for (const [hex, inUse] of [
    [signed, undefined],
    [signed, key],
    [unsigned, key],
    [signed, new Uint8Array(32).fill(8)],
  ] as const) {
    sockets.trust({ keys: inUse === undefined ? [] : [inUse], auth: 'accept', ttl: undefined });
    const next = accepted();
    say(partner, hex);
    await next;
  }
  expect(words).toEqual(['unchecked on public', 'valid on public', 'none on public', 'wrong on public']);
  expect(datagrams.map((each) => (each.type === 'pair' ? each.trailer : each))).toEqual(
    Array.from({ length: 4 }, () => trailer),
  );
});

test('a datagram of the past is counted and goes no farther', async () => {
  const { partner, say, datagrams, accepted, sockets, past } = await pair();
  past.until = 7n;
  const next = accepted();
  for (const sequence of [6n, 7n, 8n])
    say(partner, Buffer.from(encodeDatagram({ ...trailer, sequence }, undefined)).toString('hex'));
  await next;
  expect(datagrams).toMatchObject([{ trailer: { sequence: 8n } }]);
  expect(sockets.counters()).toMatchObject({ 'old-sequence': 2 });
});

test('datagrams that wait together have arrived together, however long it takes to come to each', async () => {
  let looks = 0;
  const slow: Clock = { now: () => instant((looks += 1)) };
  const { partner, say, arrivedAt, accepted } = await pair(slow);
  for (let time = 0; time < 2; time += 1) {
    const next = accepted();
    say(partner, 'dadbadbd');
    say(partner, 'bddabdad');
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    // They are sent; nobody reads before they are there.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    await next;
    await setImmediate();
  }
  const [first, second, third, fourth] = arrivedAt;
  expect([second, fourth]).toEqual([first, third]);
  expect(third).toBeGreaterThan(first ?? Infinity);
});

test('a note goes out on its channel and arrives as a note; one that can not be read is counted', async () => {
  const { partner, sockets, words, say, accepted } = await pair();
  const key = new Uint8Array(32).fill(7);
  sockets.trust({ keys: [key], auth: 'accept', ttl: undefined });
  const note: Note = { active: true, session: 5n, echo: 6n, sequence: 7n, connections: 12, foreign: [], orders: [] };
  const heard: SignedNote[] = [];
  sockets.listenToNotes((signed) => heard.push(signed));
  const received = once(partner, 'message') as Promise<[Buffer]>;
  sockets.sendNote(note, 'private');
  sockets.sendNote(note, 'public');
  const [bytes] = await received;
  expect(decodeNote(bytes, [key])).toEqual({ note, signature: 'valid' });
  const next = accepted();
  for (const hex of [bytes.toString('hex'), bytes.toString('hex').slice(0, 60), 'bddabdad']) say(partner, hex);
  await next;
  expect(heard).toEqual([{ note, signature: 'valid' }]);
  expect(words).toEqual(['stopped on public']);
  expect(sockets.counters()).toMatchObject({ malformed: 1 });
});

test('strangers and datagrams that can not be read are dropped, counted, and said once', async () => {
  const { partner, say, words, accepted, lines, sockets } = await pair();
  const stranger = await socketOn(strangers);
  const next = accepted();
  say(stranger, 'dadbadbd');
  say(stranger, '');
  const cut = Buffer.from(encodeDatagram(trailer, undefined)).toString('hex').slice(0, 100);
  for (const hex of ['', 'dadbad', 'bebaefbe', 'bebaefbe', cut, cut, cut, 'dadbad']) say(partner, hex);
  // The last one is good: all before it were looked at.
  say(partner, 'bddabdad');
  await next;
  expect(words).toEqual(['stopped on public']);
  const counted: DatagramCounters = {
    strangers: 2,
    short: 3,
    incompatible: 2,
    malformed: 3,
    ...{ 'other-port': 0, far: 0, elsewhere: 0 },
    'own-session': 0,
    'old-sequence': 0,
  };
  expect(sockets.counters()).toEqual(counted);
  expect(lines.map((line) => `${line.level}: ${line.text}`)).toEqual([
    'debug: Unexpected heartbeat from 127.0.0.4',
    'warning: bad heartbeat packet',
    'warning: incompatible heartbeat: the other system does not use identical services',
    'warning: malformed heartbeat: the other system may have another version',
  ]);
});

describe('in a flood', () => {
  /** Datagrams from there until so many were counted as that. */
  async function flood(
    { say, sockets }: Awaited<ReturnType<typeof pair>>,
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
    const seen = await pair(clock);
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
    const seen = await pair(movableClock());
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

test('an address that is taken is named with the reason', async () => {
  const taken = await socketOn(ours);
  const opened = await heartbeatSockets(recordingLogger().log, systemClock).use(
    [channel],
    taken.address().port as Port,
  );
  expect(opened.ok ? '' : opened.error).toMatch(
    /^failed to bind to heartbeat address 127\.0\.0\.2 port \d+: .*Address already in use/,
  );
});

test('an address that this machine does not have is named with the reason', async () => {
  const elsewhere: Channel = { ...channel, own: '192.0.2.1' as IpAddress };
  const opened = await heartbeatSockets(recordingLogger().log, systemClock).use([elsewhere], 1539 as Port);
  expect(opened.ok ? '' : opened.error).toMatch(/192\.0\.2\.1 port 1539: .*Cannot assign requested address/);
});

describe('when the channels change', () => {
  const ours2 = '127.0.0.5' as IpAddress;

  test('a socket that stays is the same one, and its partner may be another', async () => {
    const { port, say, words, accepted, sockets } = await pair();
    const other = await socketOn(strangers, port);
    await expect(sockets.use([{ ...channel, partner: strangers as IpAddress }], port)).resolves.toMatchObject({
      ok: true,
    });
    const received = once(other, 'message') as Promise<[Buffer]>;
    void sockets.send(trailer);
    await received;
    const next = accepted();
    say(other, 'bddabdad');
    await next;
    expect(words).toEqual(['stopped on public']);
  });

  test('a new one is opened and one that is not needed any more is closed', async () => {
    const { partner, port, sockets } = await pair();
    await sockets.use([{ ...channel, own: ours2 }], port);
    const received = once(partner, 'message') as Promise<[Buffer, { address: string }]>;
    void sockets.send(trailer);
    expect((await received)[1].address).toBe(ours2);
    // Its port is free again.
    await socketOn(ours, port);
  });

  test('one that can not be opened leaves everything as it was', async () => {
    const { partner, port, sockets } = await pair();
    // Somebody else has that port there.
    await socketOn(strangers, port);
    const elsewhere: Channel = { ...channel, name: 'private', own: strangers as IpAddress };
    const opened = await sockets.use([{ ...channel, own: ours2 }, elsewhere], port);
    expect(opened).toMatchObject({ ok: false });
    const received = once(partner, 'message') as Promise<[Buffer, { address: string }]>;
    void sockets.send(trailer);
    expect((await received)[1].address).toBe(ours);
    await socketOn(ours2, port);
  });
});

test('a channel whose address is not there costs that channel only, and is said once', async () => {
  const { partner, port, lines, words, say, accepted, sockets } = await pair();
  const nowhere: Channel = { name: 'private', own: '192.0.2.77' as IpAddress, partner: '192.0.2.78' as IpAddress };
  expect(await sockets.use([channel, nowhere], port)).toMatchObject({ ok: true });
  expect(await sockets.use([channel, nowhere], port)).toMatchObject({ ok: true });
  expect(sockets.late()).toEqual([nowhere]);
  expect(lines.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual([
    'no heartbeat on the private network: this machine has not got 192.0.2.77 yet; it begins when the address is there',
  ]);
  const next = accepted();
  say(partner, 'dadbadbd');
  await next;
  expect(words).toEqual(['running on public']);
});

test('without any address there is no heartbeat at all', async () => {
  const sockets = heartbeatSockets(recordingLogger().log, systemClock);
  const nowhere: Channel = { name: 'public', own: '192.0.2.77' as IpAddress, partner: '192.0.2.78' as IpAddress };
  const opened = await sockets.use([nowhere], 539 as Port);
  expect(opened.ok ? '' : opened.error).toMatch(
    /failed to bind to heartbeat address 192\.0\.2\.77 port 539: Cannot assign/,
  );
  await sockets.close();
});

test.each([
  ['a partner that the kernel can send to', partners, true],
  ['one that it cannot', '255.255.255.255', false],
])('%s: %s, sent %s', async (_, partner, sent) => {
  const sockets = heartbeatSockets(recordingLogger().log, systemClock);
  closing.push(sockets.close);
  const free = await socketOn(strangers);
  await sockets.use([{ ...channel, partner: partner as IpAddress }], free.address().port as Port);
  expect(await sockets.send(trailer)).toBe(sent);
});
