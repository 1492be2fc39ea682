// The heartbeat's sockets: one for each channel, bound to our own address (reference/pulse §2.1 to §2.3).
import type { IpAddress, Outcome, Port } from '@piranha/domain';
import { endpoint, failure, familyOf, success } from '@piranha/domain';
import type { Logger, LogLine } from '@piranha/logging';
import type { BadDatagram, Datagram, Note, SignedNote, Trailer } from '@piranha/protocol';
import { decodeDatagram, decodeNote, encodeDatagram, encodeNote, isNote } from '@piranha/protocol';
import type { SocketAsPromised } from 'dgram-as-promised';
import { DgramAsPromised } from 'dgram-as-promised';
import type { Channel, ChannelName } from './state.ts';

/** The sockets of all channels; none before `use`. */
export type HeartbeatSockets = {
  /**
   * Has exactly these channels from now on. Sockets that stay are not touched; one that can not be opened changes
   * nothing, and the error names its address and the reason.
   */
  readonly use: (channels: readonly Channel[], port: Port) => Promise<Outcome<undefined, string>>;
  /** Signs it, and sends it to the partner on every channel; what can not be sent is lost, as the partner will notice. */
  readonly send: (trailer: Trailer) => void;
  /** From now on datagrams of the partner come here; before that what arrives is dropped. */
  readonly listen: (onDatagram: OnDatagram) => void;
  /** Signs it, and sends it to the partner on one channel. */
  readonly sendNote: (note: Note, channel: ChannelName) => void;
  /** From now on notes of the partner come here. */
  readonly listenToNotes: (onNote: OnNote) => void;
  /** From now on datagrams are signed and checked with this key; undefined: neither. */
  readonly useKey: (key: Uint8Array | undefined) => void;
  /** What was dropped so far. */
  readonly counters: () => DatagramCounters;
  readonly close: () => Promise<void>;
};

/** Takes a datagram of the partner and the channel that brought it. */
type OnDatagram = (datagram: Datagram, channel: ChannelName) => void;

type OnNote = (note: SignedNote) => void;

/** Datagrams of other senders, and those of the partner that could not be read. */
export type DatagramCounters = Readonly<Record<'strangers' | BadDatagram, number>>;

/** A channel and where it is bound on this machine. */
type Place = { readonly channel: Channel; readonly place: string; readonly port: Port };

/** A channel with its open socket. */
type Way = Place & { readonly socket: SocketAsPromised };

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
export function heartbeatSockets(log: Logger): HeartbeatSockets {
  let ways: readonly Way[] = [];
  let key: Uint8Array | undefined;
  const reader = datagramReader(log, () => key);
  const receive: Receive = (place, bytes, from) => {
    const way = ways.find((each) => each.place === place);
    // Either of the partner's addresses is good on either socket; everything else is dropped.
    if (way === undefined || !ways.some(({ channel }) => channel.partner === from)) reader.dropStranger(from);
    else reader.read(bytes, from, way.channel.name);
  };

  const use = async (channels: readonly Channel[], port: Port): Promise<Outcome<undefined, string>> => {
    const wanted = channels.map((channel): Place => ({ channel, port, place: endpoint(channel.own, port) }));
    const missing = wanted.filter((each) => !ways.some((way) => way.place === each.place));
    const opened = await openAll(missing, receive, log);
    if (!opened.ok) return opened;
    const before = ways;
    ways = wanted.flatMap((each) => {
      const socket = opened.value.get(each.place) ?? before.find((way) => way.place === each.place)?.socket;
      return socket === undefined ? [] : [{ ...each, socket }];
    });
    await closeAll(before.map((way) => way.socket).filter((socket) => !ways.some((way) => way.socket === socket)));
    return success(undefined);
  };

  const sendOn = async ({ socket, port, channel }: Way, datagram: Uint8Array): Promise<void> => {
    try {
      await socket.send(datagram, port, channel.partner);
    } catch (error) {
      log.debug('heartbeat not sent', { to: channel.partner, problem: String(error) });
    }
  };
  return {
    use,
    send: (trailer) => {
      const datagram = encodeDatagram(trailer, key);
      for (const way of ways) void sendOn(way, datagram);
    },
    sendNote: (note, name) => {
      const datagram = encodeNote(note, key);
      for (const way of ways.filter(({ channel }) => channel.name === name)) void sendOn(way, datagram);
    },
    listen: reader.listen,
    listenToNotes: reader.listenToNotes,
    useKey: (fresh) => {
      key = fresh;
    },
    counters: reader.counters,
    close: () => closeAll(ways.map((way) => way.socket)),
  };
}

/** From bytes to datagrams; counts what is dropped, and says it once. */
function datagramReader(log: Logger, key: () => Uint8Array | undefined) {
  let onDatagram: OnDatagram = () => undefined;
  let onNote: OnNote = () => undefined;
  const dropped = { strangers: 0, short: 0, incompatible: 0, malformed: 0 };
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
        else onNote(note);
        return;
      }
      const datagram = decodeDatagram(bytes, key());
      if (typeof datagram === 'string') refuse(datagram, from);
      else onDatagram(datagram, channel);
    },
    listen: (listener: OnDatagram) => {
      onDatagram = listener;
    },
    listenToNotes: (listener: OnNote) => {
      onNote = listener;
    },
    counters: () => ({ ...dropped }),
  };
}

/** All or none. */
async function openAll(
  missing: readonly Place[],
  receive: Receive,
  log: Logger,
): Promise<Outcome<ReadonlyMap<string, SocketAsPromised>, string>> {
  const opened = new Map<string, SocketAsPromised>();
  for (const { channel, place, port } of missing) {
    const socket = await openSocket(channel.own, port, (bytes, from) => {
      receive(place, bytes, from);
    });
    if (!socket.ok) {
      await closeAll([...opened.values()]);
      return socket;
    }
    socket.value.socket.on('error', (error) => {
      log.warning('heartbeat socket', { channel: channel.name, problem: error.message });
    });
    opened.set(place, socket.value);
  }
  return success(opened);
}

async function openSocket(
  own: IpAddress,
  port: Port,
  onDatagram: (bytes: Uint8Array, from: string) => void,
): Promise<Outcome<SocketAsPromised, string>> {
  const socket = DgramAsPromised.createSocket(familyOf(own) === 4 ? 'udp4' : 'udp6', (bytes, { address }) => {
    onDatagram(bytes, address);
  });
  try {
    await socket.bind(port, own);
    socket.setRecvBufferSize(receiveBuffer);
    return success(socket);
  } catch (error) {
    await closeAll([socket]);
    return failure(`failed to bind to heartbeat address ${own} port ${port}: ${String(error)}`);
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
