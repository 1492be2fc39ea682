import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Clock, IpAddress, Port } from '@piranha/domain';
import { instant } from '@piranha/domain';
import type { Note, SignedNote } from '@piranha/protocol';
import { decodeDatagram, decodeNote, encodeDatagram } from '@piranha/protocol';
import { systemClock } from '@piranha/runtime';
import { recordingLogger } from '@piranha/testing';
import type { DatagramCounters } from './datagram-reader.ts';
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
import type { Channel } from '../state-parts.ts';

afterEach(closeAll);

test('what we send reaches the partner from our own address and port', async () => {
  const { partner, port, sockets } = await loopbackPair();
  const received = once(partner, 'message') as Promise<[Buffer, { address: string; port: number }]>;
  void sockets.send(trailer);
  const [bytes, from] = await received;
  expect(bytes.toString('hex')).toMatch(/^dadbadbd4c565332/);
  expect(bytes).toHaveLength(52);
  expect([from.address, from.port]).toEqual([ours, port]);
});

test('words of the partner are accepted, whatever follows the four bytes', async () => {
  const { partner, say, words, accepted } = await loopbackPair();
  for (const hex of ['dadbadbd', 'bddabdad0011223344']) {
    const next = accepted();
    say(partner, hex);
    await next;
  }
  expect(words).toEqual(['running on public', 'stopped on public']);
});

test('of two keys the first one signs, and either is believed', async () => {
  const { partner, say, datagrams, accepted, sockets } = await loopbackPair();
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
  const { partner, say, words, datagrams, accepted, sockets } = await loopbackPair();
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
  const { partner, say, datagrams, accepted, sockets, past } = await loopbackPair();
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
  const { partner, say, arrivedAt, accepted } = await loopbackPair(slow);
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

test('a note goes out on its channel and arrives as a note; one that cannot be read is counted', async () => {
  const { partner, sockets, words, say, accepted } = await loopbackPair();
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

test('strangers and datagrams that cannot be read are dropped, counted, and said once', async () => {
  const { partner, say, words, accepted, lines, sockets } = await loopbackPair();
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
    const { port, say, words, accepted, sockets } = await loopbackPair();
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
    const { partner, port, sockets } = await loopbackPair();
    await sockets.use([{ ...channel, own: ours2 }], port);
    const received = once(partner, 'message') as Promise<[Buffer, { address: string }]>;
    void sockets.send(trailer);
    expect((await received)[1].address).toBe(ours2);
    // Its port is free again.
    await socketOn(ours, port);
  });

  test('one that cannot be opened leaves everything as it was', async () => {
    const { partner, port, sockets } = await loopbackPair();
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
  const { partner, port, lines, words, say, accepted, sockets } = await loopbackPair();
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
