// The heartbeat's sockets: one for each channel, bound to our own address (reference/pulse §2.1 to §2.3).
import type { Clock, Instant, IpAddress, Outcome, Port } from '@piranha/domain';
import { endpoint, failure, familyOf, success } from '@piranha/domain';
import type { NoUdpSocket, UdpSocket, WantedDatagrams } from '@piranha/libc';
import { openUdpSocket } from '@piranha/libc';
import type { Logger, LogLine } from '@piranha/logging';
import type { BadDatagram, Datagram, Note, SignedNote, Trailer } from '@piranha/protocol';
import {
  claimOf,
  decodeDatagram,
  decodeNote,
  encodeDatagram,
  encodeNote,
  isNote,
  signedDatagrams,
} from '@piranha/protocol';
import { inTurn } from '@piranha/runtime';
import type { SocketAsPromised } from 'dgram-as-promised';
import { DgramAsPromised } from 'dgram-as-promised';
import type { AuthMode } from './acceptance.ts';
import { arrivals } from './arrivals.ts';
import { lateChannels } from './late-channels.ts';
import type { Shield } from './shield.ts';
import { isNewFlood, lowered, mostInSecond, onArrival, onTime } from './shield.ts';
import type { Channel, ChannelName } from './state.ts';

/** The sockets of all channels; none before `use`. */
export type HeartbeatSockets = {
  /**
   * Has exactly these channels from now on. Sockets that stay are not touched; one that can not be opened changes
   * nothing, and the error names its address and the reason. A channel whose address this machine has not got begins
   * later, where another one can begin now.
   */
  readonly use: (channels: readonly Channel[], port: Port) => Promise<Outcome<undefined, string>>;
  /** Signs it, and sends it to the partner on every channel; what can not be sent is lost, as the partner will notice. */
  readonly send: (trailer: Trailer) => void;
  /** From now on datagrams of the partner come here, those aside that are of the past; before that what arrives is dropped. */
  readonly listen: (onDatagram: OnDatagram, whyPast: WhyPast) => void;
  /** Signs it, and sends it to the partner on one channel. */
  readonly sendNote: (note: Note, channel: ChannelName) => void;
  /** From now on notes of the partner come here. */
  readonly listenToNotes: (onNote: OnNote) => void;
  /** From now on datagrams are signed and checked with this key; undefined: neither. */
  readonly useKey: (key: Uint8Array | undefined, auth: AuthMode) => void;
  /** What was dropped so far. */
  readonly counters: () => DatagramCounters;
  /** The channels that have not begun yet. */
  readonly late: () => readonly Channel[];
  readonly close: () => Promise<void>;
};

/** Takes a datagram of the partner, the channel that brought it, and when. */
type OnDatagram = (datagram: Datagram, channel: ChannelName, arrivedAt: Instant) => void;

/** Why a datagram is not worth the look at its signature, by what it claims to say; undefined where it is. */
type WhyPast = (claim: Trailer, channel: ChannelName) => Past | undefined;
type Past = 'own-session' | 'old-sequence';

type OnNote = (note: SignedNote, arrivedAt: Instant) => void;

/** Datagrams of other senders, and those of the partner that could not be read or were of the past. */
export type DatagramCounters = Readonly<Record<'strangers' | BadDatagram | Past, number>>;

/** A channel and where it is bound on this machine. */
type Place = { readonly channel: Channel; readonly place: string; readonly port: Port };

/** A socket, and how the kernel is told what it does not want. */
type OpenSocket = { readonly socket: SocketAsPromised; readonly want: UdpSocket['want'] };

/** A channel with its open socket. */
type Way = Place & OpenSocket;

/** Takes what has arrived at one of our places. */
type Receive = (place: string, bytes: Uint8Array, from: string) => void;

const complaints: Readonly<Record<BadDatagram, string>> = {
  short: 'bad heartbeat packet',
  incompatible: 'incompatible heartbeat: the other system does not use identical services',
  malformed: 'malformed heartbeat: the other system may have another version',
};

/** Different lines about dropped datagrams of one kind. */
const mostTold = 16;

/** Room for a burst of strangers' datagrams in front of the partner's, in bytes. */
const receiveBuffer = 1024 * 1024;

/** Makes the sockets' keeper; nothing is open yet. */
export function heartbeatSockets(log: Logger, clock: Clock): HeartbeatSockets {
  let ways: readonly Way[] = [];
  let wanted: readonly Channel[] = [];
  const [late, oneByOne] = [lateChannels(log), inTurn()];
  let trust: { readonly key: Uint8Array | undefined; readonly auth: AuthMode } = { key: undefined, auth: 'off' };
  const shield = keepShield(log, clock, (raised) => {
    for (const way of ways) limit(way, raised ? partnersOwn(ways, way, trust.auth) : undefined, log);
  });
  const reader = datagramReader(log, () => trust.key, arrivals(clock));
  const receive: Receive = (place, bytes, from) => {
    shield.onArrival();
    const way = ways.find((each) => each.place === place);
    // Either of the partner's addresses is good on either socket; everything else is dropped.
    if (way === undefined || !ways.some(({ channel }) => channel.partner === from)) reader.dropStranger(from);
    else reader.read(bytes, from, way.channel.name);
  };

  const use = (channels: readonly Channel[], port: Port, again = false): Promise<Outcome<undefined, string>> =>
    oneByOne(async () => {
      // A retry that had to wait for its turn may be about channels of the past.
      if (again && channels !== wanted) return success(undefined);
      const before = ways;
      const opened = await openWays(before, { channels, port }, receive, log);
      if (!opened.ok) return opened;
      // What is left out goes by who the partner is.
      if (!again || opened.value.length > before.length) shield.lower();
      [ways, wanted] = [opened.value, channels];
      await closeAll(socketsOf(before).filter((socket) => !socketsOf(ways).includes(socket)));
      late.expect(absentOf(channels, ways), channels, () => use(channels, port, true));
      return success(undefined);
    });

  return {
    use: (channels, port) => use(channels, port),
    send: (trailer) => {
      shield.onTime();
      sendOnAll(ways, encodeDatagram(trailer, trust.key), log);
    },
    sendNote: (note, name) => {
      sendOnAll(waysOn(ways, name), encodeNote(note, trust.key), log);
    },
    ...{ listen: reader.listen, listenToNotes: reader.listenToNotes },
    useKey: (key, auth) => {
      shield.lower();
      trust = { key, auth };
    },
    ...{ counters: reader.counters, late: late.all },
    close: () => {
      late.close();
      const open = ways;
      ways = [];
      return closeAll(socketsOf(open));
    },
  };
}

const socketsOf = (ways: readonly Way[]): readonly SocketAsPromised[] => ways.map((way) => way.socket);

const waysOn = (ways: readonly Way[], name: ChannelName): readonly Way[] =>
  ways.filter(({ channel }) => channel.name === name);

const absentOf = (channels: readonly Channel[], ways: readonly Way[]): readonly Channel[] =>
  channels.filter((channel) => !ways.some((way) => way.channel === channel));

/** The ways of these channels; those whose address is not there are left out, where another one can be opened. */
async function openWays(
  before: readonly Way[],
  { channels, port }: { readonly channels: readonly Channel[]; readonly port: Port },
  receive: Receive,
  log: Logger,
): Promise<Outcome<readonly Way[], string>> {
  const wanted = channels.map((channel): Place => ({ channel, port, place: endpoint(channel.own, port) }));
  const missing = wanted.filter((each) => !before.some((way) => way.place === each.place));
  const opened = await openAll(missing, missing.length === wanted.length, receive, log);
  return opened.ok ? success(wanted.flatMap((each) => wayOf(each, opened.value, before))) : opened;
}

/** With the socket that was opened for it, or else the one that it had. */
function wayOf(wanted: Place, opened: ReadonlyMap<string, OpenSocket>, before: readonly Way[]): readonly Way[] {
  const open = opened.get(wanted.place) ?? before.find((way) => way.place === wanted.place);
  return open === undefined ? [] : [{ ...wanted, socket: open.socket, want: open.want }];
}

function sendOnAll(ways: readonly Way[], datagram: Uint8Array, log: Logger): void {
  for (const way of ways) void sendOn(way, datagram, log);
}

async function sendOn({ socket, port, channel }: Way, datagram: Uint8Array, log: Logger): Promise<void> {
  try {
    await socket.send(datagram, port, channel.partner);
  } catch (error) {
    log.debug('heartbeat not sent', { to: channel.partner, problem: String(error) });
  }
}

/** Tells when the shield goes up and down. */
function keepShield(log: Logger, clock: Clock, turn: (raised: boolean) => void) {
  let shield = lowered;
  const become = (next: Shield): void => {
    const before = shield;
    shield = next;
    if (next.raised === before.raised) return;
    if (next.raised && isNewFlood(before, clock.now()))
      log.info(`over ${mostInSecond} datagrams a second: the kernel leaves out what can not be the partner's`);
    turn(next.raised);
  };
  return {
    onArrival: () => {
      become(onArrival(shield, clock.now()));
    },
    onTime: () => {
      become(onTime(shield, clock.now()));
    },
    lower: () => {
      become(lowered);
    },
  };
}

/** What may be the partner's on this socket: either of its addresses is good. */
const partnersOwn = (ways: readonly Way[], { channel }: Way, auth: AuthMode): WantedDatagrams => ({
  senders: ways.map((way) => way.channel.partner).filter((each) => familyOf(each) === familyOf(channel.own)),
  ...(auth === 'require' ? signedDatagrams : { shortest: 0, bytes: [] }),
});

/** Without it a flood costs time, and that is all. */
function limit({ want, channel }: Way, datagrams: WantedDatagrams | undefined, log: Logger): void {
  const done = want(datagrams);
  if (!done.ok) log.warning('the kernel leaves nothing out', { channel: channel.name, problem: done.error });
}

/** From bytes to datagrams; counts what is dropped, and says it once. */
function datagramReader(log: Logger, key: () => Uint8Array | undefined, arrival: () => Instant) {
  let onDatagram: OnDatagram = () => undefined;
  let whyPast: WhyPast = () => undefined;
  let onNote: OnNote = () => undefined;
  const dropped = { strangers: 0, short: 0, incompatible: 0, malformed: 0, 'own-session': 0, 'old-sequence': 0 };
  const tell = onceEach(log.debug);
  const warn = onceEach(log.warning);
  const refuse = (why: BadDatagram, from: string): void => {
    dropped[why] += 1;
    warn(complaints[why], from);
  };
  return {
    dropStranger: (from: string) => {
      dropped.strangers += 1;
      tell(`Unexpected heartbeat from ${from}`, from);
    },
    read: (bytes: Uint8Array, from: string, channel: ChannelName) => {
      if (isNote(bytes)) {
        const note = decodeNote(bytes, key());
        if (note === 'malformed') refuse(note, from);
        else onNote(note, arrival());
        return;
      }
      const claim = claimOf(bytes);
      const past = claim === undefined ? undefined : whyPast(claim, channel);
      if (past !== undefined) {
        dropped[past] += 1;
        return;
      }
      const datagram = decodeDatagram(bytes, key());
      if (typeof datagram === 'string') refuse(datagram, from);
      else onDatagram(datagram, channel, arrival());
    },
    listen: (listener: OnDatagram, past: WhyPast) => {
      onDatagram = listener;
      whyPast = past;
    },
    listenToNotes: (listener: OnNote) => {
      onNote = listener;
    },
    counters: () => ({ ...dropped }),
  };
}

/** All or none, but for those whose address is not there while another one can be opened, or `all` are not missing. */
async function openAll(
  missing: readonly Place[],
  all: boolean,
  receive: Receive,
  log: Logger,
): Promise<Outcome<ReadonlyMap<string, OpenSocket>, string>> {
  const opened = new Map<string, OpenSocket>();
  let firstAbsent: string | undefined;
  for (const { channel, place, port } of missing) {
    const open = await openSocket(channel.own, port, (bytes, from) => {
      receive(place, bytes, from);
    });
    if (!open.ok) {
      firstAbsent ??= open.error.absent ? open.error.text : undefined;
      if (open.error.absent) continue;
      await closeAll([...opened.values()].map(({ socket }) => socket));
      return failure(open.error.text);
    }
    open.value.socket.socket.on('error', (error) => {
      log.warning('heartbeat socket', { channel: channel.name, problem: error.message });
    });
    opened.set(place, open.value);
  }
  return all && opened.size === 0 && firstAbsent !== undefined ? failure(firstAbsent) : success(opened);
}

async function openSocket(
  own: IpAddress,
  port: Port,
  onDatagram: (bytes: Uint8Array, from: string) => void,
): Promise<Outcome<OpenSocket, NoUdpSocket>> {
  const inVain = (problem: string, absent = false) =>
    failure({ text: `failed to bind to heartbeat address ${own} port ${port}: ${problem}`, absent });
  const opened = openUdpSocket(own, port);
  if (!opened.ok) return inVain(opened.error.text, opened.error.absent);
  const { fd, want } = opened.value;
  const socket = DgramAsPromised.createSocket(familyOf(own) === 4 ? 'udp4' : 'udp6', (bytes, { address }) => {
    onDatagram(bytes, address);
  });
  try {
    await socket.bind({ fd });
    socket.setRecvBufferSize(receiveBuffer);
    return success({ socket, want });
  } catch (error) {
    await closeAll([socket]);
    return inVain(String(error));
  }
}

/** One that does not close is left to the end of the process. */
const closeAll = async (sockets: readonly SocketAsPromised[]): Promise<void> => {
  await Promise.allSettled(sockets.map((socket) => socket.close()));
};

/** Says each of the first few things once: a stranger must not fill the log. */
function onceEach(say: LogLine): (text: string, from: string) => void {
  const told = new Set<string>();
  return (text, from) => {
    if (told.size >= mostTold || told.has(text)) return;
    told.add(text);
    say(text, { from });
  };
}
